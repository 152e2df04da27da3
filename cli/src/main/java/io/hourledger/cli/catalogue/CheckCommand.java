package io.hourledger.cli.catalogue;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./metering catalogue check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Says in words what a catalogue measures and sells, or why no service would start with it.",
        description = {
            "",
            "It reads the file alone. What a running installation has counted is compared when the aggregator starts.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:services can start with it",
            "1:they cannot; a sentence says why",
            "2:the command line is wrong",
            "3:the file cannot be read"
        },
        footer = {"", "Example: ./metering catalogue check config/catalogue.json"})
final class CheckCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "a catalogue, such as config/catalogue.json")
    private @Nullable Path file;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        return switch (CatalogueReading.of(Objects.requireNonNull(file))) {
            case CatalogueReading.Invalid(String sentence) -> {
                spec.commandLine().getErr().println("metering: " + file + ": " + sentence);
                yield ExitCode.DIFFERENT;
            }
            case CatalogueReading.Valid(Catalogue catalogue) -> {
                say(catalogue, out);
                yield ExitCode.OK;
            }
        };
    }

    private static void say(Catalogue catalogue, PrintWriter out) {
        out.println("version " + catalogue.version());
        for (Meter meter : catalogue.meters()) {
            out.println();
            out.println("meter " + meter.name() + ": " + CatalogueWords.of(meter));
            List<Product> products = catalogue.products().stream()
                    .filter(product -> product.meter().equals(meter.name()))
                    .toList();
            products.forEach(product -> out.println(
                    "  product " + product.productId() + ": " + CatalogueWords.of(product) + consequence(product)));
            if (products.isEmpty()) {
                out.println("  no product is measured by it: what it counts is on no bill"
                        + (meter.filter().isEmpty() ? "" : ", and what only such meters read is free"));
            }
        }
        catalogue.filteredTypes().forEach(type -> {
            out.println();
            out.println(
                    "type " + type + ": an event that no filter takes is filtered out: it is on no bill and waits for"
                            + " nobody; GET /v1/partitions says how many there are");
        });
        out.flush();
    }

    private static String consequence(Product product) {
        return product.pricingMode() == PricingMode.VOLUME
                ? "; its price depends on how usage is cut, so a further record of an hour is withheld"
                : "";
    }
}
