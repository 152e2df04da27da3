package io.hourledger.aggregator.unmatched;

import io.hourledger.aggregator.unmatched.SubjectUsage.State;
import io.hourledger.aggregator.unmatched.UnmatchedUsage.Filter;
import io.hourledger.aggregator.unmatched.UnmatchedUsage.Total;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
        for (int partition = 0; partition < partitions; partition++) {
            for (State state : State.values()) {
                gauge(metrics, partition, state, "buckets", "hours of subjects", null, Total::buckets);
                gauge(metrics, partition, state, "events", "events", null, Total::events);
                gauge(metrics, partition, state, "oldest.age", "age of the oldest", "seconds", this::ageOf);
            }
        }
    }

    /** Nothing is known, and so there is no number, of a partition that another process has. */
    private void gauge(
            MeterRegistry metrics,
            int partition,
            State state,
            String name,
            String what,
            @Nullable String unit,
            ToDoubleFunction<Total> value) {
        Gauge.builder("usage.aggregator." + state.code() + "." + name, () -> {
                    Map<State, Total> totals = seen.get(partition);
                    return totals == null ? Double.NaN : value.applyAsDouble(totals.getOrDefault(state, Total.NONE));
                })
                .description(what + " of closed hours that "
                        + switch (state) {
                            case UNMATCHED -> "no instance has yet";
                            case REFUSED -> "a rule of the ledger does not let in";
                        })
                .baseUnit(unit)
                .tag("partition", Integer.toString(partition))
                .register(metrics);
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
        boolean isOverdue = seen.values().stream()
                .map(totals -> totals.getOrDefault(State.UNMATCHED, Total.NONE))
                .anyMatch(total -> ageOf(total.since()).compareTo(alarmAfter) > 0);
        if (isOverdue && !isRaised) {
            SubjectUsage oldest =
                    usage.list(new Filter(null, State.UNMATCHED), 1).getFirst();
            log.atError()
                    .addKeyValue("subject", oldest.subject())
                    .addKeyValue("meter", oldest.meter())
                    .addKeyValue("since", oldest.since())
                    .log("usage has no instance for too long; ./metering unmatched list shows all of it");
        }
        isRaised = isOverdue;
    }
}
