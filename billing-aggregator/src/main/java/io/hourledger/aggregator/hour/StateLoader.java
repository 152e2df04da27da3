package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.Set;

/** Fills a new {@link PartitionState} with what is kept of its partition. */
final class StateLoader implements CheckpointStore.Loading {

    private final PartitionState state;
    private final KnownIds ids;
    private final PartitionCutoffs cutoffs;
    private final PendingCheckpoint pending;
    private final EventCounter events;
    private final UniqueValues uniqueValues;

    StateLoader(
            PartitionState state,
            KnownIds ids,
            PartitionCutoffs cutoffs,
            PendingCheckpoint pending,
            EventCounter events,
            UniqueValues uniqueValues) {
        this.state = state;
        this.ids = ids;
        this.cutoffs = cutoffs;
        this.pending = pending;
        this.events = events;
        this.uniqueValues = uniqueValues;
    }

    @Override
    public void position(long checkpoint, long nextOffset, Tallies tallies, long sealedThrough, long ids) {
        state.beginAt(nextOffset, tallies);
        pending.beginAfter(checkpoint, nextOffset, tallies.counted());
        this.ids.expect(sealedThrough, ids);
    }

    @Override
    public void closedForGood(UsageHour hour) {
        cutoffs.closeForGood(hour);
    }

    @Override
    public void cutoff(Cutoff cutoff) {
        cutoffs.add(cutoff, state.nextOffset());
        ids.memoryBeginsAfter(cutoffs.memoryBeginsAfter());
    }

    @Override
    public void amended(UsageHour hour, String instance, String eventType) {
        events.remember(hour, instance, eventType);
    }

    @Override
    public Set<String> uniqueCounts() {
        return uniqueValues.names();
    }

    @Override
    public void uniqueValues(UsageHour hour, int revision, String instance, String meter, BigDecimal rawTotal) {
        uniqueValues.load(new OpenBucketName(hour.number(), revision, instance, meter), rawTotal);
    }

    @Override
    public void ids(UsageHour hour, byte[] stored) {
        ids.load(hour, stored);
    }

    @Override
    public void onDisk(UsageHour hour, long run, long ids, IdFilter filter) {
        this.ids.leaveOnDisk(hour, run, ids, filter);
    }
}
