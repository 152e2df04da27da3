package io.hourledger.aggregator.unmatched;

import io.hourledger.aggregator.unmatched.SubjectUsage.State;
import io.hourledger.aggregator.unmatched.UnmatchedUsage.Oldest;
import io.hourledger.aggregator.unmatched.UnmatchedUsage.Total;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the alarm when usage of closed hours stays out of the ledger: metrics show how much and since when, and the log says once what has been
 * unmatched for too long.
 */
public final class AlarmWhenUsageIsUnmatched {

    private static final Logger log = LoggerFactory.getLogger(AlarmWhenUsageIsUnmatched.class);

    private final UnmatchedUsage usage;
    private final Clock clock;
    private final Duration alarmAfter;
    private final Map<Integer, Map<State, Total>> seen = new ConcurrentHashMap<>();
    private volatile long lookedNanos = System.nanoTime();
    private boolean isRaised;

    /**
     * @param clock business time
     * @param alarmAfter how long usage may be unmatched before the log says so
     */
    public AlarmWhenUsageIsUnmatched(
            UnmatchedUsage usage, Clock clock, Duration alarmAfter, MeterRegistry metrics, int partitions) {
        this.usage = usage;
        this.clock = clock;
        this.alarmAfter = alarmAfter;
        Gauge.builder("usage.aggregator.unmatched.look.age", () -> (System.nanoTime() - lookedNanos) / 1e9)
                .description("machine time since unmatched and refused usage was looked up last, or since the start")
                .baseUnit("seconds")
                .register(metrics);
        for (int partition = 0; partition < partitions; partition++) {
            Gauges unmatched =
                    new Gauges(metrics, partition, State.UNMATCHED, " of closed hours that no instance has yet");
            unmatched.show(
                    "usage.aggregator.unmatched.buckets", "hours of subjects, one for each meter,", Total::buckets);
            unmatched.show("usage.aggregator.unmatched.events", "events", Total::events);
            unmatched.showAge("usage.aggregator.unmatched.oldest.age");
            Gauges refused = new Gauges(
                    metrics,
                    partition,
                    State.REFUSED,
                    " of closed hours that a rule of the ledger does not let in or their product's meter does not read");
            refused.show("usage.aggregator.refused.buckets", "hours of subjects, one for each meter,", Total::buckets);
            refused.show("usage.aggregator.refused.events", "events", Total::events);
            refused.showAge("usage.aggregator.refused.oldest.age");
        }
    }

    /** Gauges of one state. Nothing is known, and so there is no number, of a partition that another process has. */
    private final class Gauges {
        private final MeterRegistry metrics;
        private final int partition;
        private final State state;
        private final String whose;

        Gauges(MeterRegistry metrics, int partition, State state, String whose) {
            this.metrics = metrics;
            this.partition = partition;
            this.state = state;
            this.whose = whose;
        }

        void show(String name, String what, ToDoubleFunction<Total> value) {
            register(gauge(name, value).description(what + whose));
        }

        void showAge(String name) {
            register(gauge(name, AlarmWhenUsageIsUnmatched.this::ageOf)
                    .description("age of the oldest usage" + whose)
                    .baseUnit("seconds"));
        }

        private Gauge.Builder<Supplier<Number>> gauge(String name, ToDoubleFunction<Total> value) {
            return Gauge.builder(name, () -> {
                Map<State, Total> totals = seen.get(partition);
                return totals == null ? Double.NaN : value.applyAsDouble(totals.getOrDefault(state, Total.NONE));
            });
        }

        private void register(Gauge.Builder<?> gauge) {
            gauge.tag("partition", Integer.toString(partition)).register(metrics);
        }
    }

    private double ageOf(Total total) {
        return ageOf(total.since()).toMillis() / 1000.0;
    }

    private Duration ageOf(@Nullable Instant since) {
        Duration age = since == null ? Duration.ZERO : Duration.between(since, clock.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** Looks at these partitions once; of others nothing is known from now on. */
    public void look(Collection<Integer> partitions) {
        seen.keySet().retainAll(partitions);
        for (int partition : partitions) {
            Map<State, Total> totals = new EnumMap<>(State.class);
            for (State state : State.values()) {
                totals.put(state, usage.total(partition, state));
            }
            seen.put(partition, totals);
        }
        Optional<Oldest> overdue = partitions.stream()
                .filter(partition ->
                        isOverdue(seenOf(partition, State.UNMATCHED).since()))
                .flatMap(partition -> usage.oldest(partition, State.UNMATCHED).stream())
                .filter(oldest -> isOverdue(oldest.since()))
                .min(Comparator.comparing(Oldest::since));
        if (!isRaised) {
            overdue.ifPresent(oldest -> log.atError()
                    .addKeyValue("subject", oldest.subject())
                    .addKeyValue("meter", oldest.meter())
                    .addKeyValue("since", oldest.since())
                    .log("usage has no instance for too long; ./metering unmatched list shows all of it"));
        }
        isRaised = overdue.isPresent();
        lookedNanos = System.nanoTime();
    }

    private Total seenOf(int partition, State state) {
        return seen.getOrDefault(partition, Map.of()).getOrDefault(state, Total.NONE);
    }

    private boolean isOverdue(@Nullable Instant since) {
        return ageOf(since).compareTo(alarmAfter) > 0;
    }
}
