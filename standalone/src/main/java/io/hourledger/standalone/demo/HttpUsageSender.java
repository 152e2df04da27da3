package io.hourledger.standalone.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ingest, as any SaaS app sees it: {@code POST /v1/usage-events} with a batch of CloudEvents. */
final class HttpUsageSender implements UsageSender {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long RETRY_NANOS = Duration.ofMillis(200).toNanos();
    private static final long LONGEST_RETRY_SECONDS = 30;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient client;
    private final URI address;
    private final String apiKey;

    HttpUsageSender(HttpClient client, URI ingest, String apiKey) {
        this.client = client;
        this.address = ingest.resolve("/v1/usage-events");
        this.apiKey = apiKey;
    }

    @Override
    public Answer send(List<String> events) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/cloudevents-batch+json")
                .header("Authorization", "Bearer " + apiKey)
                .header("Prefer", "return=minimal")
                .POST(HttpRequest.BodyPublishers.ofString("[" + String.join(",\n", events) + "]"))
                .build();
        HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        return switch (response.statusCode()) {
            case 202, 400 -> assessed(response);
            case 429, 503 -> new Answer.SendAgain(retryAfterNanos(response), "HTTP " + response.statusCode());
            case 401, 403, 413, 415 ->
                throw new IllegalStateException(
                        "ingest does not understand the demo: HTTP " + response.statusCode() + " " + text(response));
            default -> throw new IOException("ingest answered HTTP " + response.statusCode());
        };
    }

    private static Answer assessed(HttpResponse<byte[]> response) throws IOException {
        JsonNode answer;
        try {
            answer = JSON.readTree(response.body());
        } catch (JacksonException notJson) {
            throw new IOException("ingest's answer is not JSON", notJson);
        }
        if (!answer.path("items").isArray()) {
            throw new IllegalStateException("ingest refused a whole batch: " + text(response));
        }
        List<String> refused = new ArrayList<>();
        for (JsonNode item : answer.path("items")) {
            refused.add(item.path("code").asString("unknown"));
        }
        return new Answer.Assessed(answer.path("accepted").asInt(0), refused);
    }

    private static long retryAfterNanos(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(seconds -> seconds.matches("\\d{1,4}"))
                .map(seconds -> Duration.ofSeconds(Math.min(LONGEST_RETRY_SECONDS, Long.parseLong(seconds)))
                        .toNanos())
                .orElse(RETRY_NANOS);
    }

    private static String text(HttpResponse<byte[]> response) {
        String body = new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
        return body.length() <= 500 ? body : body.substring(0, 500) + "…";
    }
}
