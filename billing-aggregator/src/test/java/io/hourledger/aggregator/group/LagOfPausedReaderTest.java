package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.lag.LagMonitor;
import io.hourledger.aggregator.lag.LagVerdict;
import io.hourledger.aggregator.lag.PartitionLag;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.aggregator.run.LagMonitors;
import io.hourledger.embedded.TestClock;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lag as Kafka and PostgreSQL tell it, while the thread that reads hangs, and while nobody reads. */
@Tag("servers")
class LagOfPausedReaderTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final int PARTITION =
            Utils.toPositive(Utils.murmur2("i-1".getBytes(UTF_8))) % TestServers.PARTITIONS;

    private final TestClock clock = new TestClock(TEN.plus(Duration.ofMinutes(20)));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(200));
    }

    private LagMonitor outside(TestServers stack) {
        return LagMonitors.of(
                stack.parts().kafka(),
                Objects.requireNonNull(stack.settings().get("hourledger.aggregator.group-id")),
                Duration.ofMinutes(2),
                stack.database(),
                clock);
    }

    private static PartitionLag look(LagMonitor monitor) {
        return monitor.look().partition(PARTITION).orElseThrow();
    }

    private static double gauge(Aggregator.Parts parts, String name) {
        return parts.metrics()
                .get(name)
                .tag("partition", Integer.toString(PARTITION))
                .gauge()
                .value();
    }

    @Test
    void a_reader_paused_for_forty_minutes_is_told_before_the_deadline_and_when_it_is_back() throws Exception {
        try (TestServers stack = new TestServers(clock);
                LagMonitor monitor = outside(stack);
                Connection other = DriverManager.getConnection(
                        stack.address().jdbcUrl(),
                        stack.address().user(),
                        stack.address().password())) {
            Aggregator.Parts parts = stack.parts("hourledger.aggregator.lag-interval=PT0.1S");
            Aggregator aggregator = stack.start(parts);
            stack.send("i-1", egress("i-1", "a", clock.instant(), "5"));
            soon().untilAsserted(() -> {
                assertThat(stack.consumed()).isEqualTo(1);
                assertThat(look(monitor).verdict()).isEqualTo(LagVerdict.IN_TIME);
                assertThat(look(monitor).unread().lag()).isZero();
                assertThat(gauge(parts, "usage.aggregator.lag.verdict")).isZero();
            });

            other.setAutoCommit(false);
            try (PreparedStatement lock = other.prepareStatement(
                    "select 1 from aggregator.partition_position where partition = ? for update")) {
                lock.setInt(1, PARTITION);
                lock.execute();
            }
            stack.send("i-1", egress("i-1", "b", clock.instant(), "5"));
            clock.move(Duration.ofMinutes(20));
            stack.send("i-1", egress("i-1", "c", clock.instant(), "5"));
            clock.move(Duration.ofMinutes(20));
            soon().untilAsserted(() -> {
                PartitionLag lag = look(monitor);
                assertThat(lag.verdict()).isEqualTo(LagVerdict.AT_RISK);
                assertThat(lag.unread().lag()).isEqualTo(2);
                assertThat(lag.unread().oldestUnreadSeconds()).isEqualTo(2400);
                assertThat(lag.deadline().secondsLeft()).isPositive();
                assertThat(gauge(parts, "usage.aggregator.lag")).isEqualTo(2);
                assertThat(gauge(parts, "usage.aggregator.lag.verdict")).isEqualTo(1);
                assertThat(gauge(parts, "usage.aggregator.lag.catch.up")).isInfinite();
            });

            other.rollback();
            soon().untilAsserted(() -> {
                assertThat(stack.consumed()).isEqualTo(3);
                assertThat(look(monitor).verdict()).isEqualTo(LagVerdict.IN_TIME);
                assertThat(gauge(parts, "usage.aggregator.lag.verdict")).isZero();
            });

            stack.stop(aggregator);
            stack.send("i-1", egress("i-1", "d", clock.instant(), "5"));
            clock.moveTo(TEN.plus(Duration.ofMinutes(70)));
            soon().untilAsserted(() -> {
                PartitionLag lag = look(monitor);
                assertThat(lag.owner()).isEqualTo("no process");
                assertThat(lag.verdict()).isEqualTo(LagVerdict.AT_RISK);
                assertThat(lag.cause()).contains("1 records wait", "no process owns the partition");
            });
            clock.moveTo(TEN.plus(Duration.ofMinutes(75)));
            assertThat(look(monitor).verdict()).isEqualTo(LagVerdict.LATE);

            stack.start();
            soon().untilAsserted(() -> assertThat(look(monitor).verdict()).isEqualTo(LagVerdict.IN_TIME));
        }
    }
}
