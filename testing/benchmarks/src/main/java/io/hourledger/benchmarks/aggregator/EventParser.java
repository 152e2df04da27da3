package io.hourledger.benchmarks.aggregator;

/** What reads the events in a run of ours. */
enum EventParser {
    /** The byte-level scanner, and the JSON parser where it does not read on. */
    SCANNER_FIRST,
    /** The JSON parser alone. */
    JSON_ONLY;

    /** As the aggregator's setting says it. */
    boolean parserOnly() {
        return this == JSON_ONLY;
    }
}
