package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestHouse;
import io.hourledger.aggregator.Usage;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.embedded.TestClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Usage is billed by the meter that it was counted with, or the process with another meter does not count. */
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

    private static void countOne(TestHouse house, String instance) {
        long expected = house.consumed() + 1;
        house.send(instance, egress(instance, "a", TEN.plusSeconds(1), "1000000"));
        soon().untilAsserted(() -> assertThat(house.consumed()).isEqualTo(expected));
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
        try (TestHouse house = new TestHouse(clock)) {
            house.open("i-1");
            Aggregator first = house.start();
            countOne(house, "i-1");
            house.stop(first);

            assertThatThrownBy(() -> house.start(house.partsWith(changed)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("meter egress")
                    .hasMessageContaining("\"unitFactor\":\"0.000001\"")
                    .hasMessageContaining("2026-03-01T10:00:00Z")
                    .hasMessageContaining("i-1");

            house.start();
            clock.moveTo(ELEVEN_CLOSED);
            soon().untilAsserted(() -> assertThat(house.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
        }
    }

    @Test
    void a_meter_whose_usage_waits_for_its_instance_cannot_change_until_it_has_come() {
        try (TestHouse house = new TestHouse(clock)) {
            Aggregator first = house.start();
            countOne(house, "i-1");
            clock.moveTo(ELEVEN_CLOSED);
            soon().until(() -> hoursNotClosed(house) == 0);
            house.stop(first);

            assertThatThrownBy(() -> house.start(house.partsWith(catalogue(2, IN_KB, Usage.REQUESTS))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("wait for their instance")
                    .hasMessageContaining("i-1");

            house.open("i-1");
            Aggregator second = house.start();
            soon().untilAsserted(() -> assertThat(house.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
            house.stop(second);
            house.start(house.partsWith(catalogue(2, IN_KB, Usage.REQUESTS)));
            Instant eleven = TEN.plus(Duration.ofHours(1));
            house.send("i-1", egress("i-1", "b", eleven.plusSeconds(1), "1000000"));
            soon().untilAsserted(() -> assertThat(house.consumed()).isEqualTo(2));
            clock.moveTo(ELEVEN_CLOSED.plus(Duration.ofHours(1)));
            soon().untilAsserted(() -> assertThat(house.metered())
                    .isEqualTo(Map.of("10 i-1", BigDecimal.ONE, "11 i-1", new BigDecimal("1000"))));
        }
    }

    @Test
    void a_meter_with_usage_of_a_blocked_instance_cannot_change() {
        try (TestHouse house = new TestHouse(clock)) {
            Aggregator first = house.start();
            countOne(house, "i-1");
            clock.moveTo(ELEVEN_CLOSED);
            soon().until(() -> hoursNotClosed(house) == 0);
            house.stop(first);
            house.sql().sql("update aggregator.bucket set state = 'blocked'").update();

            assertThatThrownBy(() -> house.start(house.partsWith(catalogue(2, IN_KB, Usage.REQUESTS))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("i-1");
        }
    }

    @Test
    void a_process_that_runs_on_with_the_meters_of_before_counts_nothing_more() {
        try (TestHouse house = new TestHouse(clock)) {
            house.open("i-1");
            Aggregator old = house.start();
            soon().until(() -> house.countedWith().equals(List.of(1)));

            house.start(house.partsWith(catalogue(2, IN_KB, Usage.REQUESTS, CPU)));
            house.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));

            soon().until(() -> old.partitions().all().stream().anyMatch(one -> one.haltedBecause() != null)
                    || house.consumed() == 1);
            house.stop(old);
            clock.moveTo(ELEVEN_CLOSED);
            soon().untilAsserted(() -> assertThat(house.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("1000"))));
        }
    }

    @Test
    void a_version_that_was_counted_with_never_changes() {
        try (TestHouse house = new TestHouse(clock)) {
            house.stop(house.start());

            assertThatThrownBy(() -> house.start(house.partsWith(catalogue(1, IN_KB, Usage.REQUESTS))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("version 1")
                    .hasMessageContaining("new number");
        }
    }

    private static long hoursNotClosed(TestHouse house) {
        return TestHouse.PARTITIONS
                - house.sql()
                        .sql(
                                "select count(distinct partition) from aggregator.hour_cutoff where hour >= ?::timestamptz and closed_at is not null")
                        .param(TEN.toString())
                        .query(Long.class)
                        .single();
    }
}
