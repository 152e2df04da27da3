package io.hourledger.aggregator.retention;

import io.hourledger.aggregator.retention.RetentionStore.Dropped;
import io.hourledger.aggregator.retention.RetentionStore.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops what is older than it is kept for, a bounded number of rows a turn. Totals stay, so the balance stays exact. It may be ended at any
 * moment, and two processes may do it at once.
 */
public final class DropOldUsage {

    private static final Logger log = LoggerFactory.getLogger(DropOldUsage.class);

    private static final int ROWS_IN_STEP = 1_000;
    private static final int STEPS_IN_TURN = 20;

    private final RetentionStore store;
    private final RetentionSettings settings;
    private final int hoursInMemory;
    private final Map<Kind, Counter> dropped = new EnumMap<>(Kind.class);

    public DropOldUsage(RetentionStore store, RetentionSettings settings, int hoursInMemory, MeterRegistry metrics) {
        this.store = store;
        this.settings = settings;
        this.hoursInMemory = hoursInMemory;
        for (Kind kind : Kind.values()) {
            dropped.put(
                    kind,
                    Counter.builder("usage.aggregator.dropped.rows")
                            .description("rows that were dropped since they are older than they are kept for")
                            .tag("kind", kind.code())
                            .register(metrics));
        }
    }

    /** One turn for these partitions. */
    public void look(Collection<Integer> partitions) {
        partitions.forEach(this::look);
    }

    private void look(int partition) {
        store.closeForGood(partition, settings.ids(), hoursInMemory).ifPresent(hour -> log.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("through", hour)
                .log("hours are closed for good, their ids and cutoffs are dropped"));
        for (Kind kind : Kind.values()) {
            drop(partition, kind);
        }
    }

    private void drop(int partition, Kind kind) {
        for (int step = 0; step < STEPS_IN_TURN; step++) {
            Dropped now = store.drop(partition, kind, olderThan(kind), ROWS_IN_STEP);
            Objects.requireNonNull(dropped.get(kind)).increment(now.rows());
            if (now.isAll()) {
                return;
            }
        }
    }

    private Duration olderThan(Kind kind) {
        return switch (kind) {
            case IDS, CUTOFFS -> settings.ids();
            case BUCKETS -> settings.buckets();
            case QUARANTINE -> settings.quarantine();
        };
    }
}
