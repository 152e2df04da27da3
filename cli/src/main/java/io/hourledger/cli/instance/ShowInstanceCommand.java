package io.hourledger.cli.instance;

import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code ./metering instance show}. */
@Command(
        name = "show",
        header =
                "Shows all that is known of one instance: its life, its hours, its packages, and what waits for a person.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is open, and nothing of it waits for a person",
            "1:it is not open, or something of it waits for a person",
            "2:the command line is wrong",
            "3:the pusher does not answer"
        },
        footer = {"", "Example: ./metering instance show INSTANCE --hours 48"})
final class ShowInstanceCommand extends StackCommand {

    @Parameters(paramLabel = "INSTANCE", description = "its id")
    private String instance = "";

    @Option(
            names = "--hours",
            paramLabel = "N",
            defaultValue = "12",
            description = "so many closed hours, the newest first (default: ${DEFAULT-VALUE}, at most 200)")
    private int hours;

    @Mixin
    private final OperatedPusher pusher = new OperatedPusher();

    @Option(names = "--json", description = "as JSON, as the pusher's page has it")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<JsonNode> page = InstancePage.read(pusher, stack, instance, hours);
        if (page.isEmpty()) {
            err().println("metering: nobody has ordered or opened an instance " + instance);
            err().flush();
            return ExitCode.DIFFERENT;
        }
        JsonNode shown = page.get();
        PrintWriter out = out();
        if (json) {
            out.println(shown);
        } else if (isOpen(shown)) {
            show(shown, out);
        } else {
            out.printf(
                    "Instance %s is not open: %s since %s, order %s line %s: %s%n",
                    instance,
                    text(shown, "state"),
                    text(shown, "firstCalledAt"),
                    text(shown, "orderId"),
                    text(shown, "orderLineId"),
                    text(shown, "reason"));
        }
        out.flush();
        return isOpen(shown) && shown.path("waitsForAPerson").isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private static boolean isOpen(JsonNode shown) {
        return shown.has("openedAt");
    }

    private static void show(JsonNode shown, PrintWriter out) {
        String openedBy = text(shown, "openedBy");
        out.printf(
                "Instance %s is %s: product %s, meter %s, for %s%n",
                text(shown, "instanceId"),
                text(shown, "state"),
                text(shown, "productId"),
                text(shown, "meter"),
                text(shown, "buyerId"));
        if (openedBy.isEmpty()) {
            out.printf("  order %s line %s%n", text(shown, "orderId"), text(shown, "orderLineId"));
        } else {
            out.printf("  opened without a marketplace by %s: its usage is never billed%n", openedBy);
        }
        if (shown.path("test").asBoolean()) {
            out.println("  a test instance of the marketplace: its usage is never billed");
        }
        showLife(shown, out);
        out.printf(
                "  where the buyer logs in: %s %s%n",
                text(shown.path("appInfo"), "from"), text(shown.path("appInfo"), "frontEndUrl"));
        showUsage(shown.path("usage"), out);
        for (JsonNode reached : shown.path("thresholdsReached")) {
            out.printf(
                    "  threshold %s: %s percent told, of %s since %s%n",
                    text(reached, "threshold"),
                    reached.path("percent").asInt(),
                    text(reached, "packageInstanceId").isEmpty() ? "the period" : text(reached, "packageInstanceId"),
                    text(reached, "from"));
        }
        for (JsonNode waits : shown.path("waitsForAPerson")) {
            out.println("  waits for a person: " + waits.asString(""));
        }
    }

    private static void showLife(JsonNode shown, PrintWriter out) {
        out.printf("  opened %s%n", text(shown, "openedAt"));
        for (JsonNode pause : shown.path("pauses")) {
            out.printf("  %s from %s to %s%n", text(pause, "reason"), text(pause, "from"), orNow(pause, "to"));
        }
        if (shown.path("products").size() > 1) {
            for (JsonNode product : shown.path("products")) {
                out.printf(
                        "  %s (%s) from %s%n",
                        text(product, "productId"), text(product, "chargingMode"), text(product, "from"));
            }
        }
        if (!text(shown, "releasedAt").isEmpty()) {
            out.printf("  released %s%n", text(shown, "releasedAt"));
        }
    }

    private static void showUsage(JsonNode usage, PrintWriter out) {
        String unit = text(usage, "unit");
        for (JsonNode held : usage.path("packages")) {
            out.printf(
                    "  package %s: %s of %s %s left%n",
                    text(held, "packageInstanceId"), text(held, "left"), text(held, "contained"), unit);
        }
        for (JsonNode hour : usage.path("openHours")) {
            out.printf("  %s  %s %s so far, open%n", text(hour, "hour"), text(hour, "amount"), unit);
        }
        for (JsonNode hour : usage.path("closedHours")) {
            out.printf("  %s  %s %s%s%n", text(hour, "hour"), text(hour, "amount"), unit, outcome(hour));
        }
    }

    /** Its revision if it is a later one, its records with their states, and what is withheld of it. */
    private static String outcome(JsonNode hour) {
        StringBuilder outcome = new StringBuilder();
        if (hour.path("revision").asInt() > 0) {
            outcome.append(", revision ").append(hour.path("revision").asInt());
        }
        for (JsonNode record : hour.path("records")) {
            outcome.append(", ").append(text(record, "amount")).append(' ').append(text(record, "state"));
        }
        if (!text(hour, "withheldReason").isEmpty()) {
            outcome.append(", ")
                    .append(text(hour, "withheld"))
                    .append(" withheld: ")
                    .append(text(hour, "withheldReason"));
        }
        return outcome.toString();
    }

    private static String orNow(JsonNode json, String name) {
        return text(json, name).isEmpty() ? "now" : text(json, name);
    }

    private static String text(JsonNode json, String name) {
        return json.path(name).asString("");
    }
}
