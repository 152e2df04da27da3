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
import java.util.stream.Stream;

/**
 * Shows how many records of quarantine nobody has decided about, by reason, and how old the oldest is. A look that fails leaves the numbers of the
 * one before, and the age goes on.
 */
public final class AlarmWhenQuarantineIsOpen {

    private final QuarantineStore store;
    private final Clock clock;
    private volatile List<Map<QuarantineReason, Open>> seen = List.of();

    /**
     * @param clock business time
     */
    public AlarmWhenQuarantineIsOpen(QuarantineStore store, Clock clock, MeterRegistry metrics) {
        this.store = store;
        this.clock = clock;
        for (QuarantineReason reason : QuarantineReason.values()) {
            Gauge.builder("usage.aggregator.quarantine.open", () -> records(reason))
                    .description(
                            "records of quarantine that nobody has decided about, counted up to 10,000 a partition")
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
    }

    private Stream<Open> of(QuarantineReason reason) {
        return seen.stream().flatMap(open -> Stream.ofNullable(open.get(reason)));
    }

    private double records(QuarantineReason reason) {
        return of(reason).mapToLong(Open::records).sum();
    }

    private double oldestAge(QuarantineReason reason) {
        Instant now = clock.instant();
        return of(reason)
                .mapToDouble(open -> Duration.between(open.oldest(), now).toMillis() / 1000.0)
                .reduce(0, Math::max);
    }
}
