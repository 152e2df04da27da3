package io.hourledger.standalone.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.embedded.Durability;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole lives of a pay-per-use instance, of one that is paid by period, and of a package that stops when it is used up, over the real
 * services, told by callbacks V1.0 and by V2.0: both generations end with one bill.
 */
@Tag("servers")
@Timeout(400)
class LifeInBothGenerationsTest {

    private static final Instant TEN = Instant.parse("2026-05-04T10:00:00Z");
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String CATALOGUE =
            """
            {"version": 1,
             "meters": [
               {"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes", "unit": "MB",
                "unitFactor": "0.000001"}],
             "products": [
               {"productId": "web-egress", "meter": "egress", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED",
                "billingCycle": "HOURLY"},
               {"productId": "web-egress-plus", "meter": "egress", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED",
                "billingCycle": "HOURLY"},
               {"productId": "web-egress-yearly", "meter": "egress", "chargingMode": "PERIOD", "pricingMode": "FIXED",
                "billingCycle": "HOURLY"},
               {"productId": "web-egress-10", "meter": "egress", "chargingMode": "ON_DEMAND_PKG", "pricingMode": "FIXED",
                "billingCycle": "HOURLY", "package": {"stopWhenUsedUp": true, "for": ["web-egress"], "amount": "10"}}]}
            """;

