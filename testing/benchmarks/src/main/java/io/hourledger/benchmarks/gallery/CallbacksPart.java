package io.hourledger.benchmarks.gallery;

import java.util.Locale;

/** One of the properties of answering the marketplace's calls that are measured. */
public enum CallbacksPart {
    /** How long newInstance takes while an hour of many instances closes. */
    NEW_INSTANCE,
    /** How long queryInstance of 100 ids takes among many instances. */
    QUERY;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
