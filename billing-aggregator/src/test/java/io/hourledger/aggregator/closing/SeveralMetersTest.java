package io.hourledger.aggregator.closing;

import static io.hourledger.aggregator.Usage.call;
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
import io.hourledger.aggregator.recount.Recount;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.Recounts;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Events that several meters read: the product of their instance says which of them counts. */
@Tag("servers")
class SeveralMetersTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour HOUR_TEN = new UsageHour(TEN);

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock);

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private List<String> buckets(String instance) {
        return stack.sql()
                .sql(
                        "select meter || ' ' || raw_total || ' ' || state from aggregator.bucket where instance = ? order by meter")
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
    void what_only_filters_of_other_meters_take_is_dropped_and_stands_in_the_balance() {
        stack.open(Usage.CDN_IN_EU, "in-eu");
        stack.start();
        stack.send("in-eu", hit("in-eu", "a", TEN.plusSeconds(1), "eu", "gold"));
        stack.send("in-eu", hit("in-eu", "b", TEN.plusSeconds(2), "us", "gold"));
        stack.send("in-eu", hit("in-eu", "c", TEN.plusSeconds(3), "us", "free"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(3));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

        soon().untilAsserted(() ->
                assertThat(buckets("in-eu")).containsExactly("eu-hits 1 counted", "gold-bytes 20 dropped"));
        soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 in-eu", BigDecimal.ONE)));
        assertThat(stack.reasons()).containsExactly("filtered-out");
        soon().untilAsserted(() -> assertThat(balance()).isEqualTo(new InBuckets(1, 0, 0, 0, 1)));
        Aggregator.Parts parts = stack.parts();
        Receipts receipts = Recounts.receipts(parts.settings(), parts.kafka(), parts.database());
        int partition = partitionOf("in-eu");
        assertThat(receipts.of(partition, 0)).get().isInstanceOfSatisfying(Receipt.Counted.class, counted -> {
            assertThat(counted.hour().meter()).isEqualTo("eu-hits");
            assertThat(counted.hour().status()).isEqualTo(UsedHour.Status.METERED);
        });
        assertThat(receipts.of(partition, 1)).get().isInstanceOfSatisfying(Receipt.Counted.class, counted -> assertThat(
                        counted.hour().status())
                .isEqualTo(UsedHour.Status.DROPPED));
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
