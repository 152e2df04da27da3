package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static io.hourledger.aggregator.Usage.hit;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.recount.HourComparison;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.recount.Receipt;
import io.hourledger.aggregator.recount.Receipt.UsedHour;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.recount.Recount;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.statement.MeteredHours;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each hour is counted, closed and counted again by the version of the catalogue that rules it. */
@Tag("servers")
class CatalogueChangeTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant ELEVEN = TEN.plus(Duration.ofHours(1));
    private static final Instant TWELVE = TEN.plus(Duration.ofHours(2));
    private static final Duration HOUR_AND_GRACE = Duration.ofMinutes(62);

    private static final Meter IN_KB =
            new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "KB", new BigDecimal("0.001"));
    private static final Meter CPU = new Meter("cpu", "vm.cpu", Aggregation.SUM, "seconds", "s", BigDecimal.ONE);

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock);

    @BeforeEach
    void follow() {
        stack.project();
    }

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private static Catalogue catalogue(int version, Meter... meters) {
        return new Catalogue(version, List.of(meters), List.of());
    }

    private List<String> publish(Catalogue catalogue, Instant from) {
        return new PostgresCatalogue(stack.database())
                .publish(catalogue, new UsageHour(from), new DecidedBy("li.wei", "a test"), machine -> clock.instant());
    }

    private void use(String instance, String id, Instant time) {
        long expected = stack.consumed() + 1;
        stack.send(instance, egress(instance, id, time, "1000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(expected));
    }

    private Map<String, BigDecimal> metered() {
        return stack.metered();
    }

    private List<String> countedBy() {
        return stack.sql()
                .sql(
                        """
                        select substr(payload ->> 'hour', 12, 2) || ' by ' || (payload ->> 'catalogueVersion')
                          from ledger.event
                         where event_type = 'hour-metered'
                         order by 1""")
                .query(String.class)
                .list();
    }

    static Stream<Catalogue> changes() {
        return Stream.of(
                catalogue(2, IN_KB, Usage.REQUESTS),
                catalogue(2, new Meter("egress", "web.out", Aggregation.COUNT, null, "MB", BigDecimal.ONE)),
                catalogue(2, Usage.REQUESTS));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void a_process_with_meters_that_were_not_published_does_not_start(Catalogue changed) {
        stack.stop(stack.start());

        assertThatThrownBy(() -> stack.start(stack.partsWith(changed)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("version 2")
                .hasMessageContaining("meter egress was {\"eventType\":\"web.egress\"")
                .hasMessageContaining("catalogue publish");
    }

    @Test
    void a_version_that_was_published_never_changes() {
        stack.stop(stack.start());

        assertThatThrownBy(() -> stack.start(stack.partsWith(catalogue(1, IN_KB, Usage.REQUESTS))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("version 1")
                .hasMessageContaining("new number");
    }

    @Test
    void a_version_with_other_products_alone_needs_no_publication() {
        stack.stop(stack.start());

        stack.start(stack.partsWith(new Catalogue(2, List.copyOf(Usage.CATALOGUE.meters()), List.of())));

        assertThat(stack.countedWith()).containsExactly(1);
    }

    @Test
    void the_first_product_of_a_meter_with_a_filter_needs_a_version() {
        stack.stop(stack.start());
        Product trial = new Product(
                "cdn-trial", Usage.FREE_HITS.name(), ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

        assertThatThrownBy(() -> stack.start(
                        stack.partsWith(new Catalogue(2, List.copyOf(Usage.CATALOGUE.meters()), List.of(trial)))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("meter free-hits had no product and has one")
                .hasMessageContaining("catalogue publish");
    }

    @Test
    void a_version_leaves_out_the_hour_that_events_ahead_have_reached() {
        stack.start();
        clock.moveTo(TEN.plus(Duration.ofMinutes(57)));

        assertThat(publish(catalogue(2, IN_KB), TWELVE))
                .singleElement()
                .asString()
                .contains("2026-03-01T13:00:00Z");
        assertThat(publish(catalogue(2, IN_KB), TWELVE.plus(Duration.ofHours(1))))
                .isEmpty();
    }

    @Test
    void a_version_takes_effect_where_nothing_was_counted_yet() {
        stack.start();
        use("i-1", "a", TEN.plusSeconds(30));

        assertThat(publish(catalogue(2, IN_KB), ELEVEN))
                .singleElement()
                .asString()
                .contains("2026-03-01T12:00:00Z");
        assertThat(publish(catalogue(1, IN_KB), TWELVE))
                .singleElement()
                .asString()
                .contains("higher number than 1");
        assertThat(publish(catalogue(2, IN_KB), TWELVE)).isEmpty();
        assertThat(publish(catalogue(3, CPU), TWELVE))
                .singleElement()
                .asString()
                .contains("later hours only");
        assertThat(stack.countedWith()).containsExactly(1, 2);
    }

    @Test
    void no_version_takes_an_hour_that_has_usage_already() {
        stack.start();
        clock.moveTo(TWELVE.plusSeconds(60));
        use("i-1", "a", TWELVE.plusSeconds(30));
        clock.moveTo(TEN.plusSeconds(60));

        assertThat(publish(catalogue(2, IN_KB), TWELVE))
                .singleElement()
                .asString()
                .contains("has usage already");
    }

    @Test
    void each_hour_is_counted_closed_and_recounted_by_the_version_that_rules_it() {
        stack.open("i-1");
        stack.start();
        use("i-1", "a", TEN.plusSeconds(30));
        assertThat(publish(catalogue(2, IN_KB, CPU), TWELVE)).isEmpty();
        use("i-1", "b", TEN.plusSeconds(40));
        clock.moveTo(TWELVE.plusSeconds(60));
        soon().untilAsserted(() -> assertThat(metered()).containsEntry("10 i-1", new BigDecimal("2")));
        use("i-1", "c", TWELVE.plusSeconds(30));
        use("i-1", "late", TEN.plusSeconds(50));
        use("i-1", "b", TEN.plusSeconds(40));
        clock.moveTo(TWELVE.plus(HOUR_AND_GRACE));

        soon().untilAsserted(() -> assertThat(metered())
                .isEqualTo(Map.of("10 i-1", new BigDecimal("3"), "12 i-1", new BigDecimal("1000"))));
        assertThat(countedBy()).containsExactly("10 by 1", "10 by 1", "12 by 2");
        assertThat(stack.reasons()).isEmpty();
        Aggregator.Parts parts = stack.parts();
        HourRecount recount = Recounts.of(parts.settings(), parts.kafka(), parts.database());
        for (HourMetered hour : List.of(hour(TEN, 0), hour(TEN, 1), hour(TWELVE, 0))) {
            List<String> quantities = new ArrayList<>();
            assertThat(recount.trace(
                            hour, event -> quantities.add(event.quantity().toPlainString())))
                    .isInstanceOf(Recount.Counted.class);
            assertThat(quantities).contains(hour.hour().equals(TWELVE) ? "1000" : "1");
        }
        assertThat(recount.verify(partitionOf("i-1"), new UsageHour(TEN), 1, List.of(hour(TEN, 0), hour(TEN, 1))))
                .isInstanceOfSatisfying(
                        Recount.Counted.class, counted -> assertThat(((HourComparison) counted.result()).differences())
                                .isEmpty());
        Receipts receipts = Recounts.receipts(parts.settings(), parts.kafka(), parts.database());
        soon().untilAsserted(() -> assertThat(receipts.of(partitionOf("i-1"), 0))
                .get()
                .isInstanceOfSatisfying(
                        Receipt.Counted.class,
                        counted -> assertThat(counted.hour().status()).isEqualTo(UsedHour.Status.METERED)));
    }

    private HourMetered hour(Instant start, int revision) {
        return new MeteredHours(stack.database())
                .of(new InstanceId("i-1"), new UsageHour(start), revision)
                .orElseThrow();
    }

    private static int partitionOf(String instance) {
        return Utils.toPositive(Utils.murmur2(instance.getBytes(UTF_8))) % TestServers.PARTITIONS;
    }

    @Test
    void a_meter_that_joins_a_type_later_drops_nothing_that_was_used_before() {
        stack.start();
        use("later", "a", TEN.plusSeconds(30));
        Meter joining = new Meter(Usage.REQUESTS.name(), "web.egress", Aggregation.COUNT, null, "n", BigDecimal.ONE);
        assertThat(publish(catalogue(2, Usage.EGRESS, joining), TWELVE)).isEmpty();
        clock.moveTo(TWELVE.plusSeconds(240));
        soon().untilAsserted(() -> assertThat(stateOf("later")).isEqualTo("egress unmatched"));

        stack.open(
                new Product(
                        "web-requests", joining.name(), ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY),
                "later");

        soon().untilAsserted(() -> assertThat(stateOf("later")).isEqualTo("egress refused"));
    }

    private String stateOf(String instance) {
        return stack.sql()
                .sql("select meter || ' ' || state from aggregator.bucket where instance = ?")
                .param(instance)
                .query(String.class)
                .single();
    }

    @Test
    void a_filter_that_is_widened_within_an_hour_takes_more_from_a_later_hour_on_only() {
        stack.open(Usage.CDN_IN_EU, "in-eu");
        stack.start();
        useHit("a", TEN.plusSeconds(30), "eu");
        useHit("b", TEN.plusSeconds(40), "us");
        clock.moveTo(TEN.plusSeconds(1800));
        Meter widened = new Meter(Usage.EU_HITS.name(), "cdn.hit", Aggregation.COUNT, null, "hits", BigDecimal.ONE);
        assertThat(publish(catalogue(2, widened), TWELVE)).isEmpty();
        useHit("c", TEN.plusSeconds(2400), "us");
        clock.moveTo(TWELVE.plusSeconds(240));
        useHit("d", TWELVE.plusSeconds(200), "us");
        useHit("late", TEN.plusSeconds(2500), "us");
        clock.moveTo(TWELVE.plus(HOUR_AND_GRACE));

        soon().untilAsserted(() ->
                assertThat(metered()).isEqualTo(Map.of("10 in-eu", BigDecimal.ONE, "12 in-eu", BigDecimal.ONE)));
        assertThat(stack.reasons()).isEmpty();
        assertThat(stack.filteredOut()).isEqualTo(3);
    }

    private void useHit(String id, Instant time, String region) {
        long expected = stack.consumed() + 1;
        stack.send("in-eu", hit("in-eu", id, time, region, "none"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(expected));
    }

    @Test
    void a_split_hour_that_waits_is_recounted_by_the_version_that_counted_it() {
        stack.ledger()
                .handle(new OpenInstance(
                        new InstanceId("i-1"),
                        "order",
                        "line",
                        Usage.WEB_EGRESS,
                        "buyer",
                        false,
                        TEN.plusSeconds(1800)));
        Aggregator counting = stack.start();
        use("i-1", "before", TEN.plusSeconds(600));
        use("i-1", "after", TEN.plusSeconds(2400));
        assertThat(publish(catalogue(2, IN_KB), TWELVE)).isEmpty();
        clock.moveTo(TWELVE.plusSeconds(240));
        soon().untilAsserted(() -> assertThat(metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("2"))));
        stack.stop(counting);

        stack.startWithAutomations();

        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select concat_ws(' ', payload ->> 'billable', payload ->> 'withheld')"
                                + " from ledger.event where event_type = 'hour-recounted'")
                        .query(String.class)
                        .list())
                .containsExactly("1 1"));
    }

    @Test
    void a_retired_meter_finishes_its_hours_and_the_usage_that_is_unmatched() {
        stack.open("i-1");
        Aggregator first = stack.start();
        use("i-1", "a", TEN.plusSeconds(30));
        use("later", "a", TEN.plusSeconds(30));
        assertThat(publish(catalogue(2, CPU), TWELVE)).isEmpty();
        clock.moveTo(ELEVEN.plusSeconds(1800));
        use("i-1", "b", ELEVEN.plusSeconds(60));
        stack.stop(first);
        stack.start(stack.partsWith(catalogue(2, CPU)));
        clock.moveTo(TWELVE.plusSeconds(240));
        soon().untilAsserted(() ->
                assertThat(metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE, "11 i-1", BigDecimal.ONE)));
        use("i-1", "late", ELEVEN.plusSeconds(120));
        use("i-1", "retired", TWELVE.plusSeconds(120));
        clock.moveTo(TWELVE.plus(HOUR_AND_GRACE));
        stack.open("later");

        soon().untilAsserted(() -> assertThat(metered())
                .isEqualTo(
                        Map.of("10 i-1", BigDecimal.ONE, "11 i-1", new BigDecimal("2"), "10 later", BigDecimal.ONE)));
        assertThat(countedBy()).allMatch(hour -> hour.endsWith("by 1"));
        assertThat(stack.reasons()).containsExactly("malformed");
    }
}
