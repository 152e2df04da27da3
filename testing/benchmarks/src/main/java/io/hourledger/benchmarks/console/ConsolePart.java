package io.hourledger.benchmarks.console;

import java.util.Locale;

/** One of the things that are measured over a month of records. */
public enum ConsolePart {
    /** Pages of the month, asked for over HTTP, from its beginning, its middle and its end. */
    PAGES,
    /** The month as a file of each form. */
    EXPORT;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
