package io.hourledger.aggregator.run;

import io.hourledger.aggregator.lag.LagMonitor;
import io.hourledger.aggregator.lag.LagVerdict;
import io.hourledger.aggregator.lag.PartitionLag;
import io.hourledger.aggregator.lag.Trend;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the lag, of all partitions in every process. When something does not answer the verdict says so, and the other numbers are the
 * last that were known. They are NaN only before the first look.
 */
final class LagMetrics {

    private static final String SECONDS = "seconds";

    private LagMetrics() {}

    static void register(MeterRegistry registry, LagMonitor lag, Clock clock, int partitions) {
        Gauge.builder("usage.aggregator.lag.look.age", lag, LagMonitor::secondsSinceLook)
                .description("how long ago it was looked last how far counting lags behind")
                .baseUnit(SECONDS)
                .register(registry);
        for (int partition = 0; partition < partitions; partition++) {
            OfPartition gauges = new OfPartition(registry, lag, partition);
            gauges.add(
                    "usage.aggregator.lag",
                    "records between the stored position and the end of the log",
                    null,
                    one -> orNaN(one.unread().lag()));
            gauges.add(
                    "usage.aggregator.lag.oldest.age",
                    "how long ago the oldest record that is not counted was received",
                    SECONDS,
                    one -> orNaN(one.unread().oldestUnreadSeconds()));
            gauges.add(
                    "usage.aggregator.lag.catch.up",
                    "until all is counted at the present rate; infinite if that is never",
                    SECONDS,
                    LagMetrics::catchUp);
            gauges.add(
                    "usage.aggregator.lag.time.left",
                    "until the next hour can no longer be reported in time; negative if it cannot be",
                    SECONDS,
                    one -> one.deadline() == null ? Double.NaN : one.deadline().secondsLeft());
            gauges.add(
                    "usage.aggregator.oldest.unclosed.hour.age",
                    "how long ago the oldest hour that is not closed has ended",
                    SECONDS,
                    one -> ageOfOldestUnclosedHour(one, clock.instant()));
            Gauge.builder("usage.aggregator.lag.verdict", lag, from -> verdict(from, gauges.partition))
                    .description("whether the next hour will be reported in time: 0 yes, 1 at risk, 2 late, 3 unknown")
                    .tag("partition", Integer.toString(partition))
                    .register(registry);
        }
    }

    private record OfPartition(MeterRegistry registry, LagMonitor lag, int partition) {

        void add(String name, String description, @Nullable String unit, ToDoubleFunction<PartitionLag> value) {
            Gauge.builder(name, lag, from -> from.last()
                            .partition(partition)
                            .map(value::applyAsDouble)
                            .orElse(Double.NaN))
                    .description(description)
                    .baseUnit(unit)
                    .tag("partition", Integer.toString(partition))
                    .register(registry);
        }
    }

    private static double verdict(LagMonitor lag, int partition) {
        return lag.last()
                .partition(partition)
                .map(PartitionLag::verdict)
                .orElse(LagVerdict.UNKNOWN)
                .number();
    }

    private static double catchUp(PartitionLag partition) {
        Double seconds = partition.catchUp().seconds();
        if (seconds != null) {
            return seconds;
        }
        boolean never = partition.catchUp().trend() != Trend.NOT_KNOWN;
        return never ? Double.POSITIVE_INFINITY : orNaN(partition.unread().oldestUnreadSeconds());
    }

    private static double ageOfOldestUnclosedHour(PartitionLag partition, Instant now) {
        PartitionLag.Deadline deadline = partition.deadline();
        if (deadline == null) {
            return Double.NaN;
        }
        return Math.max(
                0,
                Duration.between(deadline.hour().plus(Duration.ofHours(1)), now).toMillis() / 1000.0);
    }

    private static double orNaN(@Nullable Number value) {
        return value == null ? Double.NaN : value.doubleValue();
    }
}
