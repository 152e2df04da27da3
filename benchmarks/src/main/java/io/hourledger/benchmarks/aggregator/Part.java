package io.hourledger.benchmarks.aggregator;

import java.util.Locale;

/** One of the programs and properties that are measured. */
public enum Part {
    /** Peer (a): Kafka's own reader, which does nothing with what it reads. */
    LIMIT("ConsumerPerformance, reading alone"),
    /** Peer (b) with its stores in memory. */
    STREAMS_MEMORY("Kafka Streams, stores in memory"),
    /** Peer (b) with its stores in RocksDB. */
    STREAMS_ROCKSDB("Kafka Streams, RocksDB");

    private final String title;

    Part(String title) {
        this.title = title;
    }

    /** For the table. */
    public String title() {
        return title;
    }

    /** As it is written on the command line and in the figures. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
