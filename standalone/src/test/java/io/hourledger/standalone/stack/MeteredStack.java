package io.hourledger.standalone.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.Durability;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All services on one clock that a test moves, from ten o'clock on, with one meter in MB: what is ordered, used and closed there. */
final class MeteredStack implements AutoCloseable {

    static final Instant TEN = Instant.parse("2026-05-04T10:00:00Z");

    private static final JsonMapper JSON = JsonMapper.shared();

    private final SettableClock clock = new SettableClock(TEN.plusSeconds(30));
    private final HttpClient http = HttpClient.newHttpClient();
    private final DataDirectory folder;
    private final StackSecrets keys;
    private final LocalStack stack;
    private int events;

    private MeteredStack(Path temporary, String catalogue, Map<String, String> differing, ServerSettings servers)
            throws IOException {
        Path file = Files.writeString(temporary.resolve("catalogue.json"), catalogue);
        folder = DataDirectory.open(dataOf(temporary));
        folder.belongsTo("a test");
        keys = StackSecrets.of(folder.path());
        Map<String, Object> settings = new HashMap<>(Map.of(
                "hourledger.catalogue", file.toUri().toString(),
                "hourledger.ledger.late-window", "shorter",
                "hourledger.pusher.window", "0s",
                "hourledger.simulator.callbacks.retry-every", "1s"));
        settings.putAll(differing);
        stack = LocalStack.start(
                new StackOptions(folder.path(), Durability.FAST, clock, keys, settings, StackOptions.Ports.ANY),
                servers);
    }

    static MeteredStack start(Path temporary, String catalogue, Map<String, String> differing) throws IOException {
        return new MeteredStack(temporary, catalogue, differing, ServerSettings.USUAL);
    }

    /** On servers that take their clients in another way than a stack's own. */
    static MeteredStack start(Path temporary, String catalogue, Map<String, String> differing, ServerSettings servers)
            throws IOException {
        return new MeteredStack(temporary, catalogue, differing, servers);
    }

    /** The folder of the data of a stack that starts here. */
    static Path dataOf(Path temporary) {
        return temporary.resolve("data");
    }

    @Override
    public void close() throws IOException {
        stack.close();
        folder.close();
    }

    LocalStack services() {
        return stack;
    }

    void moveTo(Instant moment) {
        clock.moveTo(moment);
    }

    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    static Instant minute(int number) {
        return TEN.plus(Duration.ofMinutes(number));
    }

    String order(String name, int generation, String line) throws Exception {
        JsonNode opened = post(
                        "/sim/orders",
                        "{\"waitSeconds\":30,\"orders\":[{\"name\":\"" + name
                                + "\",\"buyerId\":\"acme\",\"generation\":" + generation + ",\"lines\":[" + line
                                + "]}]}")
                .path("lines")
                .path(0);
        assertThat(opened.path("state").asString("")).as(opened.toString()).isEqualTo("done");
        return opened.path("instanceId").asString("");
    }

    void act(String instance, Instant at, String action, String fields) throws Exception {
        clock.moveTo(at);
        JsonNode call = post("/sim/instances/" + instance + "/" + action, "{\"waitSeconds\":30" + fields + "}");
        assertThat(call.path("state").asString("")).as(call.toString()).isEqualTo("done");
    }

    void use(String instance, Instant at, int megabytes) throws Exception {
        clock.moveTo(at);
        String id = "e-" + ++events;
        String event = "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/test\",\"type\":\"web.egress\","
                + "\"subject\":\"" + instance + "\",\"time\":\"" + at + "\",\"data\":{\"bytes\":" + megabytes
                + "000000}}";
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(stack.uri(Service.INGEST).resolve("/v1/usage-events"))
                        .header("Authorization", "Bearer " + keys.apiKey())
                        .header("Content-Type", "application/cloudevents+json")
                        .POST(BodyPublishers.ofString(event))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }

    /** Moves the clock over the end of this hour after ten, and waits until it is metered and split. */
    void closed(int hour) {
        clock.moveTo(TEN.plus(Duration.ofHours(hour)).plus(Duration.ofMinutes(64)));
        soon().untilAsserted(
                        () -> assertThat(ledger("select count(*) from ledger.event where event_type = 'hour-metered'"))
                                .containsExactly(String.valueOf(hour + 1)));
        soon().untilAsserted(() ->
                assertThat(ledger("select count(*) from aggregator.split_hour")).containsExactly("0"));
    }

    List<String> ledger(String question) {
        return JdbcClient.create(stack.dataSource())
                .sql(question)
                .query(String.class)
                .list();
    }

    BigDecimal total(String question) {
        return JdbcClient.create(stack.dataSource())
                .sql(question)
                .query(BigDecimal.class)
                .optional()
                .orElse(BigDecimal.ZERO);
    }

    String gallery(String path) throws Exception {
        return send(HttpRequest.newBuilder(simulator(path)).GET());
    }

    JsonNode post(String path, String body) throws Exception {
        return JSON.readTree(send(HttpRequest.newBuilder(simulator(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))));
    }

    private URI simulator(String path) {
        return stack.uri(Service.SIMULATOR).resolve(path);
    }

    /** Asks as the operator. */
    String send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = http.send(
                request.header("Authorization", "Bearer " + keys.operatorToken())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
