package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Tallies;

/** Hears what closing and watching need to know. */
public interface PartitionListener {
    void stands(PartitionStatus status);

    /** State was loaded, and counting goes on from these tallies. */
    void loaded(int partition, Tallies tallies);

    void kept(Checkpoint checkpoint);

    /** The kept position has reached the cutoff of this hour. */
    void reached(int partition, long hour);

    void given(int partition);

    void released(int partition);

    /** Number of the hour up to which ids of this partition lie in sealed blocks. */
    long sealedThrough(int partition);
}
