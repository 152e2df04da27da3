package io.hourledger.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The two ingests, as an app that knows both addresses sees them. */
final class IngestClient {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(2);

    /** Longer than ingest itself waits for the log, so that its own answer is heard. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_WITHIN)
            .build();

    private final String apiKey;

    IngestClient(String apiKey) {
        this.apiKey = apiKey;
    }

    /**
     * What became of a batch; what is neither accepted nor refused must be sent again.
     *
     * @param refused why the first one was, if any was
     */
    record Answer(BitSet accepted, BitSet refused, Optional<String> why) {}

    /**
     * Hands in a batch.
     *
     * @param json an array of events
     * @throws IOException if it is not known what became of any of them
     */
    Answer send(URI ingest, String json, int events) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(ingest.resolve("/v1/usage-events"))
                .timeout(ANSWER_WITHIN)
                .header("Content-Type", "application/cloudevents-batch+json")
                .header("Authorization", "Bearer " + apiKey)
                .header("Prefer", "return=minimal")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        try {
            JsonNode body = JSON.readTree(response.body());
            return assess(response.statusCode(), body, events);
        } catch (JacksonException notAnAnswer) {
            throw new IOException("an answer that is not JSON, HTTP " + response.statusCode(), notAnAnswer);
        }
    }

    /** Believes the status: 202 for all kept, 503 for send all again. Only a 400 has items to look at. */
    private static Answer assess(int status, JsonNode body, int events) throws IOException {
        BitSet accepted = new BitSet(events);
        BitSet refused = new BitSet(events);
        if (status == 503 || status == 429) {
            return new Answer(accepted, refused, Optional.empty());
        }
        JsonNode items = body.path("items");
        if (status != 202 && !(status == 400 && items.isArray())) {
            throw new IOException("HTTP " + status + " " + body);
        }
        accepted.set(0, events);
        if (status == 400) {
            items.forEach(item -> refused.set(item.path("index").asInt()));
            accepted.andNot(refused);
        }
        return new Answer(
                accepted, refused, refused.isEmpty() ? Optional.empty() : Optional.of(String.valueOf(items.get(0))));
    }
}
