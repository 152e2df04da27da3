package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.Tallies;
import java.util.List;

/**
 * What a store holds of one partition.
 *
 * @param ids how many, in rows and blocks
 */
public record StoredState(
        long nextOffset,
        Tallies tallies,
        List<Bucket> buckets,
        List<QuarantinedRecord> quarantined,
        List<Cutoff> cutoffs,
        long ids) {}
