package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.embedded.TestClock;
import io.hourledger.service.ClockWatch;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clock of an aggregator's machine is wrong, and the database's is right. */
@Tag("servers")
class WrongClockTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
    }

    private static long cutoffs(TestServers stack, Instant hour) {
        return stack.sql()
                .sql("select count(*) from aggregator.hour_cutoff where hour >= ?::timestamptz")
                .param(hour.toString())
                .query(Long.class)
                .single();
    }

    private static double toldTooSoon(Aggregator.Parts parts) {
        return parts.metrics()
                .get("usage.aggregator.hours.over.too.soon")
                .counter()
                .count();
    }

    private static void awaitConsumed(TestServers stack, long events) {
        soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(events));
    }

    @Test
    void after_a_moment_days_ahead_no_later_event_is_late() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            stack.start();
            stack.send("i-1", egress("i-1", "before", TEN.plusSeconds(1), "1000000"));
            awaitConsumed(stack, 1);

            clock.isWrongBy(Duration.ofDays(3));
            stack.sendAt(TEN.plusSeconds(60), "i-1", egress("i-1", "meanwhile", TEN.plusSeconds(2), "1000000"));
            awaitConsumed(stack, 2);
            clock.isWrongBy(Duration.ZERO);
            stack.send("i-1", egress("i-1", "after", TEN.plusSeconds(3), "1000000"));
            awaitConsumed(stack, 3);

            assertThat(stack.reasons()).isEmpty();
            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("3"))));
        }
    }

    @Test
    void a_host_five_minutes_fast_ends_no_hour_before_the_database_does() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            clock.isWrongBy(Duration.ofMinutes(5));
            Aggregator.Parts parts = stack.parts();
            stack.start(parts);
            clock.moveTo(TEN.plus(Duration.ofMinutes(61)));
            Instant lastMinute = TEN.plus(Duration.ofMinutes(59));
            stack.sendAt(clock.instant(), "i-1", egress("i-1", "last", lastMinute, "1000000"));
            awaitConsumed(stack, 1);

            soon().until(() -> toldTooSoon(parts) == TestServers.PARTITIONS);
            assertThat(cutoffs(stack, TEN)).isZero();
            assertThat(stack.reasons()).isEmpty();
            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
            assertThat(cutoffs(stack, TEN.plus(Duration.ofHours(1)))).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT5M", "-PT5M"})
    void a_clock_that_differs_from_the_databases_is_an_alarm_until_it_is_right(Duration error) {
        clock.isWrongBy(error);
        MeterRegistry metrics = new SimpleMeterRegistry();
        try (TestServers stack = new TestServers(clock);
                ClockWatch watch = ClockWatch.start(clock, stack.database(), metrics)) {
            soon().until(() -> differenceSeconds(metrics) == -error.toSeconds());
            assertThat(String.valueOf(watch.health().getDetails().get("clock")))
                    .contains(
                            TEN.plusSeconds(60).toString(),
                            TEN.plusSeconds(60).plus(error).toString());

            clock.isWrongBy(Duration.ZERO);
            soon().until(() -> differenceSeconds(metrics) == 0);
            assertThat(watch.health().getDetails()).containsEntry("clock", "agrees with the database's within 30 s");
        }
    }

    private static double differenceSeconds(MeterRegistry metrics) {
        return metrics.get("hourledger.clock.difference").gauge().value();
    }

    @Test
    void a_slow_host_ends_its_hours_later_and_loses_nothing() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            clock.isWrongBy(Duration.ofMinutes(-5));
            stack.start();
            clock.moveTo(TEN.plus(Duration.ofMinutes(66)));
            Instant lastMinute = TEN.plus(Duration.ofMinutes(59));
            stack.sendAt(lastMinute, "i-1", egress("i-1", "last", lastMinute, "1000000"));
            awaitConsumed(stack, 1);

            assertThat(cutoffs(stack, TEN)).isZero();
            clock.moveTo(TEN.plus(Duration.ofMinutes(67)));
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
        }
    }
}
