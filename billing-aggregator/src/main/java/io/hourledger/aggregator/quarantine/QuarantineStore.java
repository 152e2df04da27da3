package io.hourledger.aggregator.quarantine;

import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Decision;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Keeps what is in quarantine, which follows from the log, and what persons decided about it, which does not. */
public interface QuarantineStore {

    /**
     * Reads the records that a filter covers, in the order of their places, one at a time.
     *
     * @param after where to begin; null for the beginning
     * @param taker whether it wants more
     */
    void read(QuarantineFilter filter, @Nullable LogPlace after, Predicate<QuarantineEntry> taker);

    Optional<QuarantineEntry> of(LogPlace place);

    /**
     * Stores a decision, if none is stored, or only an unfinished resend.
     *
     * @return false, and nothing is stored, if somebody has decided before
     */
    boolean decide(LogPlace place, Decision decision);

    /** The open records of a partition, by reason. What it costs does not grow with those that were decided. */
    Map<QuarantineReason, Open> open(int partition);

    /**
     * Records that were neither written off nor sent again.
     *
     * @param records {@link #MOST_COUNTED} at most
     * @param oldest when the first of them was recorded
     */
    record Open(long records, Instant oldest) {

        public static final int MOST_COUNTED = 10_000;
    }

    /** Stores where a record that was sent again lies. */
    void sent(LogPlace place, LogPlace to);
}
