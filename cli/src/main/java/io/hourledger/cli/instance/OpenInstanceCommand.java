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
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is open",
            "1:it was ordered, but could not be opened",
            "2:the command line is wrong",
            "3:the stack does not answer"
        },
        footer = {"", "Example: ./metering instance open --buyer acme --product web-egress"})
final class OpenInstanceCommand extends StackCommand {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int WAIT_SECONDS = 30;

    @Option(
            names = "--buyer",
            paramLabel = "NAME",
            defaultValue = "acme",
            description = "who buys (default: ${DEFAULT-VALUE})")
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

    @Override
    public Integer call() throws IOException, InterruptedException {
        Catalogue catalogue = stack.catalogue();
        Product product = product(catalogue);
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
                "Instance %s of buyer %s is open: product %s, billed by the meter %s in %s.%n",
                instance, buyer, product.productId(), meter.name(), meter.unit());
        err.printf("Send it usage:        ./metering instance send %s --data-dir %s%n", instance, stack.dataDir());
        err.printf("or as an app does it: %s%n", UsageExample.curl(stack, instance, meter));
        err.printf("See its hours:        ./metering ledger hours %s --data-dir %s%n", instance, stack.dataDir());
        err.flush();
        out.flush();
    }
}
