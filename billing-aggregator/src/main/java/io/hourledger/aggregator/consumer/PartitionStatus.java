package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Tallies;
import org.jspecify.annotations.Nullable;

/**
 * How one partition stands, as its owner last saw it.
 *
 * @param lag records in the log that are not applied yet
 * @param idsOnDisk ids near now that memory had no room for, so that they are looked up on disk
 * @param lastCutoffHour number of the last hour that has a cutoff
 * @param boundReached whether reading has stopped because too many ids or buckets are held
 * @param haltedBecause why reading has stopped until a person acts; null if it has not
 */
public record PartitionStatus(
        int partition,
        State state,
        long nextOffset,
        long checkpointedOffset,
        long lag,
        Tallies tallies,
        long idsHeld,
        long idsOnDisk,
        long idBytes,
        int openBuckets,
        long lastCutoffHour,
        boolean boundReached,
        @Nullable String haltedBecause) {

    /** What the owner does with it. */
    public enum State {
        LOADING,
        COUNTING,
        HALTED
    }

    static PartitionStatus loading(int partition) {
        return new PartitionStatus(
                partition, State.LOADING, 0, 0, 0, Tallies.NONE, 0, 0, 0, 0, Long.MIN_VALUE, false, null);
    }

    static PartitionStatus halted(int partition, String why) {
        return new PartitionStatus(
                partition, State.HALTED, 0, 0, 0, Tallies.NONE, 0, 0, 0, 0, Long.MIN_VALUE, false, why);
    }
}
