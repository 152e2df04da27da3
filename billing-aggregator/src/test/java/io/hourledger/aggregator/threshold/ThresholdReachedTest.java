package io.hourledger.aggregator.threshold;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.threshold.ThresholdSettings.Limit;
import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.marketplace.UsageWindow;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class ThresholdReachedTest {

    private static final ZoneId SHANGHAI = ZoneId.of("Asia/Shanghai");
    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant ELEVEN = TEN.plus(Duration.ofHours(1));

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestServers stack = new TestServers(clock);

    @AfterEach
    void close() {
        stack.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    /** 10 MB of an instance of the product web-egress; the notice of 100 percent asks to stop. */
    private static ThresholdSettings cap(ThresholdPeriod period) {
        return new ThresholdSettings(List.of(
                new Limit("cap", "web-egress", null, period, BigDecimal.TEN, List.of(80, 100), true, SHANGHAI)));
    }

    private void use(Instant hour, String id, String bytes) {
        stack.send("i-1", egress("i-1", id, hour.plusSeconds(2), bytes));
    }

    private void soonConsumed(int events) {
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(events));
    }

    private List<String> noticed() {
        return stack.sql()
                .sql(
                        """
                        select instance_id || ' ' || (payload ->> 'from') || ' ' || (payload ->> 'percent')
                               || case when (payload ->> 'stop')::boolean then ' stop' else '' end
                          from ledger.event where event_type = 'threshold-reached' order by instance_id, sequence_number""")
                .query(String.class)
                .list();
    }

    @Test
    void each_percentage_of_an_open_hour_is_noticed_once_also_over_a_restart_and_nothing_is_withheld() {
        stack.open("i-1");
        Aggregator first = stack.startWithAutomations(cap(ThresholdPeriod.HOUR));
        use(TEN, "a", "7999999");
        soonConsumed(1);
        use(TEN, "b", "1");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("i-1 2026-03-01T10:00:00Z 80"));
        use(TEN, "c", "2000000");
        soon().untilAsserted(() -> assertThat(noticed())
                .containsExactly("i-1 2026-03-01T10:00:00Z 80", "i-1 2026-03-01T10:00:00Z 100 stop"));
        stack.stop(first);

        stack.startWithAutomations(cap(ThresholdPeriod.HOUR));
        use(TEN, "d", "5000000");
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(1));

        assertThat(stack.metered().values().iterator().next()).isEqualByComparingTo("15");
        assertThat(noticed()).hasSize(2);
        use(ELEVEN, "e", "8000000");
        soon().untilAsserted(() -> assertThat(noticed()).hasSize(3).contains("i-1 2026-03-01T11:00:00Z 80"));
    }

    @Test
    void closed_hours_and_the_open_one_together_come_to_the_amount_of_a_month() {
        stack.open("i-1");
        stack.startWithAutomations(cap(ThresholdPeriod.MONTH));
        use(TEN, "a", "6000000");
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(1));
        soon().untilAsserted(() -> assertThat(closedSum()).isEqualByComparingTo("6"));

        use(ELEVEN, "b", "1999999");
        soonConsumed(2);
        assertThat(noticed()).isEmpty();
        use(ELEVEN, "c", "1");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("i-1 2026-02-28T16:00:00Z 80"));
        use(ELEVEN, "d", "2000000");
        soon().untilAsserted(() -> assertThat(noticed()).hasSize(2).contains("i-1 2026-02-28T16:00:00Z 100 stop"));

        // late usage of the closed hour is a revision: the sum grows, and nothing is noticed again
        use(TEN, "late", "3000000");
        clock.moveTo(ELEVEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(closedSum()).isEqualByComparingTo("13"));
        assertThat(noticed()).hasSize(2);
    }

    @Test
    void late_usage_is_noticed_when_its_revision_is_closed_though_the_instance_is_silent() {
        stack.open("i-1");
        stack.startWithAutomations(cap(ThresholdPeriod.DAY));
        use(TEN, "a", "7000000");
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(closedSum()).isEqualByComparingTo("7"));
        clock.moveTo(TEN.plus(Duration.ofHours(5)));
        stack.ledger().handle(revised(TEN, "4"));

        soon().untilAsserted(() -> assertThat(noticed())
                .containsExactly("i-1 2026-02-28T16:00:00Z 80", "i-1 2026-02-28T16:00:00Z 100 stop"));
        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select count(*) from aggregator.period_usage where unseen")
                        .query(Long.class)
                        .single())
                .isZero());
    }

    @Test
    void a_revision_that_lowers_the_amount_makes_nothing_be_noticed_again() {
        stack.open("i-1");
        Aggregator first = stack.startWithAutomations(cap(ThresholdPeriod.DAY));
        use(TEN, "a", "9000000");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("i-1 2026-02-28T16:00:00Z 80"));
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(closedSum()).isEqualByComparingTo("9"));
        stack.ledger().handle(revised(TEN, "-5"));
        soon().untilAsserted(() -> assertThat(closedSum()).isEqualByComparingTo("4"));

        use(ELEVEN, "b", "4500000");
        anotherIsNoticed();
        assertThat(noticed()).filteredOn(one -> one.startsWith("i-1 ")).hasSize(1);
        use(ELEVEN, "c", "1500000");

        soon().untilAsserted(() ->
                assertThat(noticed()).filteredOn(one -> one.startsWith("i-1 ")).hasSize(2));
        assertThat(noticed()).contains("i-1 2026-02-28T16:00:00Z 100 stop");
        stack.stop(first);
    }

    /** Whatever was counted before has been looked at then. */
    private void anotherIsNoticed() {
        stack.open("i-2");
        stack.send("i-2", egress("i-2", "a", ELEVEN.plusSeconds(2), "8000000"));
        soon().untilAsserted(() ->
                assertThat(noticed()).filteredOn(one -> one.startsWith("i-2 ")).hasSize(1));
    }

    private static MeterHour revised(Instant hour, String amount) {
        return new MeterHour(
                new InstanceId("i-1"),
                new UsageHour(hour),
                1,
                new CountedBy("egress", 1),
                new BigDecimal(amount),
                new EventSpan(1, hour, hour),
                new LogPosition(1, 7, 7),
                hour.plus(Duration.ofHours(5)));
    }

    @Test
    void usage_of_hours_that_were_closed_while_nobody_looked_is_noticed() {
        stack.open("i-1");
        Aggregator without = stack.start();
        use(TEN, "a", "9000000");
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(1));
        stack.stop(without);

        stack.startWithAutomations(cap(ThresholdPeriod.HOUR));

        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("i-1 2026-03-01T10:00:00Z 80"));
    }

    @Test
    void a_package_is_noticed_when_its_percentages_are_used_also_over_the_end_of_an_hour() {
        stack.open("i-1");
        stack.ledger().handle(new AddPackage(new InstanceId("i-1"), "p-1", BigDecimal.TEN, TEN));
        stack.startWithAutomations(new ThresholdSettings(List.of(new Limit(
                "pack", "web-egress", null, ThresholdPeriod.PACKAGE, null, List.of(80, 100), true, SHANGHAI))));
        use(TEN, "a", "7999999");
        soonConsumed(1);
        clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
        soon().untilAsserted(() -> assertThat(stack.metered()).hasSize(1));
        assertThat(noticed()).isEmpty();

        use(ELEVEN, "b", "1");
        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("i-1 2026-03-01T10:00:00Z 80"));
        use(ELEVEN, "c", "2000000");
        soon().untilAsserted(() -> assertThat(noticed())
                .containsExactly("i-1 2026-03-01T10:00:00Z 80", "i-1 2026-03-01T10:00:00Z 100 stop"));
    }

    @Test
    void only_instances_with_a_threshold_and_new_usage_are_read() {
        stack.open(IntStream.range(0, 50).mapToObj(i -> "busy-" + i).toArray(String[]::new));
        stack.open(Usage.API_CALLS, "other-0", "other-1");
        ThresholdSettings ofOne = new ThresholdSettings(List.of(
                new Limit("one", null, "busy-7", ThresholdPeriod.DAY, BigDecimal.TEN, List.of(80), false, SHANGHAI)));
        List<InstanceId> asked = new CopyOnWriteArrayList<>();
        stack.startWithAutomations(ofOne, new RecordingQueries(stack.queries(), asked));
        for (int i = 0; i < 50; i++) {
            stack.send("busy-" + i, egress("busy-" + i, "a", TEN.plusSeconds(2), "9000000"));
        }

        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("busy-7 2026-02-28T16:00:00Z 80"));
        assertThat(asked).isNotEmpty().containsOnly(new InstanceId("busy-7"));
    }

    /** Remembers of whom it was asked. */
    private record RecordingQueries(LedgerQueries queries, List<InstanceId> asked) implements LedgerQueries {

        @Override
        public Set<InstanceId> known(Collection<InstanceId> instanceIds) {
            return queries.known(instanceIds);
        }

        @Override
        public Map<InstanceId, InstanceView> instances(Collection<InstanceId> instanceIds) {
            asked.addAll(instanceIds);
            return queries.instances(instanceIds);
        }

        @Override
        public Map<InstanceId, String> meters(Collection<InstanceId> instanceIds) {
            return queries.meters(instanceIds);
        }

        @Override
        public Map<InstanceId, String> products(Collection<InstanceId> instanceIds) {
            return queries.products(instanceIds);
        }

        @Override
        public int recordsIssued(InstanceId instanceId, UsageWindow window) {
            return queries.recordsIssued(instanceId, window);
        }
    }

    private BigDecimal closedSum() {
        return stack.sql()
                .sql("select coalesce(sum(amount), 0) from aggregator.period_usage")
                .query(BigDecimal.class)
                .single();
    }

    @Test
    void what_one_aggregator_has_counted_is_noticed_by_the_one_that_takes_over() {
        stack.open("i-1");
        Aggregator without = stack.start();
        use(TEN, "a", "9000000");
        soonConsumed(1);
        stack.stop(without);

        stack.startWithAutomations(cap(ThresholdPeriod.DAY));

        soon().untilAsserted(() -> assertThat(noticed()).containsExactly("i-1 2026-02-28T16:00:00Z 80"));
    }

    @Test
    void the_last_usage_of_an_hour_is_looked_at_after_its_end() {
        stack.open("i-1");
        stack.startWithAutomations(cap(ThresholdPeriod.HOUR));
        clock.moveTo(ELEVEN.plusSeconds(5));
        use(TEN, "a", "10000000");

        soon().untilAsserted(() -> assertThat(noticed()).hasSize(2).allMatch(one -> one.contains("T10:00:00Z")));
    }
}
