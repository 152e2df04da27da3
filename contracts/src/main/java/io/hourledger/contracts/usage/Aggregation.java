package io.hourledger.contracts.usage;

/** How the events of one usage hour become one amount. */
public enum Aggregation {
    /** Every event counts one; the event needs no value. */
    COUNT,
    /** The values of all events are added. */
    SUM,
    /** The smallest value of all events. */
    MIN,
    /** The largest value of all events. */
    MAX,
    /**
     * The value of the event whose time is the latest, to the microsecond. Of events of equal time the one with the larger offset in the log
     * holds.
     */
    LATEST,
    /** How many different values the events have. {@link MeterTerms.Unique} bounds them. */
    UNIQUE,
    /** The nearest rank of the hour's five-minute values. {@link MeterTerms.Percentile} says which rank, and how a five-minute value is made. */
    PERCENTILE,
    /**
     * The levels of the events, each times the hours for which it holds. {@link MeterTerms.TimeWeighted} says for how long one holds if no other
     * follows it. Of levels of equal time the one with the larger offset in the log holds.
     */
    TIME_WEIGHTED_SUM;

    /** Whether the amounts of two sets of events add up to that of both. */
    public boolean adds() {
        return this == COUNT || this == SUM;
    }

    /**
     * Whether what is counted of a later revision is what it adds to its hour. So it is for a unique count, too: a value counts where it comes
     * first in the log.
     */
    public boolean addsByRevision() {
        return adds() || this == UNIQUE;
    }

    /** Whether its amount follows from values that are kept by time, and not from two amounts. */
    public boolean needsTimedValues() {
        return this == PERCENTILE || this == TIME_WEIGHTED_SUM;
    }

    /** Whether more events never make the amount smaller, so that what an open hour has come to is the least that it will come to. */
    public boolean onlyGrows() {
        return addsByRevision() || this == MAX;
    }
}
