package io.hourledger.benchmarks.ledger;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** One of the properties of the ledger that are measured. */
public enum LedgerPart {
    /** An instance with a year of history against a new one; and what an event takes on disk. */
    YEAR,
    /** An hour of 100,000 instances, from its cutoff to the last record acknowledged. */
    CLOSE_100K,
    /** The same of 1,000,000. */
    CLOSE_1M,
    /** All projections from nothing. */
    REPLAY,
    /** What a table takes, and what closing, a statement and a verification cost, after a month and after a year. Only when asked for. */
    GROWTH;

    /** What a run measures if no part is named: growth takes an hour and more by itself. */
    static final Set<LedgerPart> UNASKED = Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(GROWTH)));

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
