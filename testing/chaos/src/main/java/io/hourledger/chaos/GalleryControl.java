package io.hourledger.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The simulator's operator door: places orders, tells it to misbehave, reads what it billed. */
final class GalleryControl {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(150);
    private static final int OPENED_WITHIN_SECONDS = 120;
    private static final int OFTEN = 1_000_000;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI simulator;
    private final String operatorToken;

    GalleryControl(URI simulator, String operatorToken) {
        this.simulator = simulator;
        this.operatorToken = operatorToken;
    }

    /**
     * Buyers order, each one line of each product; returns when the seller has opened all of them.
     *
     * @param name the buyers' names begin with it; instances of two marketplaces need two
     * @throws IOException if not all of them are open in time
     */
    List<LoadInstance> open(String name, int buyers) throws IOException, InterruptedException {
        List<Map<String, Object>> orders = new ArrayList<>();
        for (int i = 1; i <= buyers; i++) {
            String buyer = String.format(Locale.ROOT, "%s-%04d", name, i);
            orders.add(Map.of(
                    "name",
                    buyer,
                    "buyerId",
                    buyer,
                    "lines",
                    Stream.of(LoadMeter.values()).map(GalleryControl::line).toList()));
        }
        JsonNode placed = call(
                "POST",
                "/sim/orders",
                Map.of("derivedIds", true, "waitSeconds", OPENED_WITHIN_SECONDS, "orders", orders));
        List<LoadInstance> instances = new ArrayList<>();
        for (JsonNode line : placed.path("lines")) {
            String instance = line.path("instanceId").asString("");
            if (instance.isEmpty()) {
                throw new IOException("an order line was not opened: " + line);
            }
            instances.add(new LoadInstance(
                    instance, LoadMeter.ofProduct(line.path("productId").asString(""))));
        }
        if (instances.size() != LoadMeter.values().length * buyers) {
            throw new IOException(instances.size() + " lines came back for " + buyers + " orders");
        }
        return instances;
    }

    private static Map<String, Object> line(LoadMeter meter) {
        return Map.of("products", List.of(Map.of("productId", meter.product())));
    }

    /**
     * Misbehaviour that a correct pusher comes through without a doubt left: every one either keeps nothing, or keeps everything and lets the
     * identical record be sent again. The seed decides which of the two documented answers to single records the gallery gives, too.
     */
    void misbehave(long seed) throws IOException, InterruptedException {
        call(
                "PUT",
                "/sim/settings",
                Map.of("answerModel", new Random(seed).nextBoolean() ? "silent" : "abnormal_list"));
        fault(seed, "timeout-after-storing", 0.03, 8_000L);
        fault(seed + 1, "timeout-before-storing", 0.02, 8_000L);
        fault(seed + 2, "too-many-requests", 0.04, null);
        fault(seed + 3, "internal-error-before-storing", 0.03, null);
        fault(seed + 4, "internal-error-after-storing", 0.04, null);
        fault(seed + 5, "bad-gateway-after-storing", 0.04, null);
        fault(seed + 6, "bad-gateway-before-storing", 0.03, null);
    }

    private void fault(long seed, String kind, double probability, @Nullable Long delayMillis)
            throws IOException, InterruptedException {
        Map<String, Object> wanted =
                new HashMap<>(Map.of("kind", kind, "probability", probability, "seed", seed, "count", OFTEN));
        if (delayMillis != null) {
            wanted.put("delayMillis", delayMillis);
        }
        call("POST", "/sim/faults", wanted);
    }

    void behave() throws IOException, InterruptedException {
        call("DELETE", "/sim/faults", null);
    }

    /** Lets it throw every switch, one after the other, for so long. */
    void startScript(long seed, Duration length) throws IOException, InterruptedException {
        call("POST", "/sim/script", Map.of("seed", seed, "seconds", length.toSeconds()));
    }

    /** Ends the script and the switch that is on; tells what was thrown. */
    JsonNode stopScript() throws IOException, InterruptedException {
        return call("DELETE", "/sim/script", null);
    }

    /** Every record with what became of it, in lines of CSV with a head. */
    String usageRecords() throws IOException, InterruptedException {
        return send("GET", "/sim/usage-records.csv", null).body();
    }

    /** What it counted: calls, records, rate violations, faults. */
    JsonNode statistics() throws IOException, InterruptedException {
        return call("GET", "/sim/stats", null);
    }

    /** What it billed, in lines of CSV with a head. */
    String bill() throws IOException, InterruptedException {
        return send("GET", "/sim/bill.csv", null).body();
    }

    private JsonNode call(String method, String path, @Nullable Object body) throws IOException, InterruptedException {
        return JSON.readTree(send(method, path, body).body());
    }

    private HttpResponse<String> send(String method, String path, @Nullable Object body)
            throws IOException, InterruptedException {
        HttpRequest.BodyPublisher publisher = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(simulator.resolve(path))
                        .timeout(ANSWER_WITHIN)
                        .header("Authorization", "Bearer " + operatorToken)
                        .header("Content-Type", "application/json")
                        .method(method, publisher)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException("the simulator answered " + method + " " + path + " with HTTP "
                    + response.statusCode() + ": " + response.body());
        }
        return response;
    }
}
