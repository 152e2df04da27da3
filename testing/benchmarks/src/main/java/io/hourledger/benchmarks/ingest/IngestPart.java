package io.hourledger.benchmarks.ingest;

import java.util.Locale;

/** One of the ways to bring events to Kafka that are measured. */
public enum IngestPart {
    /** A plain producer: the limit. */
    PRODUCER,
    /** The plain controller, by batches. */
    MVC_BATCH,
    /** The plain controller, by single events. */
    MVC_SINGLE,
    /** The plain controller on virtual threads, by batches. */
    MVC_VIRTUAL_BATCH,
    /** The plain controller on virtual threads, by single events. */
    MVC_VIRTUAL_SINGLE,
    /** Ours, by batches. */
    INGEST_BATCH,
    /** Ours, by single events. */
    INGEST_SINGLE,
    /** Ours, by batches, at half the rate that it can take: how soon each is answered, and what memory does. */
    HALF_LOAD;

    /** Whether it is run round after round. */
    boolean inTurns() {
        return this != HALF_LOAD;
    }

    boolean single() {
        return this == MVC_SINGLE || this == MVC_VIRTUAL_SINGLE || this == INGEST_SINGLE;
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
