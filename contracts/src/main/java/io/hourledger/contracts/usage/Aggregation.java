package io.hourledger.contracts.usage;

/** How the events of one usage hour become one amount. */
public enum Aggregation {
    /** Every event counts one; the event needs no value. */
    COUNT,
    /** The values of all events are added. */
    SUM
}
