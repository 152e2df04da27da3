package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Remembers what the owners of partitions say. */
final class RecordingListener implements PartitionListener {

    final List<Integer> released = new ArrayList<>();
    final List<Integer> loaded = new ArrayList<>();
    int reloads;
    int progresses;
    long sealedThrough = Long.MIN_VALUE;
    boolean releasesFail;

    private final Map<Integer, PartitionStatus> statuses = new HashMap<>();
    private long epochs;

    PartitionStatus status(int partition) {
        return statuses.get(partition);
    }

    @Override
    public PartitionOwnership given(int partition) {
        return new PartitionOwnership(partition, ++epochs);
    }

    @Override
    public void stands(PartitionOwnership ownership, PartitionStatus status) {
        statuses.put(ownership.partition(), status);
    }

    @Override
    public void loaded(PartitionOwnership ownership, Tallies tallies) {
        loaded.add(ownership.partition());
    }

    @Override
    public void stored(PartitionOwnership ownership, Checkpoint checkpoint) {
        // the tests look into the store itself
    }

    @Override
    public void overTooSoon(PartitionOwnership ownership, UsageHour hour, Instant processTime, Instant storeTime) {
        throw new AssertionError("both clocks are one: " + hour);
    }

    @Override
    public long sealedThrough(PartitionOwnership ownership) {
        return sealedThrough;
    }

    @Override
    public void reloading(PartitionOwnership ownership, int withoutProgress) {
        reloads++;
    }

    @Override
    public void progressed(PartitionOwnership ownership) {
        progresses++;
    }

    @Override
    public void reached(PartitionOwnership ownership, long hour) {
        // closing has tests of its own
    }

    @Override
    public void memberRestarted() {
        throw new AssertionError("there is no member");
    }

    @Override
    public void released(PartitionOwnership ownership) {
        released.add(ownership.partition());
        if (releasesFail) {
            throw new IllegalStateException("a bug");
        }
    }
}
