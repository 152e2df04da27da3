package io.hourledger.aggregator.resume;

import io.hourledger.contracts.instance.DecidedBy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Knows how far partitions were counted, and lets halted ones go on. */
public interface PartitionPositions {

    /** In the order of their numbers. */
    List<PartitionStanding> all();

    Optional<PartitionStanding> of(int partition);

    /**
     * Takes the halt away, and stores who did so.
     *
     * @return false, and nothing is stored, if the partition has gone on since
     */
    boolean tryAgain(PartitionStanding standing, DecidedBy by, Instant at);

    /**
     * Moves the position to the end of a gap, takes the halt away, and stores the gap.
     *
     * @return false, and nothing is stored, if the partition has gone on since
     */
    boolean skip(PartitionStanding standing, LogGap gap);

    /** What was skipped, of all partitions, in the order of partitions and offsets. */
    List<LogGap> gaps();
}
