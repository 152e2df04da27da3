package io.hourledger.cli.instance;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.Product;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.Service;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./metering instance open}. */
@Command(
        name = "open",
        header = "Opens an instance in a stack that runs.",
        description = {
            "",
            "Places an order in the stand-in for the marketplace, which calls the pusher as the marketplace does. The same buyer and"
                    + " product again give the same instance.",
            "",
            "With --without-marketplace nobody orders it: for an app that meters before it sells, for a trial, for a test. Its usage is"
                    + " counted and shown, and never billed. A buyer who orders later gets an instance of its own.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is open, or would be with --yes",
            "1:it could not be opened",
            "2:the command line is wrong",
            "3:the stack does not answer"
        },
        footer = {
            "",
            "Example: ./metering instance open --buyer acme --product web-egress",
            "Example: ./metering instance open --without-marketplace trial-1 --product web-egress --who li.wei --why 'a trial' --yes"
        })
final class OpenInstanceCommand extends StackCommand {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int WAIT_SECONDS = 30;
    private static final int NO_CONTENT = 204;

    @Option(
            names = "--buyer",
            paramLabel = "NAME",
            defaultValue = "acme",
            description = "who buys, or uses it (default: ${DEFAULT-VALUE})")
    private String buyer = "acme";

    @Option(names = "--product", paramLabel = "ID", description = "a product of the catalogue (default: its first)")
    private @Nullable String productId;

    @Option(
            names = "--size",
            paramLabel = "AMOUNT",
            description =
                    "of a package: what it contains, in whole units of its meter (default: as the catalogue says)")
    private @Nullable Integer size;

    @Option(
            names = "--order",
            paramLabel = "NAME",
            defaultValue = "1",
            description = "another name is another order of the same product (default: ${DEFAULT-VALUE})")
    private String order = "1";

    @ArgGroup(exclusive = false, heading = "%nWithout a marketplace:%n")
    private @Nullable Unsold unsold;

    /** Says that nobody has ordered it, and who opens it all the same. */
    static final class Unsold {

        @Option(
                names = "--without-marketplace",
                paramLabel = "INSTANCE",
                required = true,
                description = "the id of an instance that nobody has ordered")
        private String instance = "";

        @Option(names = "--who", paramLabel = "NAME", required = true, description = "who opens it; kept")
        private String who = "";

        @Option(names = "--why", paramLabel = "TEXT", required = true, description = "why; kept")
        private String why = "";

        @Option(names = "--yes", description = "do it; without, it is only shown")
        private boolean yes;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Catalogue catalogue = stack.catalogue();
        Product product = product(catalogue);
        if (unsold != null) {
            return open(unsold, product, catalogue.meter(product.meter()).orElseThrow());
        }
        HttpResponse<String> answer = stack.send(
                HttpRequest.newBuilder(stack.address(Service.SIMULATOR).resolve("/sim/orders"))
                        .header("Authorization", "Bearer " + stack.secrets().operatorToken())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(order(product)))));
        if (answer.statusCode() != 200) {
            throw new IOException("the marketplace's stand-in did not take the order: HTTP " + answer.statusCode() + " "
                    + answer.body());
        }
        JsonNode line = JSON.readTree(answer.body()).path("lines").path(0);
        String instance = line.path("instanceId").asString("");
        if (!line.path("state").asString("").equals("done") || instance.isEmpty()) {
            err().println(
                            "metering: the order is placed, and the instance is not open yet; the pusher's last answer was: "
                                    + line.path("lastAnswer").asString("none")
                                    + ". The marketplace calls it again by itself: give the same command once more");
            return ExitCode.DIFFERENT;
        }
        tell(instance, product, catalogue.meter(product.meter()).orElseThrow());
        return ExitCode.OK;
    }

    private int open(Unsold one, Product product, Meter meter) throws IOException, InterruptedException {
        if (!one.yes) {
            out().println("instance " + one.instance + " of product " + product.productId()
                    + " would be opened without a marketplace; say --yes to do it");
            out().flush();
            return ExitCode.OK;
        }
        HttpResponse<String> answer =
                stack.send(HttpRequest.newBuilder(stack.address(Service.PUSHER).resolve("/operator/pusher/instances"))
                        .header("Authorization", "Bearer " + stack.secrets().operatorToken())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of(
                                "instanceId", one.instance,
                                "productId", product.productId(),
                                "userId", buyer,
                                "who", one.who,
                                "why", one.why)))));
        if (answer.statusCode() != NO_CONTENT) {
            err().println("metering: instance " + one.instance + " is not opened: "
                    + JSON.readTree(answer.body()).path("detail").asString("HTTP " + answer.statusCode()));
            err().flush();
            return ExitCode.DIFFERENT;
        }
        tell(one.instance, product, meter);
        return ExitCode.OK;
    }

    private Product product(Catalogue catalogue) {
        if (productId == null) {
            return catalogue.products().stream().findFirst().orElseThrow(() -> wrong("the catalogue has no product"));
        }
        return catalogue
                .product(productId)
                .orElseThrow(() -> wrong("there is no product " + productId + " in the catalogue; it has "
                        + catalogue.products().stream().map(Product::productId).toList()));
    }

    private Map<String, Object> order(Product product) {
        Map<String, Object> ordered = new LinkedHashMap<>();
        ordered.put("productId", product.productId());
        if (size != null) {
            ordered.put("linearValue", size);
        }
        boolean isPackage = product.chargingMode() == ChargingMode.ON_DEMAND_PKG;
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("chargingMode", product.chargingMode().name());
        line.put("stopWhenUsedUp", isPackage);
        line.put("products", List.of(ordered));
        return Map.of(
                "derivedIds",
                true,
                "waitSeconds",
                WAIT_SECONDS,
                "orders",
                List.of(Map.of(
                        "name",
                        buyer + "/" + product.productId() + (order.equals("1") ? "" : "/" + order),
                        "buyerId",
                        buyer,
                        "lines",
                        List.of(line))));
    }

    private void tell(String instance, Product product, Meter meter) throws IOException {
        PrintWriter out = out();
        out.println(instance);
        PrintWriter err = err();
        if (product.chargingMode() == ChargingMode.ON_DEMAND_PKG) {
            err.printf(
                    "Package %s of buyer %s is open: product %s. It pays for usage of the buyer's instance with the meter %s.%n",
                    instance, buyer, product.productId(), meter.name());
            err.flush();
            out.flush();
            return;
        }
        err.printf(
                "Instance %s of %s is open: product %s, %s by the meter %s in %s.%n",
                instance,
                unsold == null ? "buyer " + buyer : buyer,
                product.productId(),
                unsold == null ? "billed" : "counted and never billed",
                meter.name(),
                meter.unit());
        err.printf("Send it usage:        ./metering instance send %s --data-dir %s%n", instance, stack.dataDir());
        err.printf("or as an app does it: %s%n", UsageExample.curl(stack, instance, meter));
        err.printf("See all of it:        ./metering instance show %s --data-dir %s%n", instance, stack.dataDir());
        err.printf("See its hours:        ./metering ledger hours %s --data-dir %s%n", instance, stack.dataDir());
        err.flush();
        out.flush();
    }
}
