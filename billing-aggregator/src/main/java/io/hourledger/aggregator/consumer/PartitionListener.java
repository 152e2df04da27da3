package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.KeeperListener;
import io.hourledger.aggregator.hour.Tallies;

/** Hears what closing and watching need to know. */
public interface PartitionListener extends KeeperListener {
    void stands(PartitionStatus status);

    /** State was loaded, and counting goes on from these tallies. */
    void loaded(int partition, Tallies tallies);

    /** The kept position has reached the cutoff of this hour. */
    void reached(int partition, long hour);

    void given(int partition);

    void released(int partition);
}
