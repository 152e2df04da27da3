package io.hourledger.aggregator.run;

import io.hourledger.aggregator.closing.ClosingLoop;
import io.hourledger.aggregator.closing.ClosingStore.Blocked;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.Tallies;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** All metrics of the aggregator. Events are counted when their checkpoint was kept, so each is counted once here too. */
final class AggregatorMetrics {

    private static final String EVENTS = "usage.aggregator.events";
    private static final String OUTCOME = "outcome";
    private static final String PARTITION = "partition";

    private final Counter counted;
    private final Counter duplicates;
    private final Counter filteredOut;
    private final Counter amendments;
    private final Counter late;
    private final Map<QuarantineReason, Counter> quarantined = new EnumMap<>(QuarantineReason.class);
    private final Counter overTooSoon;
    private final Counter reloads;
    private final Counter restarts;
    private final Map<PartitionOwnership, Integer> reloadsWithoutProgress = new ConcurrentHashMap<>();
    private final Map<PartitionOwnership, Tallies> tallies = new ConcurrentHashMap<>();

    AggregatorMetrics(MeterRegistry registry, PartitionBoard board, ClosingLoop closing, Clock clock, int partitions) {
        counted = events(registry, "counted");
        duplicates = events(registry, "duplicate");
        filteredOut = events(registry, "filtered-out");
        amendments = events(registry, "amendment");
        late = Counter.builder("usage.aggregator.events.late")
                .description("events counted in a later revision, since they came after the cutoff of their hour")
                .register(registry);
        for (QuarantineReason reason : QuarantineReason.values()) {
            quarantined.put(reason, events(registry, reason.code()));
        }
        restarts = Counter.builder("usage.aggregator.consumer.restarts")
                .description("how often a consumer has ended by a bug, or a lack of memory, and another took its place")
                .register(registry);
        reloads = Counter.builder("usage.aggregator.reloads")
                .description("how often the state of a partition was dropped and loaded again")
                .register(registry);
        overTooSoon = Counter.builder("usage.aggregator.hours.over.too.soon")
                .description("hours that were over by this process's clock and not by the database's, and so went on")
                .register(registry);
        for (int partition = 0; partition < partitions; partition++) {
            int number = partition;
            gauge(registry, board, number, "usage.aggregator.ids.held", "ids in memory", PartitionStatus::idsHeld);
            gauge(
                    registry,
                    board,
                    number,
                    "usage.aggregator.ids.on.disk",
                    "ids near now that memory had no room for",
                    PartitionStatus::idsOnDisk);
            gauge(registry, board, number, "usage.aggregator.ids.bytes", "memory of the ids", PartitionStatus::idBytes);
            gauge(
                    registry,
                    board,
                    number,
                    "usage.aggregator.buckets.held",
                    "buckets that have a place in memory",
                    PartitionStatus::bucketsHeld);
            gauge(
                    registry,
                    board,
                    number,
                    "usage.aggregator.bound.reached",
                    "1 while reading has stopped because too many ids are held",
                    status -> status.boundReached() ? 1 : 0);
            gauge(
                    registry,
                    board,
                    number,
                    "usage.aggregator.halted",
                    "1 while reading has stopped and a person must act",
                    status -> status.haltedBecause() == null ? 0 : 1);
            Gauge.builder("usage.aggregator.reloads.without.progress", () -> reloadsWithoutProgress(number))
                    .description(
                            "reloads since a checkpoint was kept last; rising means that the partition stands still")
                    .tag(PARTITION, Integer.toString(number))
                    .register(registry);
            Gauge.builder("usage.aggregator.blocked.instances", () -> closing.blocked(number)
                            .map(blocked -> (double) blocked.instances())
                            .orElse(Double.NaN))
                    .description("instances whose hours fail whenever they are entered in the ledger, also alone")
                    .tag(PARTITION, Integer.toString(number))
                    .register(registry);
            Gauge.builder("usage.aggregator.blocked.oldest.age", () -> closing.blocked(number)
                            .map(blocked -> ageOf(blocked, clock))
                            .orElse(Double.NaN))
                    .description("how long the first of them has been blocked; 0 if none is")
                    .baseUnit("seconds")
                    .tag(PARTITION, Integer.toString(number))
                    .register(registry);
        }
    }

    private static Counter events(MeterRegistry registry, String outcome) {
        return Counter.builder(EVENTS)
                .description("records of the log by what became of them")
                .tag(OUTCOME, outcome)
                .register(registry);
    }

    /** Of what this process holds: nothing of a partition that is another one's. */
    private static void gauge(
            MeterRegistry registry,
            PartitionBoard board,
            int partition,
            String name,
            String description,
            ToDoubleFunction<PartitionStatus> value) {
        Gauge.builder(name, board, from -> from.of(partition)
                        .map(value::applyAsDouble)
                        .orElse(0.0))
                .description(description)
                .tag(PARTITION, Integer.toString(partition))
                .register(registry);
    }

    private static double ageOf(Blocked blocked, Clock clock) {
        return blocked.since() == null
                ? 0
                : Math.max(0, Duration.between(blocked.since(), clock.instant()).toMillis() / 1000.0);
    }

    private double reloadsWithoutProgress(int partition) {
        return reloadsWithoutProgress.entrySet().stream()
                .filter(entry -> entry.getKey().partition() == partition)
                .mapToInt(Map.Entry::getValue)
                .max()
                .orElse(0);
    }

    void reloading(PartitionOwnership ownership, int withoutProgress) {
        reloads.increment();
        reloadsWithoutProgress.put(ownership, withoutProgress);
    }

    void progressed(PartitionOwnership ownership) {
        reloadsWithoutProgress.remove(ownership);
    }

    void memberRestarted() {
        restarts.increment();
    }

    void overTooSoon() {
        overTooSoon.increment();
    }

    void stored(PartitionOwnership ownership, Checkpoint checkpoint) {
        Tallies now = checkpoint.tallies();
        Tallies before = tallies.put(ownership, now);
        if (before != null) {
            counted.increment((double) Math.max(0, now.counted() - before.counted()));
            duplicates.increment((double) Math.max(0, now.duplicates() - before.duplicates()));
            filteredOut.increment((double) Math.max(0, now.filteredOut() - before.filteredOut()));
            amendments.increment((double) Math.max(0, now.amendments() - before.amendments()));
        }
        late.increment((double) checkpoint.lateEvents());
        for (QuarantinedRecord event : checkpoint.quarantined()) {
            Objects.requireNonNull(quarantined.get(event.reason())).increment();
        }
    }

    /** What was counted before is what others have counted. */
    void loaded(PartitionOwnership ownership, Tallies before) {
        tallies.put(ownership, before);
    }

    void released(PartitionOwnership ownership) {
        tallies.remove(ownership);
        reloadsWithoutProgress.remove(ownership);
    }
}
