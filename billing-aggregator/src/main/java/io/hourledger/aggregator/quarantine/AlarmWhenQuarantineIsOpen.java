package io.hourledger.aggregator.quarantine;

import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.quarantine.QuarantineStore.Open;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows how many records of quarantine are open, by reason, and how old the oldest is. There is no number before the first look. A look that
 * fails leaves the numbers of the one before, and its age says so.
 */
public final class AlarmWhenQuarantineIsOpen {

    private final QuarantineStore store;
    private final Clock clock;
    private volatile @Nullable List<Map<QuarantineReason, Open>> seen;
    private volatile long lookedNanos = System.nanoTime();

    /**
     * @param clock business time
     */
    public AlarmWhenQuarantineIsOpen(QuarantineStore store, Clock clock, MeterRegistry metrics) {
        this.store = store;
        this.clock = clock;
        Gauge.builder("usage.aggregator.quarantine.look.age", () -> (System.nanoTime() - lookedNanos) / 1e9)
                .description("machine time since records of quarantine were looked up last, or since the start")
                .baseUnit("seconds")
                .register(metrics);
        for (QuarantineReason reason : QuarantineReason.values()) {
            Gauge.builder("usage.aggregator.quarantine.open", () -> records(reason))
                    .description(
                            "records of quarantine that were neither written off nor sent again, up to 10,000 a partition")
                    .tag("reason", reason.code())
                    .register(metrics);
            Gauge.builder("usage.aggregator.quarantine.open.oldest.age", () -> oldestAge(reason))
                    .description("how long ago the first of them was recorded; 0 if there is none")
                    .baseUnit("seconds")
                    .tag("reason", reason.code())
                    .register(metrics);
        }
    }

    /** Looks at these partitions once. */
    public void look(Collection<Integer> partitions) {
        seen = partitions.stream().map(store::open).toList();
        lookedNanos = System.nanoTime();
    }

    private double ofAll(QuarantineReason reason, ToDoubleFunction<Stream<Open>> value) {
        List<Map<QuarantineReason, Open>> all = seen;
        return all == null
                ? Double.NaN
                : value.applyAsDouble(all.stream().flatMap(open -> Stream.ofNullable(open.get(reason))));
    }

    private double records(QuarantineReason reason) {
        return ofAll(reason, open -> open.mapToLong(Open::records).sum());
    }

    private double oldestAge(QuarantineReason reason) {
        Instant now = clock.instant();
        return ofAll(reason, open -> open.mapToDouble(
                        one -> Duration.between(one.oldest(), now).toMillis() / 1000.0)
                .reduce(0, Math::max));
    }
}
