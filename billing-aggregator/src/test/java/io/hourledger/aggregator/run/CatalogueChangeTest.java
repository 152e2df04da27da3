package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.embedded.TestClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Usage is billed by the meter that it was counted with, or the process with another meter does not count. */
@Tag("servers")
class CatalogueChangeTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant ELEVEN_CLOSED = TEN.plus(Duration.ofMinutes(62));

    private static final Meter IN_KB =
            new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "KB", new BigDecimal("0.001"));
    private static final Meter CPU = new Meter("cpu", "vm.cpu", Aggregation.SUM, "seconds", "s", BigDecimal.ONE);

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
    }

    private static Catalogue catalogue(int version, Meter... meters) {
        return new Catalogue(version, List.of(meters), List.of());
    }

    private static void countOne(TestServers stack, String instance) {
        long expected = stack.consumed() + 1;
        stack.send(instance, egress(instance, "a", TEN.plusSeconds(1), "1000000"));
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(expected));
    }

    static Stream<Catalogue> changes() {
        return Stream.of(
                catalogue(2, IN_KB, Usage.REQUESTS),
                catalogue(
                        2,
                        new Meter("egress", "web.egress", Aggregation.SUM, "sent", "MB", Usage.EGRESS.unitFactor()),
                        Usage.REQUESTS),
                catalogue(
                        2,
                        new Meter("egress", "web.out", Aggregation.SUM, "bytes", "MB", Usage.EGRESS.unitFactor()),
                        Usage.REQUESTS),
                catalogue(
                        2,
                        new Meter("egress", "web.egress", Aggregation.COUNT, null, "MB", BigDecimal.ONE),
                        Usage.REQUESTS),
                catalogue(2, Usage.REQUESTS));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void a_meter_with_usage_in_an_open_hour_can_neither_change_nor_leave(Catalogue changed) {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            Aggregator first = stack.start();
            countOne(stack, "i-1");
            stack.stop(first);

            assertThatThrownBy(() -> stack.start(stack.partsWith(changed)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("meter egress")
                    .hasMessageContaining("\"unitFactor\":\"0.000001\"")
                    .hasMessageContaining("2026-03-01T10:00:00Z")
                    .hasMessageContaining("i-1");

            stack.start();
            clock.moveTo(ELEVEN_CLOSED);
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
        }
    }

    @Test
    void a_meter_cannot_join_the_events_of_one_with_usage_in_an_open_hour() {
        Meter hits = new Meter("hits", "web.egress", Aggregation.COUNT, null, "hits", BigDecimal.ONE);
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            Aggregator first = stack.start();
            countOne(stack, "i-1");
            stack.stop(first);
            List<Meter> meters = new ArrayList<>(Usage.CATALOGUE.meters());
            meters.add(hits);

            assertThatThrownBy(() -> stack.start(stack.partsWith(new Catalogue(2, meters, List.of()))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another meter for the events of meter egress")
                    .hasMessageContaining("i-1");
        }
    }

    @Test
    void a_meter_with_late_usage_that_is_not_closed_cannot_change_though_its_hour_is_closed() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            Aggregator first = stack.start();
            countOne(stack, "i-1");
            clock.moveTo(ELEVEN_CLOSED);
            soon().until(() -> hoursNotClosed(stack) == 0);
            stack.send("i-1", egress("i-1", "late", TEN.plusSeconds(2), "1000000"));
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
            stack.stop(first);

            assertThatThrownBy(() -> stack.start(stack.partsWith(catalogue(2, IN_KB, Usage.REQUESTS))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("meter egress")
                    .hasMessageContaining("2026-03-01T10:00:00Z");
        }
    }

    @Test
    void a_meter_whose_usage_waits_for_its_instance_cannot_change_until_it_has_come() {
        try (TestServers stack = new TestServers(clock)) {
            Aggregator first = stack.start();
            countOne(stack, "i-1");
            clock.moveTo(ELEVEN_CLOSED);
            soon().until(() -> hoursNotClosed(stack) == 0);
            stack.stop(first);

            assertThatThrownBy(() -> stack.start(stack.partsWith(catalogue(2, IN_KB, Usage.REQUESTS))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("wait for their instance")
                    .hasMessageContaining("i-1");

            stack.open("i-1");
            Aggregator second = stack.start();
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
            stack.stop(second);
            stack.start(stack.partsWith(catalogue(2, IN_KB, Usage.REQUESTS)));
            Instant eleven = TEN.plus(Duration.ofHours(1));
            stack.send("i-1", egress("i-1", "b", eleven.plusSeconds(1), "1000000"));
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
            clock.moveTo(ELEVEN_CLOSED.plus(Duration.ofHours(1)));
            soon().untilAsserted(() -> assertThat(stack.metered())
                    .isEqualTo(Map.of("10 i-1", BigDecimal.ONE, "11 i-1", new BigDecimal("1000"))));
        }
    }

    @Test
    void a_meter_with_usage_of_a_blocked_instance_cannot_change() {
        try (TestServers stack = new TestServers(clock)) {
            Aggregator first = stack.start();
            countOne(stack, "i-1");
            clock.moveTo(ELEVEN_CLOSED);
            soon().until(() -> hoursNotClosed(stack) == 0);
            stack.stop(first);
            stack.sql().sql("update aggregator.bucket set state = 'blocked'").update();

            assertThatThrownBy(() -> stack.start(stack.partsWith(catalogue(2, IN_KB, Usage.REQUESTS))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("i-1");
        }
    }

    @Test
    void a_process_that_runs_on_with_the_meters_of_before_counts_nothing_more() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            Aggregator old = stack.start();
            soon().until(() -> stack.countedWith().equals(List.of(1)));

            stack.start(stack.partsWith(catalogue(2, IN_KB, Usage.REQUESTS, CPU)));
            stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));

            soon().until(() -> old.partitions().all().stream().anyMatch(one -> one.haltedBecause() != null)
                    || stack.consumed() == 1);
            stack.stop(old);
            clock.moveTo(ELEVEN_CLOSED);
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("1000"))));
        }
    }

    @Test
    void a_version_that_was_counted_with_never_changes() {
        try (TestServers stack = new TestServers(clock)) {
            stack.stop(stack.start());

            assertThatThrownBy(() -> stack.start(stack.partsWith(catalogue(1, IN_KB, Usage.REQUESTS))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("version 1")
                    .hasMessageContaining("new number");
        }
    }

    private static long hoursNotClosed(TestServers stack) {
        return TestServers.PARTITIONS
                - stack.sql()
                        .sql("select count(distinct partition) from aggregator.hour_cutoff where hour >="
                                + " ?::timestamptz and closed_at is not null")
                        .param(TEN.toString())
                        .query(Long.class)
                        .single();
    }
}
