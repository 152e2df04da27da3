package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/** Hears what closing and watching need to know. What an ownership says after a newer one was given concerns nobody but itself. */
public interface PartitionListener {

    /** The group gives the partition to a thread of this process. */
    PartitionOwnership given(int partition);

    void stands(PartitionOwnership ownership, PartitionStatus status);

    /** State was loaded, and counting goes on from these tallies. */
    void loaded(PartitionOwnership ownership, Tallies tallies);

    /** See {@link io.hourledger.aggregator.hour.CheckpointListener#kept}. */
    void stored(PartitionOwnership ownership, Checkpoint checkpoint);

    /** See {@link io.hourledger.aggregator.hour.CheckpointListener#overTooSoon}. */
    void overTooSoon(PartitionOwnership ownership, UsageHour hour, Instant processTime, Instant storeTime);

    /** See {@link io.hourledger.aggregator.hour.CheckpointListener#sealedThrough}. */
    long sealedThrough(PartitionOwnership ownership);

    /**
     * State was dropped and is loaded again.
     *
     * @param withoutProgress how often that was so since a checkpoint was kept last, this time included
     */
    void reloading(PartitionOwnership ownership, int withoutProgress);

    /** A checkpoint was kept after state was loaded again, or nothing is left to be kept. */
    void progressed(PartitionOwnership ownership);

    /** The kept position has reached the cutoff of this hour. */
    void reached(PartitionOwnership ownership, long hour);

    /** The consumer of a member of the group has ended without being told to, and another one takes its place. */
    void memberRestarted();

    /** The thread no longer owns the partition. Told once, and perhaps long after another thread was given it. */
    void released(PartitionOwnership ownership);
}
