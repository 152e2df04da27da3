package io.hourledger.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Events that are made before anything is measured, to be sent again and again: who sends them pays for sending and for nothing else.
 * Their times lie within the hour that ended last.
 */
public final class EventsInMemory {

    private static final int INSTANCES = 20_000;
    private static final int PARTITIONS = 4;
    private static final long SEED = 20_261_130;

    /**
     * One event and its key.
     *
     * @param partition that Kafka's own partitioner gives the key
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Event(byte[] key, int partition, byte[] json) {}

    private EventsInMemory() {}

    /** How many partitions the topic has that the events are made for. */
    public static int partitions() {
        return PARTITIONS;
    }

    /** The same for whoever asks within one hour. */
    public static List<Event> make(int count) {
        Workload load = new Workload(
                count,
                Math.min(count, INSTANCES),
                PARTITIONS,
                Clock.systemUTC().instant().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(1)),
                1,
                SEED);
        return IntStream.range(0, count)
                .mapToObj(number -> {
                    long origin = load.originOf(number);
                    byte[] key = load.instanceId(load.instanceOf(origin)).getBytes(StandardCharsets.US_ASCII);
                    return new Event(key, load.partitionOf(key), load.json(origin, key));
                })
                .toList();
    }
}
