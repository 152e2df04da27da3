package io.hourledger.benchmarks.gallery;

import java.util.Locale;

/** One of the properties of answering the marketplace's calls, and of telling the app, that are measured. */
public enum CallbacksPart {
    /** How long newInstance takes while an hour of many instances closes. */
    NEW_INSTANCE,
    /** How long queryInstance of 100 ids takes among many instances. */
    QUERY,
    /** How long it takes from an event that comes to a threshold until the app has its notice. */
    NOTICE;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
