package io.hourledger.standalone.stack;

import static io.hourledger.standalone.stack.MeteredStack.minute;
import static io.hourledger.standalone.stack.MeteredStack.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole lives of a pay-per-use instance, of one that is paid by period, and of a package that stops when it is used up, over the real
 * services, told by callbacks V1.0 and by V2.0: both generations end with one bill.
 */
@Tag("servers")
@Timeout(400)
class LifeInBothGenerationsTest {

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

    private MeteredStack stack;

    @BeforeEach
    void up() throws Exception {
        stack = MeteredStack.start(temporary, CATALOGUE, Map.of("hourledger.pusher.package-order-wait", "0s"));
    }

    @AfterEach
    void down() throws Exception {
        if (stack != null) {
            stack.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void from_the_order_to_the_release_the_bill_is_what_was_used_while_it_could_be_billed(int generation)
            throws Exception {
        for (String kind : List.of("forged-call", "stale-call", "repeated-call")) {
            stack.post(
                    "/sim/faults",
                    "{\"target\":\"callback\",\"kind\":\"" + kind
                            + "\",\"probability\":0.4,\"seed\":11,\"count\":100}");
        }
        String instance = stack.order("one", generation, PAY_PER_USE);
        stack.use(instance, minute(10), 4);
        stack.closed(0);

        // frozen from twenty past to twenty to
        stack.use(instance, minute(70), 5);
        stack.act(instance, minute(80), "freeze", "");
        stack.use(instance, minute(90), 2);
        stack.act(instance, minute(100), "unfreeze", "");
        stack.use(instance, minute(110), 3);
        stack.closed(1);

        // another product from ten past on
        stack.use(instance, minute(125), 1);
        stack.act(
                instance,
                minute(130),
                "upgrade",
                ",\"name\":\"more\",\"products\":[{\"productId\":\"web-egress-plus\"}]");
        stack.use(instance, minute(140), 2);
        stack.closed(2);

        // over at a quarter past; renewed at half past. V2.0 tells the end of a term as a freeze
        stack.use(instance, minute(190), 1);
        stack.act(instance, minute(195), generation == 1 ? "expire" : "freeze", "");
        stack.use(instance, minute(200), 4);
        stack.act(
                instance,
                minute(210),
                "refresh",
                ",\"scene\":\"RENEWAL\",\"name\":\"again\",\"expireTime\":\"2027-05-04T10:00:00Z\"");
        stack.use(instance, minute(225), 2);
        stack.closed(3);
        assertThat(queried(instance)).isEqualTo("24.0000");

        // given back at a quarter past
        stack.use(instance, minute(250), 3);
        stack.act(instance, minute(255), "release", "");
        stack.use(instance, minute(260), 5);
        stack.closed(4);

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
        soon().untilAsserted(() -> assertThat(stack.ledger("select distinct state from ledger.usage_record"))
                .containsExactly("reported"));
        assertThat(stack.gallery("/sim/usage-records.csv?state=rejected").lines())
                .hasSize(1);
        assertThat(collected(instance)).isEqualByComparingTo("21");
        assertThat(stack.total("select sum(withheld) from ledger.metered_hour")).isEqualByComparingTo("11");
        assertThat(stack.total("select sum(amount) from ledger.metered_hour")).isEqualByComparingTo("32");
        assertThat(stack.ledger("select distinct generation from pusher.callback"))
                .containsExactly("" + generation);
        assertThat(stack.ledger("select distinct result_code from pusher.callback"))
                .containsExactly("000000");
        JsonNode probes = JSON.readTree(stack.gallery("/sim/callbacks/probes"));
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
        String instance = stack.order(
                "period",
                generation,
                "{\"chargingMode\":\"PERIOD\",\"expireTime\":\"2026-05-04T11:15:00Z\",\"periodType\":\"year\","
                        + "\"periodNumber\":1,\"products\":[{\"productId\":\"web-egress-yearly\"}]}");
        stack.use(instance, minute(10), 4);
        stack.closed(0);
        stack.use(instance, minute(70), 3);
        stack.act(instance, minute(75), generation == 1 ? "expire" : "freeze", "");
        stack.act(
                instance,
                minute(90),
                "refresh",
                ",\"scene\":\"RENEWAL\",\"name\":\"again\",\"expireTime\":\"2027-05-04T10:00:00Z\"");
        stack.use(instance, minute(100), 2);
        stack.closed(1);
        assertThat(queried(instance)).isEqualTo("9.0000");
        stack.act(instance, minute(130), "release", "");

        assertThat(bill()).isEmpty();
        assertThat(collected(instance)).isEqualByComparingTo("0");
        assertThat(stack.total("select sum(amount) from ledger.metered_hour")).isEqualByComparingTo("9");
        assertThat(stack.total("select sum(withheld) from ledger.metered_hour")).isEqualByComparingTo("9");
        assertThat(
                        stack.ledger(
                                "select event_type from ledger.event where event_type like 'instance-%' order by sequence_number"))
                .contains("instance-opened", "instance-renewed", "instance-released");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_package_pays_from_its_opening_on_until_it_is_used_up(int generation) throws Exception {
        String instance = stack.order("one", generation, PAY_PER_USE);
        stack.use(instance, minute(10), 4);
        stack.moveTo(minute(20));
        String prepaid = stack.order(
                "package",
                generation,
                "{\"chargingMode\":\"ON_DEMAND_PKG\",\"stopWhenUsedUp\":true,\"packageFor\":[\"web-egress\"],"
                        + "\"products\":[{\"productId\":\"web-egress-10\",\"linearValue\":10}]}");
        stack.use(instance, minute(30), 6);
        stack.closed(0);
        // 4 MB are left in it, and 3 go beyond
        stack.use(instance, minute(70), 7);
        stack.closed(1);
        assertThat(queried(prepaid)).isEqualTo("10.0000");
        assertThat(queried(instance)).isEqualTo("17.0000");
        stack.act(prepaid, minute(130), "release", "");
        stack.act(instance, minute(135), "release", "");

        soon().untilAsserted(() -> assertThat(bill())
                .containsExactly(
                        "4 10:00:30-10:20:00",
                        "6 10:20:00-11:00:00 of " + prepaid,
                        "4 11:00:00-12:00:00 of " + prepaid));
        soon().untilAsserted(() -> assertThat(stack.ledger("select distinct state from ledger.usage_record"))
                .containsExactly("reported"));
        assertThat(stack.gallery("/sim/usage-records.csv?state=rejected").lines())
                .hasSize(1);
        assertThat(collected(instance)).isEqualByComparingTo("14");
        assertThat(stack.total("select sum(withheld) from ledger.metered_hour")).isEqualByComparingTo("3");
        assertThat(stack.ledger("select distinct result_code from pusher.callback"))
                .containsExactly("000000");
    }

    /** As the console shows it to somebody who has the operator's token. */
    private String page(String path) throws Exception {
        return stack.send(
                HttpRequest.newBuilder(stack.services().uri(Service.CONSOLE).resolve(path)));
    }

    private List<String> bill() {
        return stack.ledger(
                """
                select trim_scale(amount) || ' ' || to_char(begin_at at time zone 'UTC', 'HH24:MI:SS') || '-'
                       || to_char(end_at at time zone 'UTC', 'HH24:MI:SS') || coalesce(' of ' || package_instance_id, '')
                  from ledger.usage_record order by begin_at""");
    }

    private String queried(String instance) throws Exception {
        return JSON.readTree(stack.gallery("/sim/instances/" + instance + "/query"))
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
        return stack.gallery("/sim/bill.csv")
                .lines()
                .filter(line -> line.startsWith(instance + ","))
                .map(line -> new BigDecimal(line.substring(line.lastIndexOf(',') + 1)))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
