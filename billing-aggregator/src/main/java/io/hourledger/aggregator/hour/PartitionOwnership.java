package io.hourledger.aggregator.hour;

/**
 * Names one owning of a partition by one thread of this process. Whoever is told of a partition is told by its ownership, so what a thread
 * says or hands back late touches nothing of those that took over.
 *
 * @param epoch higher for each that was given later in this process
 */
public record PartitionOwnership(int partition, long epoch) {

    /** Whether this one was given after another. */
    public boolean isNewerThan(PartitionOwnership other) {
        return epoch > other.epoch;
    }
}
