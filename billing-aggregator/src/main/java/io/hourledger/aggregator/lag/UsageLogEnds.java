package io.hourledger.aggregator.lag;

import java.time.Instant;
import java.util.Map;

/** Says where the log of each partition ends, who reads it, and how old a record is. */
public interface UsageLogEnds extends AutoCloseable {

    /**
     * The end of each partition's log. Records of open transactions count, since what lies behind them may be acknowledged.
     *
     * @throws RuntimeException with a sentence, if Kafka gives no answer
     */
    Map<Integer, Long> ends();

    /** Who reads each of these partitions; never fails. */
    Map<Integer, PartitionOwner> owners(Iterable<Integer> partitions);

    /**
     * When the first record at or behind each of these offsets was received, by its timestamp. What cannot be read in a moment is left out; never
     * fails.
     */
    Map<Integer, Instant> receivedAt(Map<Integer, Long> offsets);

    @Override
    void close();
}
