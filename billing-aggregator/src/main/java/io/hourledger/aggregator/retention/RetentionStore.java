package io.hourledger.aggregator.retention;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Drops old rows of partitions, few at a time. Ages are taken against the last closed hour, so a wrong clock drops nothing. */
public interface RetentionStore {

    /**
     * Records that the hours older than this are closed for good. From then on their ids and cutoffs may be dropped, and no event of them counts. An hour that
     * accepts late usage, or whose ids may be in memory, is never among them.
     *
     * @param hoursInMemory for how many hours behind the last closed one ids stay in memory
     * @return the last of these hours, if there are more than before
     */
    Optional<UsageHour> closeForGood(int partition, Duration olderThan, int hoursInMemory);

    /**
     * Drops some rows of one kind.
     *
     * @param most so many rows at most
     */
    Dropped drop(int partition, Kind kind, Duration olderThan, int most);

    /**
     * What one step has dropped.
     *
     * @param isAll nothing of this kind is left to be dropped now
     */
    record Dropped(int rows, boolean isAll) {}

    /** Kinds of rows, in the order in which they are dropped. */
    enum Kind {
        /** Of hours that are closed for good. */
        IDS,
        /** Of hours that have been closed for good for 8 days: recounts of hours behind them read theirs. */
        CUTOFFS,
        /** Metered ones of hours that are closed for good. Those that wait, or that a rule refused, stay. */
        BUCKETS,
        /** Records that a person has decided about. Open ones stay. */
        QUARANTINE;

        /** As metrics and logs show it. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
