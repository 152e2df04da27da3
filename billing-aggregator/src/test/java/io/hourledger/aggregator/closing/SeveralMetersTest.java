package io.hourledger.aggregator.closing;

import static io.hourledger.aggregator.Usage.call;
import static io.hourledger.aggregator.Usage.callWithoutSizes;
import static io.hourledger.aggregator.Usage.hit;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.page.PartitionAccounts;
import io.hourledger.aggregator.page.PartitionAccounts.Account;
import io.hourledger.aggregator.page.PartitionAccounts.InBuckets;
import io.hourledger.aggregator.recount.HourComparison;
import io.hourledger.aggregator.recount.HourRecount;
import io.hourledger.aggregator.recount.Receipt;
import io.hourledger.aggregator.recount.Receipt.UsedHour;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.recount.Receipts.EventName;
import io.hourledger.aggregator.recount.Receipts.Search;
import io.hourledger.aggregator.recount.Recount;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.Recounts;
import io.hourledger.aggregator.unmatched.SubjectUsage;
import io.hourledger.aggregator.unmatched.UnmatchedUsage;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.statement.MeteredHours;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Events that several meters read: the product of their instance says which of them counts. */
@Tag("servers")
class SeveralMetersTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour HOUR_TEN = new UsageHour(TEN);

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

    private List<String> buckets(String instance) {
        return stack.sql()
                .sql("select meter || ' ' || raw_total || ' ' || state from aggregator.bucket where instance = ?"
                        + " order by meter")
                .param(instance)
                .query(String.class)
                .list();
    }

    private void useAnHour() {
        stack.open(Usage.API_CALLS, "by-calls");
        stack.open(Usage.API_BYTES, "by-bytes");
        stack.start();
        for (String instance : List.of("by-calls", "by-bytes", "later")) {
            stack.send(instance, call(instance, "a", TEN.plusSeconds(1), 5, 3));
            stack.send(instance, call(instance, "b", TEN.plusSeconds(2), 7, 4));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(6));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(buckets("later")).allMatch(bucket -> bucket.endsWith("unmatched")));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(2));
    }

    @Test
    void the_meter_of_the_product_counts_and_what_the_others_counted_is_dropped() {
        useAnHour();

        assertThat(stack.metered())
                .isEqualTo(Map.of("10 by-calls", new BigDecimal("2"), "10 by-bytes", new BigDecimal("12")));
        soon().untilAsserted(() -> assertThat(buckets("by-calls"))
                .containsExactly("call-bytes 12 dropped", "call-size 4 dropped", "calls 2 counted"));
        soon().untilAsserted(() -> assertThat(buckets("by-bytes"))
                .containsExactly("call-bytes 12 counted", "call-size 4 dropped", "calls 2 dropped"));
        assertThat(stack.reasons()).isEmpty();
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(4, 2, 0, 0, 0)));
    }

    /** Of all partitions; each event stands in it once, whatever number of buckets it is in. */
    private InBuckets balance() {
        List<Account> accounts = new PartitionAccounts(stack.database()).all();
        assertThat(accounts).allMatch(account -> account.unexplained() == 0);
        return new InBuckets(
                sum(accounts, InBuckets::counted),
                sum(accounts, InBuckets::unmatched),
                sum(accounts, InBuckets::blocked),
                sum(accounts, InBuckets::refused),
                sum(accounts, InBuckets::dropped));
    }

    private static long sum(List<Account> accounts, ToLongFunction<InBuckets> part) {
        return accounts.stream().map(Account::buckets).mapToLong(part).sum();
    }

    @Test
    void an_instance_opened_while_its_hour_is_entered_has_nothing_refused() {
        Aggregator.Parts usual = stack.parts();
        stack.open(Usage.API_CALLS, "by-calls");
        stack.start(new Aggregator.Parts(
                usual.settings(),
                usual.kafka(),
                usual.journal(),
                usual.catalogue(),
                usual.clock(),
                usual.database(),
                new OpenedAfterTheQuestion(usual.ledger()),
                usual.metrics()));
        stack.send("by-calls", call("by-calls", "a", TEN.plusSeconds(1), 5, 3));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(1));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(buckets("by-calls"))
                .containsExactly("call-bytes 5 dropped", "call-size 3 dropped", "calls 1 counted"));
    }

    @Test
    void what_only_meters_of_other_products_read_is_refused_and_listed() {
        stack.open(Usage.CDN_IN_EU, "in-eu");
        stack.open(Usage.CDN_GOLD, "gold");
        stack.start();
        for (String instance : List.of("in-eu", "gold")) {
            stack.send(instance, hit(instance, "a", TEN.plusSeconds(1), "eu", "gold"));
            stack.send(instance, hit(instance, "b", TEN.plusSeconds(2), "EU", "gold"));
            stack.send(instance, hit(instance, "c", TEN.plusSeconds(3), "eu", "Gold"));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(6));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() ->
                assertThat(buckets("in-eu")).containsExactly("eu-hits 2 counted", "gold-bytes 20 refused"));
        soon().untilAsserted(() ->
                assertThat(buckets("gold")).containsExactly("eu-hits 2 refused", "gold-bytes 20 counted"));
        soon().untilAsserted(() -> assertThat(stack.metered())
                .isEqualTo(Map.of("10 in-eu", new BigDecimal("2"), "10 gold", new BigDecimal("20"))));
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(4, 0, 0, 2, 0)));
        assertThat(new UnmatchedUsage(stack.database()).list(new UnmatchedUsage.Filter("in-eu", null), 9))
                .singleElement()
                .satisfies(listed -> {
                    assertThat(listed.state()).isEqualTo(SubjectUsage.State.REFUSED);
                    assertThat(listed.hours().events()).isEqualTo(1);
                    assertThat(listed.reason())
                            .isEqualTo("its product bills by meter eu-hits, which does not read 1 of these events");
                });
        Aggregator.Parts parts = stack.parts();
        Receipts receipts = Recounts.receipts(parts.settings(), parts.kafka(), parts.database());
        soon().untilAsserted(() -> assertThat(statusOf(receipts, "gold", "a")).isEqualTo(UsedHour.Status.METERED));
        soon().untilAsserted(() -> assertThat(statusOf(receipts, "gold", "b")).isEqualTo(UsedHour.Status.METERED));
        assertThat(statusOf(receipts, "gold", "c")).isEqualTo(UsedHour.Status.REFUSED);
    }

    private Search placeOf(Receipts receipts, String instance, String id) {
        return receipts.placeOf(
                new EventName(instance, "/app", id, TEN.plusSeconds(1)),
                stack.parts().settings().countingRules(TestServers.PARTITIONS));
    }

    private Receipt receiptOf(Receipts receipts, String instance, String id) {
        Search found = placeOf(receipts, instance, id);
        assertThat(found).isInstanceOf(Search.Found.class);
        Search.Found place = (Search.Found) found;
        return receipts.of(place.partition(), place.offset()).orElseThrow();
    }

    private UsedHour.Status statusOf(Receipts receipts, String instance, String id) {
        Receipt receipt = receiptOf(receipts, instance, id);
        assertThat(receipt).isInstanceOf(Receipt.Counted.class);
        return ((Receipt.Counted) receipt).hour().status();
    }

    @Test
    void what_a_meter_without_a_product_reads_by_its_filter_is_free_and_stands_in_the_balance() {
        stack.open(Usage.CDN_IN_EU, "in-eu");
        stack.start();
        stack.send("in-eu", hit("in-eu", "a", TEN.plusSeconds(1), "eu", "trial"));
        stack.send("in-eu", hit("in-eu", "b", TEN.plusSeconds(2), "us", "trial"));
        stack.send("in-eu", hit("in-eu", "c", TEN.plusSeconds(3), "us", "none"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(3));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(
                        () -> assertThat(buckets("in-eu")).containsExactly("eu-hits 1 counted", "free-hits 2 dropped"));
        soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 in-eu", BigDecimal.ONE)));
        assertThat(stack.reasons()).isEmpty();
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(1, 0, 0, 0, 1)));
        assertThat(stack.filteredOut()).isEqualTo(1);
        Aggregator.Parts parts = stack.parts();
        Receipts receipts = Recounts.receipts(parts.settings(), parts.kafka(), parts.database());
        assertThat(receiptOf(receipts, "in-eu", "c"))
                .isInstanceOfSatisfying(Receipt.FilteredOut.class, out -> assertThat(out.detail())
                        .contains("eu-hits", "gold-bytes", "free-hits"));
        assertThat(placeOf(receipts, "in-eu", "never sent")).isInstanceOf(Search.NothingCounted.class);
        soon().untilAsserted(() -> assertThat(statusOf(receipts, "in-eu", "a")).isEqualTo(UsedHour.Status.METERED));
        assertThat(statusOf(receipts, "in-eu", "b")).isEqualTo(UsedHour.Status.DROPPED);
    }

    @Test
    void a_meter_falls_silent_though_events_of_others_are_in_its_dropped_buckets() {
        stack.open(Usage.API_CALLS, "by-calls");
        stack.start();
        stack.send("by-calls", call("by-calls", "a", TEN.plusSeconds(1), 5, 3));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(1));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select meter || ' ' || events from aggregator.meter_hour")
                        .query(String.class)
                        .list())
                .containsExactly("calls 1"));
    }

    @Test
    void a_repeat_that_no_filter_takes_is_shown_beside_the_event_that_counted() {
        stack.open(Usage.CDN_IN_EU, "in-eu");
        stack.start();
        stack.send("in-eu", hit("in-eu", "a", TEN.plusSeconds(1), "eu", "gold"));
        String repeat = hit("in-eu", "a", TEN.plusSeconds(1), "us", "none");
        stack.send("in-eu", repeat);
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));

        Aggregator.Parts parts = stack.parts();
        Receipts receipts = Recounts.receipts(parts.settings(), parts.kafka(), parts.database());
        int partition = partitionOf("in-eu");
        assertThat(receipts.countedOffset(partition, Usage.bytes(repeat))).isEqualTo(new Search.Found(partition, 0));
        assertThat(stack.reasons()).containsExactly("conflict");
    }

    /** What is kept of shared events is loaded again, and so is what came too late for its hour. */
    @Test
    void after_a_restart_within_the_hour_and_with_late_usage_each_event_stands_once_in_the_balance() {
        stack.open(Usage.API_CALLS, "by-calls");
        stack.open(Usage.API_BYTES, "by-bytes");
        Aggregator first = stack.start();
        for (String instance : List.of("by-calls", "by-bytes")) {
            stack.send(instance, call(instance, "a", TEN.plusSeconds(1), 5, 3));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        stack.stop(first);
        stack.start();
        for (String instance : List.of("by-calls", "by-bytes")) {
            stack.send(instance, call(instance, "b", TEN.plusSeconds(2), 7, 9));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        assertThat(balance()).isEqualTo(new InBuckets(4, 0, 0, 0, 0));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(2));

        for (String instance : List.of("by-calls", "by-bytes")) {
            stack.send(instance, call(instance, "late", TEN.plusSeconds(3), 11, 20));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(6));
        clock.moveTo(TEN.plus(Duration.ofMinutes(122)));

        soon().untilAsserted(() -> assertThat(stack.metered())
                .isEqualTo(Map.of("10 by-calls", new BigDecimal("3"), "10 by-bytes", new BigDecimal("23"))));
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(6, 0, 0, 0, 0)));
        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select sum(events) from aggregator.bucket_total where state <> 'metered'")
                        .query(Long.class)
                        .single())
                .isZero());
    }

    @Test
    void a_maximum_is_billed_beside_meters_that_add() {
        stack.open(Usage.API_LARGEST, "by-largest");
        stack.start();
        stack.send("by-largest", call("by-largest", "a", TEN.plusSeconds(1), 5, 9));
        stack.send("by-largest", call("by-largest", "b", TEN.plusSeconds(2), 7, 4));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 by-largest", new BigDecimal("9"))));

        stack.send("by-largest", call("by-largest", "late", TEN.plusSeconds(3), 1, 12));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(3));
        clock.moveTo(TEN.plus(Duration.ofMinutes(122)));

        soon().untilAsserted(
                        () -> assertThat(stack.metered()).isEqualTo(Map.of("10 by-largest", new BigDecimal("12"))));
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(3, 0, 0, 0, 0)));
    }

    @Test
    void an_event_that_other_meters_cannot_read_is_billed_where_its_product_can_and_listed_elsewhere() {
        stack.open(Usage.API_CALLS, "by-calls");
        stack.open(Usage.API_BYTES, "by-bytes");
        stack.start();
        for (String instance : List.of("by-calls", "by-bytes")) {
            stack.send(instance, callWithoutSizes(instance, "a", TEN.plusSeconds(1)));
            stack.send(instance, call(instance, "b", TEN.plusSeconds(2), 7, 4));
        }
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
        assertThat(stack.reasons()).isEmpty();
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() -> assertThat(stack.metered())
                .isEqualTo(Map.of("10 by-calls", new BigDecimal("2"), "10 by-bytes", new BigDecimal("7"))));
        soon().untilAsserted(() -> assertThat(buckets("by-bytes"))
                .containsExactly("call-bytes 7 counted", "call-size 4 dropped", "calls 2 refused"));
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(3, 0, 0, 1, 0)));
    }

    private static int partitionOf(String instance) {
        return Utils.toPositive(Utils.murmur2(instance.getBytes(UTF_8))) % TestServers.PARTITIONS;
    }

    /** Does not know its instances when it is asked for their meters first. */
    private static final class OpenedAfterTheQuestion implements HourLedger {
        private final HourLedger ledger;
        private final AtomicBoolean isFirst = new AtomicBoolean(true);

        OpenedAfterTheQuestion(HourLedger ledger) {
            this.ledger = ledger;
        }

        @Override
        public List<Decision> enter(List<MeterHour> hours) {
            return ledger.enter(hours);
        }

        @Override
        public Map<String, String> meters(Collection<String> instances) {
            return isFirst.getAndSet(false) ? Map.of() : ledger.meters(instances);
        }

        @Override
        public Set<String> known(Collection<String> instances) {
            return ledger.known(instances);
        }
    }

    @Test
    void while_the_product_is_unknown_each_meter_keeps_its_amount() {
        useAnHour();
        assertThat(buckets("later"))
                .containsExactly("call-bytes 12 unmatched", "call-size 4 unmatched", "calls 2 unmatched");

        stack.open(Usage.API_BYTES, "later");

        soon().untilAsserted(() -> assertThat(buckets("later"))
                .containsExactly("call-bytes 12 metered", "call-size 4 dropped", "calls 2 dropped"));
        assertThat(stack.metered()).containsEntry("10 later", new BigDecimal("12"));
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(6, 0, 0, 0, 0)));
    }

    @Test
    void what_was_dropped_is_no_difference_between_the_log_and_the_ledger() {
        useAnHour();
        Aggregator.Parts parts = stack.parts();
        HourRecount recount = Recounts.of(parts.settings(), parts.kafka(), parts.database());
        List<HourMetered> metered = Stream.of("by-calls", "by-bytes")
                .map(instance -> new MeteredHours(stack.database())
                        .of(new InstanceId(instance), HOUR_TEN, 0)
                        .orElseThrow())
                .toList();

        for (HourMetered hour : metered) {
            soon().untilAsserted(() ->
                    assertThat(verified(recount, hour, metered).differences()).isEmpty());
            List<String> quantities = new ArrayList<>();
            recount.trace(hour, event -> quantities.add(event.quantity().toPlainString()));
            assertThat(quantities)
                    .isEqualTo(hour.instanceId().equals("by-calls") ? List.of("1", "1") : List.of("5", "7"));
        }
    }

    private static HourComparison verified(HourRecount recount, HourMetered hour, List<HourMetered> all) {
        int partition = partitionOf(hour.instanceId());
        List<HourMetered> ofPartition =
                all.stream().filter(one -> one.log().partition() == partition).toList();
        Recount<HourComparison> verified = recount.verify(partition, HOUR_TEN, 0, ofPartition);
        assertThat(verified).isInstanceOf(Recount.Counted.class);
        return ((Recount.Counted<HourComparison>) verified).result();
    }
}