    private static final String PAY_PER_USE = "{\"products\":[{\"productId\":\"web-egress\"}]}";

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
                        "hourledger.pusher.package-order-wait", "0s",
                        "hourledger.simulator.callbacks.retry-every", "1s"),
                StackOptions.Ports.ANY));
    }

    @AfterEach
    void down() throws Exception {
        if (stack != null) {
            stack.close();
        }
        folder.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void from_the_order_to_the_release_the_bill_is_what_was_used_while_it_could_be_billed(int generation)
            throws Exception {
        for (String kind : List.of("forged-call", "stale-call", "repeated-call")) {
            post(
                    "/sim/faults",
                    "{\"target\":\"callback\",\"kind\":\"" + kind
                            + "\",\"probability\":0.4,\"seed\":11,\"count\":100}");
        }
        String instance = order("one", generation, PAY_PER_USE);
        use(instance, minute(10), 4);
        closed(0);

        // frozen from twenty past to twenty to
        use(instance, minute(70), 5);
        act(instance, minute(80), "freeze", "");
        use(instance, minute(90), 2);
        act(instance, minute(100), "unfreeze", "");
        use(instance, minute(110), 3);
        closed(1);

        // another product from ten past on
        use(instance, minute(125), 1);
        act(instance, minute(130), "upgrade", ",\"name\":\"more\",\"products\":[{\"productId\":\"web-egress-plus\"}]");
        use(instance, minute(140), 2);
        closed(2);

        // over at a quarter past; renewed at half past. V2.0 tells the end of a term as a freeze
        use(instance, minute(190), 1);
        act(instance, minute(195), generation == 1 ? "expire" : "freeze", "");
        use(instance, minute(200), 4);
        act(
                instance,
                minute(210),
                "refresh",
                ",\"scene\":\"RENEWAL\",\"name\":\"again\",\"expireTime\":\"2027-05-04T10:00:00Z\"");
        use(instance, minute(225), 2);
        closed(3);
        assertThat(queried(instance)).isEqualTo("24.0000");

        // given back at a quarter past
        use(instance, minute(250), 3);
        act(instance, minute(255), "release", "");
        use(instance, minute(260), 5);
        closed(4);

        soon().untilAsserted(() -> assertThat(bill())
                .containsExactly(
                        "4 10:00:30-11:00:00",
                        "5 11:00:00-11:20:00",
                        "3 11:40:00-12:00:00",
                        "1 12:00:00-12:10:00",
                        "2 12:10:00-13:00:00",
                        "1 13:00:00-13:15:00",
                        "2 13:30:00-14:00:00",
                        "3 14:00:00-14:15:00"));
        soon().untilAsserted(() -> assertThat(ledger("select distinct state from ledger.usage_record"))
                .containsExactly("reported"));
        assertThat(gallery("/sim/usage-records.csv?state=rejected").lines()).hasSize(1);
        assertThat(collected(instance)).isEqualByComparingTo("21");
        assertThat(total("select sum(withheld) from ledger.metered_hour")).isEqualByComparingTo("11");
        assertThat(total("select sum(amount) from ledger.metered_hour")).isEqualByComparingTo("32");
        assertThat(ledger("select distinct generation from pusher.callback")).containsExactly("" + generation);
        assertThat(ledger("select distinct result_code from pusher.callback")).containsExactly("000000");
        JsonNode probes = JSON.readTree(gallery("/sim/callbacks/probes"));
        assertThat(probes)
                .as("forged, stale and repeated calls")
                .hasSizeGreaterThan(2)
                .allMatch(probe -> probe.path("right").asBoolean());
        assertThat(page("/statement?month=2026-05&instance=" + instance)).contains("The equation holds.");
        assertThat(page("/tonight")).doesNotContain("Not known.", "not known.");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void what_is_paid_by_period_is_metered_and_never_billed(int generation) throws Exception {
        String instance = order(
                "period",
                generation,
                "{\"chargingMode\":\"PERIOD\",\"expireTime\":\"2026-05-04T11:15:00Z\",\"periodType\":\"year\","
                        + "\"periodNumber\":1,\"products\":[{\"productId\":\"web-egress-yearly\"}]}");
        use(instance, minute(10), 4);
        closed(0);
        use(instance, minute(70), 3);
        act(instance, minute(75), generation == 1 ? "expire" : "freeze", "");
        act(
                instance,
                minute(90),
                "refresh",
                ",\"scene\":\"RENEWAL\",\"name\":\"again\",\"expireTime\":\"2027-05-04T10:00:00Z\"");
        use(instance, minute(100), 2);
        closed(1);
        assertThat(queried(instance)).isEqualTo("9.0000");
        act(instance, minute(130), "release", "");

        assertThat(bill()).isEmpty();
        assertThat(collected(instance)).isEqualByComparingTo("0");
        assertThat(total("select sum(amount) from ledger.metered_hour")).isEqualByComparingTo("9");
        assertThat(total("select sum(withheld) from ledger.metered_hour")).isEqualByComparingTo("9");
        assertThat(
                        ledger(
                                "select event_type from ledger.event where event_type like 'instance-%' order by sequence_number"))
                .contains("instance-opened", "instance-renewed", "instance-released");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_package_pays_from_its_opening_on_until_it_is_used_up(int generation) throws Exception {
        String instance = order("one", generation, PAY_PER_USE);
        use(instance, minute(10), 4);
        clock.moveTo(minute(20));
        String prepaid = order(
                "package",
                generation,
                "{\"chargingMode\":\"ON_DEMAND_PKG\",\"stopWhenUsedUp\":true,\"packageFor\":[\"web-egress\"],"
                        + "\"products\":[{\"productId\":\"web-egress-10\",\"linearValue\":10}]}");
        use(instance, minute(30), 6);
        closed(0);
        // 4 MB are left in it, and 3 go beyond
        use(instance, minute(70), 7);
        closed(1);
        assertThat(queried(prepaid)).isEqualTo("10.0000");
        assertThat(queried(instance)).isEqualTo("17.0000");
        act(prepaid, minute(130), "release", "");
        act(instance, minute(135), "release", "");

        soon().untilAsserted(() -> assertThat(bill())
                .containsExactly(
                        "4 10:00:30-10:20:00",
                        "6 10:20:00-11:00:00 of " + prepaid,
                        "4 11:00:00-12:00:00 of " + prepaid));
        soon().untilAsserted(() -> assertThat(ledger("select distinct state from ledger.usage_record"))
                .containsExactly("reported"));
        assertThat(gallery("/sim/usage-records.csv?state=rejected").lines()).hasSize(1);
        assertThat(collected(instance)).isEqualByComparingTo("14");
        assertThat(total("select sum(withheld) from ledger.metered_hour")).isEqualByComparingTo("3");
        assertThat(ledger("select distinct result_code from pusher.callback")).containsExactly("000000");
    }

    /** As the console shows it to somebody who has the operator's token. */
    private String page(String path) throws Exception {
        return send(HttpRequest.newBuilder(stack.uri(Service.CONSOLE).resolve(path)));
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private static Instant minute(int number) {
        return TEN.plus(Duration.ofMinutes(number));
    }

    private String order(String name, int generation, String line) throws Exception {
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

    private void act(String instance, Instant at, String action, String fields) throws Exception {
        clock.moveTo(at);
        JsonNode call = post("/sim/instances/" + instance + "/" + action, "{\"waitSeconds\":30" + fields + "}");
        assertThat(call.path("state").asString("")).as(call.toString()).isEqualTo("done");
    }

    private void use(String instance, Instant at, int megabytes) throws Exception {
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
    private void closed(int hour) {
        clock.moveTo(TEN.plus(Duration.ofHours(hour)).plus(Duration.ofMinutes(64)));
        soon().untilAsserted(
                        () -> assertThat(ledger("select count(*) from ledger.event where event_type = 'hour-metered'"))
                                .containsExactly(String.valueOf(hour + 1)));
        soon().untilAsserted(() ->
                assertThat(ledger("select count(*) from aggregator.split_hour")).containsExactly("0"));
    }

    private List<String> bill() {
        return ledger(
                """
                select trim_scale(amount) || ' ' || to_char(begin_at at time zone 'UTC', 'HH24:MI:SS') || '-'
                       || to_char(end_at at time zone 'UTC', 'HH24:MI:SS') || coalesce(' of ' || package_instance_id, '')
                  from ledger.usage_record order by begin_at""");
    }

    private String queried(String instance) throws Exception {
        return JSON.readTree(gallery("/sim/instances/" + instance + "/query"))
                .path("answer")
                .path("info")
                .path(0)
                .path("usageInfo")
                .path(0)
                .path("usageValue")
                .asString("");
    }

    /** By the marketplace. */
    private BigDecimal collected(String instance) throws Exception {
        return gallery("/sim/bill.csv")
                .lines()
                .filter(line -> line.startsWith(instance + ","))
                .map(line -> new BigDecimal(line.substring(line.lastIndexOf(',') + 1)))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
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

    /** Stands until it is moved. */
    private static final class SettableClock extends Clock implements BusinessTime {

        private volatile Instant now;

        SettableClock(Instant now) {
            this.now = now;
        }

        void moveTo(Instant moment) {
            now = moment;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public Instant at(Instant machineTime) {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
