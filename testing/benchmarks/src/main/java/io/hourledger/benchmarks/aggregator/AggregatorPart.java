package io.hourledger.benchmarks.aggregator;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** One of the programs and properties that are measured. */
public enum AggregatorPart {
    /** Peer (a): Kafka's own reader, which does nothing with what it reads. */
    LIMIT("ConsumerPerformance, reading alone"),
    /** Peer (b) with its stores in memory. */
    STREAMS_MEMORY("Kafka Streams, stores in memory"),
    /** Peer (b) with its stores in RocksDB. */
    STREAMS_ROCKSDB("Kafka Streams, RocksDB"),
    /** Ours (c). */
    OURS("ours"),
    /** Ours (c') without the scanner. */
    PLAIN("ours, plain JSON parser only"),
    /** Ours, with one event in a hundred looked up on disk. */
    LATE("ours, 1 % late lookups"),
    /** The heap that ours lives on, by ids held. */
    IDS("bytes an id"),
    /** Ours started again with 50 million ids. */
    RESTART("restart"),
    /** Ours with 1, 2 and 4 threads. */
    SCALE("ours, by threads");

    private final String title;

    AggregatorPart(String title) {
        this.title = title;
    }

    /** For the table. */
    public String title() {
        return title;
    }

    /** Whether it reads the whole topic, in turns with the others. */
    boolean inTurns() {
        return switch (this) {
            case LIMIT, STREAMS_MEMORY, STREAMS_ROCKSDB, OURS, PLAIN -> true;
            case LATE, IDS, RESTART, SCALE -> false;
        };
    }

    /** All but what is measured only when it is asked for. */
    static Set<AggregatorPart> usual() {
        return EnumSet.complementOf(EnumSet.of(SCALE));
    }

    /** As it is written on the command line and in the figures. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
