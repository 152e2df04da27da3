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
    LATEST;

    /** Whether the amounts of two sets of events add up to that of both. If not, one event alone makes the amount. */
    public boolean adds() {
        return this == COUNT || this == SUM;
    }

    /** Whether more events never make the amount smaller, so that what an open hour has come to is the least that it will come to. */
    public boolean onlyGrows() {
        return adds() || this == MAX;
    }
}
