package io.hourledger.benchmarks.load;

import io.hourledger.benchmarks.report.BenchProgress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes a load to a topic, and sums up what it writes. */
public final class LoadWriter {

    private static final int WRITERS = 2;
    private static final int COUNTED_AT_ONCE = 4096;

    private final String bootstrapServers;
    private final String topic;
    private final Workload load;
    private final Keys keys;
    private final @Nullable Workload resent;
    private final @Nullable Keys resentKeys;

    private final long[] sums;
    private final LongAdder written = new LongAdder();
    private final LongAdder distinct = new LongAdder();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /** @param resent an older load, an event of which is sent once more wherever {@code load} repeats one of its own; null for none */
    public LoadWriter(String bootstrapServers, String topic, Workload load, @Nullable Workload resent) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.load = load;
        this.keys = Keys.of(load);
        this.resent = resent;
        this.resentKeys = resent == null ? null : Keys.of(resent);
        this.sums = new long[load.instances() * load.hours()];
    }

    /** The instances' ids as keys, and where each lies. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Keys(byte[][] keys, int[] partitions) {
        static Keys of(Workload load) {
            byte[][] keys = new byte[load.instances()][];
            int[] partitions = new int[load.instances()];
            for (int instance = 0; instance < load.instances(); instance++) {
                keys[instance] = load.instanceId(instance).getBytes(StandardCharsets.US_ASCII);
                partitions[instance] = load.partitionOf(keys[instance]);
            }
            return new Keys(keys, partitions);
        }
    }

    /**
     * What was written.
     *
     * @param sums of the load: {@code sums[instance * hours + hour]}
     * @param distinct how many events of the load were written for the first time
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Written(long[] sums, long distinct) {}

    /** Writes all of it. Each instance lies on one partition and each partition has one writer, so that each sum has one too. */
    public Written write(BenchProgress progress) throws InterruptedException {
        progress.start("writing " + topic, load.events());
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int mine = writer;
                running.add(writers.submit(() -> writeShare(mine)));
            }
            for (Future<?> one : running) {
                progress.until(one, written::sum);
            }
        } finally {
            writers.shutdownNow();
        }
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("the load was not written whole", first);
        }
        progress.done(written.sum());
        return new Written(sums, distinct.sum());
    }

    private void writeShare(int writer) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producerSettings(bootstrapServers))) {
            int sinceCounted = 0;
            for (long number = 0; number < load.events(); number++) {
                if (!send(producer, writer, number)) {
                    continue;
                }
                if (++sinceCounted == COUNTED_AT_ONCE) {
                    written.add(sinceCounted);
                    sinceCounted = 0;
                }
            }
            producer.flush();
            written.add(sinceCounted);
        }
    }

    /** Whether this event is the writer's. */
    private boolean send(KafkaProducer<byte[], byte[]> producer, int writer, long number) {
        long origin = load.originOf(number);
        boolean isNew = origin == number;
        Workload older = resent;
        Keys olderKeys = resentKeys;
        if (!isNew && older != null && olderKeys != null) {
            long again = older.originOf(Math.floorMod(number * 0x9E3779B97F4A7C15L, older.events()));
            return send(producer, writer, number, older, olderKeys, again);
        }
        if (!send(producer, writer, number, load, keys, origin)) {
            return false;
        }
        if (isNew) {
            sums[load.instanceOf(origin) * load.hours() + load.hourIndexOf(origin)] += load.valueOf(origin);
            distinct.increment();
        }
        return true;
    }

    private boolean send(
            KafkaProducer<byte[], byte[]> producer, int writer, long number, Workload of, Keys itsKeys, long origin) {
        int instance = of.instanceOf(origin);
        int partition = itsKeys.partitions[instance];
        if (partition % WRITERS != writer) {
            return false;
        }
        byte[] key = itsKeys.keys[instance];
        Future<?> unused = producer.send(
                new ProducerRecord<>(topic, partition, load.receiptMillisOf(number), key, of.json(origin, key)),
                (metadata, exception) -> {
                    if (exception != null) {
                        failure.compareAndSet(null, exception);
                    }
                });
        return true;
    }

    private static Properties producerSettings(String bootstrapServers) {
        Properties settings = new Properties();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        return settings;
    }
}
