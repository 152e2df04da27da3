package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.embedded.TestClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class AggregatorEndToEndTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
    }

    @Test
    void an_hour_closes_by_the_clock_and_its_amounts_stand_in_the_ledger() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1", "i-2");
            stack.start();
            stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1500000"));
            stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "500000.5"));
            stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "500000.5"));
            stack.send("i-2", egress("i-2", "a", TEN.plusSeconds(3), "7"));
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(4));
            assertThat(stack.metered()).isEmpty();

            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

            soon().untilAsserted(() -> assertThat(stack.metered())
                    .isEqualTo(Map.of("10 i-1", new BigDecimal("2.0000005"), "10 i-2", new BigDecimal("0.000007"))));
        }
    }

    @Test
    void an_aggregator_started_again_goes_on_where_the_other_was_kept() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            Aggregator first = stack.start();
            stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(1));
            stack.stop(first);
            stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
            stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "1000000"));

            stack.start();
            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));

            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("2"))));
            assertThat(stack.sql()
                            .sql("select sum(duplicates) from aggregator.partition_position")
                            .query(Long.class)
                            .single())
                    .isEqualTo(1);
        }
    }
}
