package io.hourledger.aggregator.consumer;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.Tallies;
import org.jspecify.annotations.Nullable;

/**
 * How one partition stands, as its owner last saw it.
 *
 * @param lastCutoffHour number of the last hour that has a cutoff
 * @param haltedBecause why reading has stopped, for a person who must act; null if it has not
 */
public record PartitionStatus(
        int partition,
        State state,
        @JsonUnwrapped Progress progress,
        Tallies tallies,
        @JsonUnwrapped Held held,
        long lastCutoffHour,
        @Nullable String haltedBecause) {

    /** What the owner does with it. */
    public enum State {
        LOADING,
        COUNTING,
        HALTED
    }

    /**
     * How far the log was counted. How far that lies behind its end, {@link io.hourledger.aggregator.lag.LagMonitor} says.
     */
    public record Progress(long nextOffset, long checkpointedOffset) {

        public static final Progress NONE = new Progress(0, 0);
    }

    /**
     * What memory holds.
     *
     * @param idsOnDisk ids near now that memory had no room for, so that they are looked up on disk
     * @param boundReached whether reading has stopped because too many ids are held
     */
    public record Held(long idsHeld, long idsOnDisk, long idBytes, int bucketsHeld, boolean boundReached) {

        public static final Held NOTHING = new Held(0, 0, 0, 0, false);
    }

    static PartitionStatus loading(int partition) {
        return holdingNothing(partition, State.LOADING, null);
    }

    static PartitionStatus halted(int partition, String why) {
        return holdingNothing(partition, State.HALTED, why);
    }

    private static PartitionStatus holdingNothing(int partition, State state, @Nullable String haltedBecause) {
        return new PartitionStatus(
                partition, state, Progress.NONE, Tallies.NONE, Held.NOTHING, Long.MIN_VALUE, haltedBecause);
    }

    static PartitionStatus counting(PartitionState counter, boolean boundReached) {
        return new PartitionStatus(
                counter.partition(),
                State.COUNTING,
                new Progress(counter.nextOffset(), counter.checkpointedOffset()),
                counter.tallies(),
                new Held(
                        counter.idsHeld(), counter.idsOnDisk(), counter.idBytes(), counter.bucketsHeld(), boundReached),
                counter.lastCutoffHour(),
                null);
    }

    public long nextOffset() {
        return progress.nextOffset;
    }

    public long checkpointedOffset() {
        return progress.checkpointedOffset;
    }

    public long idsHeld() {
        return held.idsHeld;
    }

    public long idsOnDisk() {
        return held.idsOnDisk;
    }

    public long idBytes() {
        return held.idBytes;
    }

    public int bucketsHeld() {
        return held.bucketsHeld;
    }

    public boolean boundReached() {
        return held.boundReached;
    }
}
