package io.hourledger.standalone.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.Durability;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole life of stop-when-used-up packages over the real services: ordered, drawn down, used up, queried, released, and compared. */
@Tag("servers")
@Timeout(300)
class PackageFromOrderToReleaseTest {

    private static final Instant TEN = Instant.parse("2026-05-04T10:00:00Z");
    private static final JsonMapper JSON = JsonMapper.shared();

    /** What the used-up notice may take (koogallery.md leaves it open; ours). */
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(10);

    private static final String CATALOGUE =
            """
            {"version": 1,
             "meters": [
               {"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes", "unit": "MB",
                "unitFactor": "0.000001"}],
             "products": [
               {"productId": "web-egress", "meter": "egress", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED",
                "billingCycle": "HOURLY"},
               {"productId": "web-egress-10", "meter": "egress", "chargingMode": "ON_DEMAND_PKG", "pricingMode": "FIXED",
                "billingCycle": "HOURLY", "package": {"stopWhenUsedUp": true, "for": ["web-egress"]}}]}
            """;

    @TempDir
    private Path temporary;

    private final SettableClock clock = new SettableClock(TEN.plusSeconds(30));
    private final HttpClient http = HttpClient.newHttpClient();
    private DataDirectory folder;
    private StackSecrets keys;
    private LocalStack stack;
    private int events;

    @BeforeEach
    void up() throws Exception {
        Path catalogue = Files.writeString(temporary.resolve("catalogue.json"), CATALOGUE);
        folder = DataDirectory.open(temporary.resolve("data"));
        folder.belongsTo("a test");
        keys = StackSecrets.of(folder.path());
        stack = LocalStack.start(new StackOptions(
                folder.path(),
                Durability.FAST,
                clock,
                keys,
                Map.of(
                        "hourledger.catalogue", catalogue.toUri().toString(),
                        "hourledger.ledger.late-window", "shorter",
                        "hourledger.pusher.window", "0s",
                        "hourledger.simulator.callbacks.poll-every", "200ms"),
                StackOptions.Ports.ANY));
    }

    @AfterEach
    void down() throws Exception {
        if (stack != null) {
            stack.close();
        }
        folder.close();
    }

