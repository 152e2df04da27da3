package io.hourledger.cli.instance;

import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./metering instance resolve}. */
@Command(
        name = "resolve",
        header = "Says what the order of an instance that waits means.",
        description = {
            "",
            "An order line with several products, or an order whose kind tells too little, waits for its --product. An upgrade or renewal"
                    + " that was not done for that reason does, too: name it, and then call it again from the marketplace's console.",
            "",
            "A package that stops when it is used up waits if more than one instance could be meant, or if nobody knows what it contains."
                    + " ./metering instance list shows why. A package with several items takes one --item for each.",
            "One that is open at the wrong instance is moved, as long as nothing was drawn from it.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is done, or would be with --yes",
            "1:it cannot be done so, the sentence says why",
            "2:the command line is wrong",
            "3:the pusher does not answer"
        },
        footer = {
            "",
            "Example: ./metering instance resolve INSTANCE --product web-requests --who li.wei --why 'the buyer said so' --yes",
            "Example: ./metering instance resolve PACKAGE --item web-egress-10=INSTANCE=10000 --who li.wei --why 'the buyer said so' --yes"
        })
final class ResolveInstanceCommand extends StackCommand {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int NAMED = 200;
    private static final int PACKAGE_OPENED = 204;

    @Parameters(paramLabel = "INSTANCE", description = "the instance id under which it waits")
    private String instanceId = "";

    @Option(
            names = "--product",
            paramLabel = "PRODUCT",
            description = "the product of the order line that is meant; not for a package")
    private @Nullable String product;

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            description = "the order of the upgrade or renewal, if several wait")
    private @Nullable String order;

    @Option(
            names = "--dismiss",
            description = "the upgrade or renewal of --order will not be done, for example since it was refunded")
    private boolean dismissed;

    @Option(
            names = "--item",
            paramLabel = "PRODUCT=INSTANCE[=AMOUNT]",
            description =
                    "the package's product, the pay-per-use instance that it is for, and what it contains in the meter's unit"
                            + " (default: what order and catalogue say)")
    private List<String> items = List.of();

    @Mixin
    private final OperatedPusher pusher = new OperatedPusher();

    @Mixin
    private final Person person = new Person();

    @Override
    public Integer call() throws IOException, InterruptedException {
        long said = Stream.of(!items.isEmpty(), product != null, dismissed)
                .filter(Boolean::booleanValue)
                .count();
        if (said != 1) {
            throw wrong("say --product, or --item if it is a package, or --dismiss if it will not be done");
        }
        if (dismissed && order == null) {
            throw wrong("say with --order what is dismissed");
        }
        if (dismissed) {
            return done(
                    "undone-changes",
                    "/dismiss",
                    "orderId",
                    Objects.requireNonNull(order),
                    "the change by order " + order + " would be dismissed");
        }
        return product == null ? resolvePackage() : nameProduct(product);
    }

    private int resolvePackage() throws IOException, InterruptedException {
        List<Map<String, Object>> choices = new ArrayList<>();
        for (String item : items) {
            choices.add(choice(item));
        }
        return done(
                "unopened-instances",
                "/package",
                "items",
                choices,
                "package " + instanceId + " would be opened for " + choices);
    }

    private int nameProduct(String productId) throws IOException, InterruptedException {
        return done(
                "unopened-instances",
                "/product",
                "productId",
                productId,
                "instance " + instanceId + " would be taken for " + productId);
    }

    private int done(String what, String path, String field, Object value, String plan)
            throws IOException, InterruptedException {
        DecidedBy by = person.decidedBy();
        if (!person.means()) {
            out().println("at " + pusher.described(stack) + ": " + plan + "; say --yes to do it");
            out().flush();
            return ExitCode.OK;
        }
        Map<String, Object> resolution = new LinkedHashMap<>();
        resolution.put("who", by.who());
        resolution.put("why", by.why());
        resolution.put(field, value);
        if (order != null) {
            resolution.put("orderId", order);
        }
        HttpResponse<String> answer = pusher.send(
                stack,
                pusher.request(stack, what + "/" + URLEncoder.encode(instanceId, StandardCharsets.UTF_8) + path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(resolution))));
        return switch (answer.statusCode()) {
            case PACKAGE_OPENED -> said("package " + instanceId + " is open");
            case NAMED -> said(JSON.readTree(answer.body()).path("detail").asString(""));
            default -> {
                err().println("metering: nothing was done for " + instanceId + ": "
                        + JSON.readTree(answer.body()).path("detail").asString("HTTP " + answer.statusCode()));
                err().flush();
                yield ExitCode.DIFFERENT;
            }
        };
    }

    private int said(String sentence) {
        out().println(sentence);
        out().flush();
        return ExitCode.OK;
    }

    private Map<String, Object> choice(String item) {
        String[] parts = item.split("=", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isBlank() || parts[1].isBlank()) {
            throw wrong("--item is PRODUCT=INSTANCE or PRODUCT=INSTANCE=AMOUNT, not " + item);
        }
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("productId", parts[0]);
        choice.put("instanceId", parts[1]);
        if (parts.length == 3) {
            try {
                choice.put("amount", new BigDecimal(parts[2]));
            } catch (NumberFormatException noAmount) {
                throw wrong("the amount of --item " + item + " is no decimal");
            }
        }
        return choice;
    }
}
