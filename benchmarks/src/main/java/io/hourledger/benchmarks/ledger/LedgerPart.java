package io.hourledger.benchmarks.ledger;

import java.util.Locale;

/** One of the properties of the ledger that are measured. */
public enum LedgerPart {
    /** An instance with a year of history against a new one; and what an event takes on disk. */
    YEAR,
    /** All projections from nothing. */
    REPLAY;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
