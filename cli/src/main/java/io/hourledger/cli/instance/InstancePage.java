package io.hourledger.cli.instance;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The pusher's page of one instance. */
final class InstancePage {

    private static final int FOUND = 200;
    private static final int NOT_FOUND = 404;

    private InstancePage() {}

    /**
     * Reads it; empty if nobody has ordered or opened such an instance.
     *
     * @param hours how many closed hours, the newest first
     * @throws IOException if the pusher does not answer
     */
    static Optional<JsonNode> read(OperatedPusher pusher, RunningStack stack, String instance, int hours)
            throws IOException, InterruptedException {
        String path = "instances/" + URLEncoder.encode(instance, StandardCharsets.UTF_8) + "?hours=" + hours;
        HttpResponse<String> answer =
                pusher.send(stack, pusher.request(stack, path).GET());
        return switch (answer.statusCode()) {
            case FOUND -> Optional.of(JsonMapper.shared().readTree(answer.body()));
            case NOT_FOUND -> Optional.empty();
            default ->
                throw new IOException("the pusher does not show instance " + instance + ": HTTP " + answer.statusCode()
                        + "; try again in a moment");
        };
    }
}
