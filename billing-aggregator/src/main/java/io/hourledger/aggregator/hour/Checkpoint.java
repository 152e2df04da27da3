package io.hourledger.aggregator.hour;

import java.util.List;

/**
 * All that changed in one partition's count since the checkpoint before. It is kept as a whole or not at all, and only on top of that
 * checkpoint.
 *
 * @param expectedNextOffset where the checkpoint before ended: if the store stands anywhere else, somebody else went on from there
 * @param nextOffset where this one ends; records before it are accounted for
 * @param buckets those that changed, with their whole totals
 * @param newIds of the events counted
 */
public record Checkpoint(
        int partition,
        long expectedNextOffset,
        long nextOffset,
        Tallies tallies,
        List<Bucket> buckets,
        List<NewIds> newIds,
        List<SetAside> setAside,
        List<Cutoff> cutoffs) {}