    @Test
    void from_the_order_to_the_release_every_megabyte_is_in_one_place_on_both_sides() throws Exception {
        String instance = order("pay per use", "{\"products\":[{\"productId\":\"web-egress\"}]}");
        use(instance, minute(10), 4);
        counted(instance, 4);

        // half past ten: the first package, of 10 MB
        clock.moveTo(minute(30));
        String first = order("first", packageOf(10));
        boundaryNoted(minute(30));
        use(instance, minute(40), 6);
        counted(instance, 10);
        assertThat(usedUp())
                .as("4 of the 10 MB were used before the package was opened")
                .isEmpty();
        use(instance, minute(50), 5);
        await().atMost(NOTICED_WITHIN).untilAsserted(() -> assertThat(usedUp()).containsExactly(first));
        assertThat(ledger("select count(*) from ledger.event where event_type = 'hour-metered'"))
                .containsExactly("0");

        // 1 MB went beyond the first package; two more are bought
        clock.moveTo(minute(55));
        String second = order("second", packageOf(10));
        boundaryNoted(minute(55));
        clock.moveTo(minute(56));
        String third = order("third", packageOf(5));
        boundaryNoted(minute(56));
        use(instance, minute(57), 3);
        counted(instance, 18);
        closed(0);
        soon().untilAsserted(() -> assertThat(bill())
                .containsExactly(
                        "4 of none 10:00:30-10:30:00",
                        "10 of " + first + " 10:30:00-10:55:00",
                        "3 of " + second + " 10:56:00-11:00:00"));

        // the second is used up within the hour, and the third pays the rest
        use(instance, minute(70), 9);
        await().atMost(NOTICED_WITHIN).untilAsserted(() -> assertThat(usedUp()).containsExactly(first, second));
        closed(1);
        soon().untilAsserted(() -> assertThat(bill())
                .endsWith("7 of " + second + " 11:00:00-11:30:00", "2 of " + third + " 11:30:00-12:00:00"));

        assertThat(queried(second)).isEqualTo("10.0000 of " + instance);
        assertThat(queried(third)).isEqualTo("2.0000 of " + instance);
        assertThat(queried(instance)).isEqualTo("27.0000 of none");

        // a quarter past twelve: the third is given back
        use(instance, minute(130), 1);
        counted(instance, 1);
        clock.moveTo(minute(135));
        post("/sim/instances/" + third + "/release", "{\"waitSeconds\":30}");
        use(instance, minute(140), 2);
        closed(2);
        soon().untilAsserted(() -> assertThat(bill()).endsWith("1 of " + third + " 12:00:00-12:15:00"));

        soon().untilAsserted(() -> assertThat(ledger("select distinct state from ledger.usage_record"))
                .containsExactly("reported"));
        assertThat(gallery("/sim/usage-records.csv?state=rejected").lines()).hasSize(1);
        assertThat(collected()).isEqualTo(drawn()).hasSize(3);
        assertThat(ledger("select sum(withheld) from ledger.metered_hour")).containsExactly("3");
        assertThat(total("select sum(amount) from ledger.usage_record")
                        .add(total("select sum(withheld) from ledger.metered_hour")))
                .isEqualByComparingTo(total("select sum(amount) from ledger.metered_hour"))
                .isEqualByComparingTo("30");
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private static Instant minute(int number) {
        return TEN.plus(Duration.ofMinutes(number));
    }

    private static String packageOf(int megabytes) {
        return "{\"chargingMode\":\"ON_DEMAND_PKG\",\"stopWhenUsedUp\":true,\"packageFor\":[\"web-egress\"],"
                + "\"products\":[{\"productId\":\"web-egress-10\",\"linearValue\":" + megabytes + "}]}";
    }

    private String order(String name, String line) throws Exception {
        JsonNode opened = post(
                        "/sim/orders",
                        "{\"waitSeconds\":30,\"orders\":[{\"name\":\"" + name + "\",\"buyerId\":\"acme\",\"lines\":["
                                + line + "]}]}")
                .path("lines")
                .path(0);
        assertThat(opened.path("state").asString("")).as(opened.toString()).isEqualTo("done");
        return opened.path("instanceId").asString("");
    }

    private void use(String instance, Instant at, int megabytes) throws Exception {
        if (clock.instant().isBefore(at)) {
            clock.moveTo(at);
        }
        String event = "{\"specversion\":\"1.0\",\"id\":\"e-" + ++events
                + "\",\"source\":\"/test\",\"type\":\"web.egress\"," + "\"subject\":\"" + instance + "\",\"time\":\""
                + at + "\",\"data\":{\"bytes\":" + megabytes + "000000}}";
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(stack.uri(Service.INGEST).resolve("/v1/usage-events"))
                        .header("Authorization", "Bearer " + keys.apiKey())
                        .header("Content-Type", "application/cloudevents+json")
                        .POST(BodyPublishers.ofString(event))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }

    /** Waits until the instance's open hour has come to that. */
    private void counted(String instance, int megabytes) {
        soon().untilAsserted(() -> assertThat(total("select raw_total from aggregator.bucket where instance = '"
                        + instance + "' order by hour desc limit 1"))
                .isEqualByComparingTo(megabytes + "000000"));
    }

    private void boundaryNoted(Instant at) {
        soon().untilAsserted(() -> assertThat(ledger(
                        "select count(*) from aggregator.usage_at_boundary where meter = '' and at = '" + at + "'"))
                .containsExactly("1"));
    }

    /** Moves the clock over the end of this hour after ten, and waits until it is metered and split. */
    private void closed(int hour) {
        clock.moveTo(TEN.plus(Duration.ofHours(hour)).plus(Duration.ofMinutes(64)));
        soon().untilAsserted(
                        () -> assertThat(ledger("select count(*) from ledger.event where event_type = 'hour-metered'"))
                                .containsExactly(String.valueOf(hour + 1)));
        soon().untilAsserted(() ->
                assertThat(ledger("select count(*) from aggregator.split_hour")).containsExactly("0"));
    }

    private List<String> usedUp() {
        return ledger(
                """
                select payload ->> 'packageInstanceId' from ledger.event
                 where event_type = 'package-use-up-noticed' order by sequence_number""");
    }

    private List<String> bill() {
        return ledger(
                """
                select trim_scale(amount) || ' of ' || coalesce(package_instance_id, 'none') || ' '
                       || to_char(begin_at at time zone 'UTC', 'HH24:MI:SS') || '-'
                       || to_char(end_at at time zone 'UTC', 'HH24:MI:SS')
                  from ledger.usage_record order by begin_at""");
    }

    private String queried(String instance) throws Exception {
        JsonNode usage = JSON.readTree(gallery("/sim/instances/" + instance + "/query"))
                .path("answer")
                .path("info")
                .path(0)
                .path("usageInfo")
                .path(0);
        return usage.path("usageValue").asString("") + " of "
                + usage.path("relatedInstanceId").asString("none");
    }

    /** By the marketplace: package and what it collected of it. */
    private List<String> collected() throws Exception {
        List<String> packages = new ArrayList<>();
        for (String line : gallery("/sim/packages.csv").lines().skip(1).toList()) {
            List<String> cells = List.of(line.split(",", -1));
            packages.add(cells.get(0) + " "
                    + new BigDecimal(cells.get(6)).stripTrailingZeros().toPlainString());
        }
        return packages.stream().sorted().toList();
    }

    /** By the ledger. */
    private List<String> drawn() {
        return ledger("select package_instance_id || ' ' || trim_scale(contained - remaining) from ledger.package")
                .stream()
                .sorted()
                .toList();
    }

    private List<String> ledger(String question) {
        return JdbcClient.create(stack.dataSource())
                .sql(question)
                .query(String.class)
                .list();
    }

    private BigDecimal total(String question) {
        return JdbcClient.create(stack.dataSource())
                .sql(question)
                .query(BigDecimal.class)
                .optional()
                .orElse(BigDecimal.ZERO);
    }

    private String gallery(String path) throws Exception {
        return send(HttpRequest.newBuilder(simulator(path)).GET());
    }

    private JsonNode post(String path, String body) throws Exception {
        return JSON.readTree(send(HttpRequest.newBuilder(simulator(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))));
    }

    private URI simulator(String path) {
        return stack.uri(Service.SIMULATOR).resolve(path);
    }

    private String send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = http.send(
                request.header("Authorization", "Bearer " + keys.operatorToken())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
