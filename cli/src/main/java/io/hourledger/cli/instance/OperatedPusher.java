package io.hourledger.cli.instance;

import io.hourledger.standalone.stack.Service;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The pusher that an operator asks: of any installation by its address and token, else of the stack of this machine. */
final class OperatedPusher {

    private static final String URL = "--url";
    private static final String DATA_DIR = "--data-dir";
    private static final String TOKEN_FILE = "hourledger.operator-token";

    @Option(
            names = URL,
            paramLabel = "URL",
            defaultValue = "${env:METERING_PUSHER_URL}",
            description =
                    "the pusher, such as http://gallery-pusher:8083 (default: that of the stack in --data-dir if that is said,"
                            + " else $METERING_PUSHER_URL, else that of the stack)")
    private @Nullable URI url;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:METERING_OPERATOR_TOKEN}",
            description =
                    "its hourledger.operator-token, if --url is said; others on this machine see the command line, so"
                            + " say it by the variable or the file (default: $METERING_OPERATOR_TOKEN, else --secrets)")
    private @Nullable String token;

    @Option(
            names = "--secrets",
            paramLabel = "DIR",
            defaultValue = "${env:METERING_SECRETS}",
            description = "a folder with the token in a file " + TOKEN_FILE + " (default: $METERING_SECRETS)")
    private @Nullable Path secrets;

    /** Of which command; null outside of a command line. */
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** Which one it is, for people. */
    String described(RunningStack stack) {
        URI named = named();
        return named == null ? "the pusher of the stack in " + stack.dataDir() : "the pusher at " + named;
    }

    /** A request to this path of the operator's, with the token. */
    HttpRequest.Builder request(RunningStack stack, String path) throws IOException {
        URI named = named();
        URI pusher = named == null ? stack.address(Service.PUSHER) : named;
        return HttpRequest.newBuilder(pusher.resolve("/operator/pusher/" + path))
                .header(
                        "Authorization",
                        "Bearer " + (named == null ? stack.secrets().operatorToken() : token()));
    }

    /**
     * @throws IOException if nothing answers, with a sentence that says what to do
     */
    HttpResponse<String> send(RunningStack stack, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return named() != null
                ? RunningStack.send(request, "no pusher answers at " + url + "; see whether it runs, and --url")
                : stack.send(request);
    }

    /**
     * Null if the installation on this machine is meant: an empty variable names none. What is said on the command line holds, whatever a
     * variable of the shell names.
     */
    private @Nullable URI named() {
        boolean isStackSaid = isSaid(DATA_DIR);
        if (command != null && isStackSaid && isSaid(URL)) {
            throw new ParameterException(
                    command.commandLine(), "say --url or --data-dir, not both: each of them names a pusher");
        }
        return isStackSaid || url == null || url.toString().isBlank() ? null : url;
    }

    private boolean isSaid(String option) {
        return command != null && command.commandLine().getParseResult().hasMatchedOption(option);
    }

    private String token() throws IOException {
        if (token != null && !token.isBlank()) {
            return token;
        }
        if (secrets == null) {
            throw new IOException("no token for " + url
                    + ": say it by METERING_OPERATOR_TOKEN, or by --secrets DIR with a" + " file " + TOKEN_FILE);
        }
        Path file = secrets.resolve(TOKEN_FILE);
        if (!Files.isReadable(file)) {
            throw new IOException("no token for " + url + ": there is no " + file + " that can be read");
        }
        return Files.readString(file).strip();
    }
}
