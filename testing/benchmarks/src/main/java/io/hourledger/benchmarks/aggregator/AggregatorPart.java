package io.hourledger.benchmarks.aggregator;

import java.util.Locale;

/** One of the programs and properties that are measured. */
public enum AggregatorPart {
    /** Peer (a): Kafka's own reader, which does nothing with what it reads. */
    LIMIT("ConsumerPerformance, reading alone", true),
    /** Peer (b) with its stores in memory. */
    STREAMS_MEMORY("Kafka Streams, stores in memory", true),
    /** Peer (b) with its stores in RocksDB. */
    STREAMS_ROCKSDB("Kafka Streams, RocksDB", true),
    /** Ours (c). */
    OURS("ours", true),
    /** Ours (c') without the scanner. */
    PLAIN("ours, plain JSON parser only", true),
    /** Ours, with one event in a hundred looked up on disk. */
    LATE("ours, 1 % late lookups", false),
    /** The heap that ours lives on, by ids held. */
    IDS("bytes an id", false),
    /** Ours started again with 50 million ids. */
    RESTART("restart", false);

    private final String title;
    private final boolean inTurns;

    AggregatorPart(String title, boolean inTurns) {
        this.title = title;
        this.inTurns = inTurns;
    }

    /** For the table. */
    public String title() {
        return title;
    }

    /** Whether it reads the whole topic, in turns with the others. */
    boolean inTurns() {
        return inTurns;
    }

    /** As it is written on the command line and in the figures. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
