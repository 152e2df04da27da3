package io.hourledger.cli.catalogue;

import static java.util.stream.Collectors.toMap;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterDefinitions;
import io.hourledger.contracts.usage.Product;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./metering catalogue diff}. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Says what a new version of a catalogue changes, and what that does to a running installation.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:both measure and sell the same",
            "1:they differ, or one of them is no catalogue",
            "2:the command line is wrong",
            "3:a file cannot be read"
        },
        footer = {"", "Example: ./metering catalogue diff config/catalogue.json new.json"})
final class CatalogueDiffCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "OLD", description = "the catalogue that services run with")
    private @Nullable Path old;

    @Parameters(index = "1", paramLabel = "NEW", description = "the one that is to follow it")
    private @Nullable Path next;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        List<String> differences = differences(Objects.requireNonNull(old), Objects.requireNonNull(next));
        if (differences.isEmpty()) {
            out.println("both measure and sell the same");
        }
        differences.forEach(out::println);
        out.flush();
        return differences.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private static List<String> differences(Path old, Path next) {
        CatalogueReading was = CatalogueReading.of(old);
        CatalogueReading is = CatalogueReading.of(next);
        if (was instanceof CatalogueReading.Valid(Catalogue before)
                && is instanceof CatalogueReading.Valid(Catalogue after)) {
            return differences(before, after);
        }
        List<String> invalid = new ArrayList<>();
        addIfInvalid(invalid, old, was);
        addIfInvalid(invalid, next, is);
        return invalid;
    }

    private static void addIfInvalid(List<String> sentences, Path file, CatalogueReading reading) {
        if (reading instanceof CatalogueReading.Invalid(String sentence)) {
            sentences.add(file + ": " + sentence);
        }
    }

    private static List<String> differences(Catalogue was, Catalogue is) {
        List<String> differences = new ArrayList<>();
        differences.addAll(changes(
                "meter",
                wordsByName(was.meters(), Meter::name, CatalogueWords::of),
                wordsByName(is.meters(), Meter::name, CatalogueWords::of),
                new Effects(
                        "; the hours before its version stay as they were",
                        "; its hours before that version are finished, later events of it are not counted")));
        differences.addAll(changes(
                "product",
                wordsByName(was.products(), Product::productId, CatalogueWords::of),
                wordsByName(is.products(), Product::productId, CatalogueWords::of),
                new Effects(
                        "; instances that are open keep the product as it was",
                        "; instances that are open keep it, and no new one can be ordered")));
        boolean sameMeters = MeterDefinitions.of(was).equals(MeterDefinitions.of(is));
        if (!sameMeters && is.version() <= was.version()) {
            differences.add("version " + is.version() + " does not follow version " + was.version()
                    + ": a catalogue with other meters needs a higher number");
        }
        return differences;
    }

    /** What a change or an end does to what runs. */
    private record Effects(String ofChange, String ofEnd) {}

    private static <T> Map<String, String> wordsByName(
            Iterable<T> all, Function<T, String> name, Function<T, String> words) {
        List<T> listed = new ArrayList<>();
        all.forEach(listed::add);
        return listed.stream().collect(toMap(name, words, (first, second) -> first, LinkedHashMap::new));
    }

    private static List<String> changes(String kind, Map<String, String> was, Map<String, String> is, Effects effects) {
        Set<String> names = new LinkedHashSet<>(was.keySet());
        names.addAll(is.keySet());
        List<String> changes = new ArrayList<>();
        for (String name : names) {
            String before = was.get(name);
            String after = is.get(name);
            if (before == null) {
                changes.add("+ " + kind + " " + name + ": " + after);
            } else if (after == null) {
                changes.add("- " + kind + " " + name + effects.ofEnd);
            } else if (!before.equals(after)) {
                changes.add("~ " + kind + " " + name + ": was " + before + "; is " + after + effects.ofChange);
            }
        }
        return changes;
    }
}
