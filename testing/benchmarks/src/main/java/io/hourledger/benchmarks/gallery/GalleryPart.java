package io.hourledger.benchmarks.gallery;

import java.util.Locale;

/** One of the properties of pushing that are measured. */
public enum GalleryPart {
    /** How much of an allowed rate a deep backlog uses, call by call at a slow marketplace. */
    RATE,
    /** How many calls are refused when the rate is halved without a word. */
    HALVING,
    /** Calls that one bad record in a hundred costs, when a refused call names none. */
    BAD_RECORDS,
    /** A fresh hour behind the records of a long outage. */
    DRAIN;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
