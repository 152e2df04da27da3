package io.hourledger.cli.instance;

import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./metering instance list}. */
@Command(
        name = "list",
        header = "Lists what was ordered and is not open or not done yet, with the reason, oldest first.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything is open and done",
            "1:something waits",
            "2:the command line is wrong",
            "3:the pusher does not answer"
        },
        footer = {"", "What waits for a person: ./metering instance resolve --help"})
final class ListUnopenedCommand extends StackCommand {

    private static final int FOUND = 200;

    @Mixin
    private final OperatedPusher pusher = new OperatedPusher();

    @Override
    public Integer call() throws IOException, InterruptedException {
        JsonNode unopened = asked("unopened-instances");
        PrintWriter out = out();
        for (JsonNode one : unopened) {
            line(out, one, one.path("state").asString(""));
        }
        JsonNode undone = asked("undone-changes");
        for (JsonNode one : undone) {
            line(out, one, one.path("kind").asString("") + " not done");
        }
        out.flush();
        return unopened.isEmpty() && undone.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    private JsonNode asked(String what) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                pusher.send(stack, pusher.request(stack, what + "?limit=1000").GET());
        if (answer.statusCode() != FOUND) {
            throw new IOException("the pusher does not say what waits: HTTP " + answer.statusCode());
        }
        return JsonMapper.shared().readTree(answer.body());
    }

    private static void line(PrintWriter out, JsonNode one, String state) {
        out.println(one.path("instanceId").asString("") + "  " + state + " since "
                + one.path("firstCalledAt").asString("") + "  account "
                + one.path("account").asString("") + " order "
                + one.path("orderId").asString("") + " line "
                + one.path("orderLineId").asString("") + ": "
                + one.path("reason").asString(""));
    }
}
