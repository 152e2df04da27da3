package io.hourledger.cli.instance;

import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./metering account try}: asked of the pusher, which alone has the account's keys. */
@Command(
        name = "try",
        header = "Tries an account's hosts, clock and keys before its first record. Nothing of it can be billed.",
        description = {
            "",
            "Its calls carry an empty list of usage records. Nothing is stored or reported, and no record is touched.",
            "One call is signed with a key that nobody has: only if that is refused, the account's key is known to be good.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is ok",
            "1:something is not ok",
            "2:the command line is wrong",
            "3:the pusher does not answer, or does not know the account",
            "4:nothing is wrong, and something could not be told"
        },
        footer = {"", "Example: ./metering account try intl --record"})
public final class TryAccountCommand extends StackCommand {

    private static final int FOUND = 200;

    @Parameters(paramLabel = "NAME", description = "the seller account, as the pusher's settings name it")
    private String account = "";

    @Option(
            names = "--record",
            description =
                    "also send one record of 0.0001 for an instance whose id is drawn at random and that nobody has:"
                            + " only that tries a record's form; the seller console may list it as rejected")
    private boolean record;

    @Mixin
    private final OperatedPusher pusher = new OperatedPusher();

    @Override
    public Integer call() throws IOException, InterruptedException {
        String path = "accounts/" + URLEncoder.encode(account, StandardCharsets.UTF_8) + "/try?record=" + record;
        HttpResponse<String> answer =
                pusher.send(stack, pusher.request(stack, path).POST(HttpRequest.BodyPublishers.noBody()));
        JsonNode checks = JsonMapper.shared().readTree(answer.body());
        if (answer.statusCode() != FOUND) {
            throw new IOException(checks.path("detail").asString("HTTP " + answer.statusCode()));
        }
        return print(out(), checks);
    }

    /** A line for each check, and the exit code that they come to. */
    static int print(PrintWriter out, JsonNode checks) {
        int exitCode = ExitCode.OK;
        for (JsonNode check : checks) {
            String state = check.path("state").asString("");
            String toDo = check.path("toDo").asString("");
            out.println(state.toLowerCase(Locale.ROOT).replace('_', ' ') + "  "
                    + check.path("what").asString("") + ": "
                    + check.path("found").asString("")
                    + (toDo.isEmpty() ? "" : ". To do: " + toDo));
            if (state.equals("NOT_OK")) {
                exitCode = ExitCode.DIFFERENT;
            } else if (!state.equals("OK") && exitCode == ExitCode.OK) {
                exitCode = ExitCode.NOT_ALL;
            }
        }
        out.flush();
        return exitCode;
    }
}
