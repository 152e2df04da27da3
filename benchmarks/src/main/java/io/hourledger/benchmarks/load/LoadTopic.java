package io.hourledger.benchmarks.load;

import io.hourledger.benchmarks.report.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A load as a topic: lz4, written once, with what it must sum up to in a file beside it. A data folder that holds it already is read
 * again instead.
 */
public final class LoadTopic {

    private static final int WRITERS = 2;

    private final String name;
    private final Workload load;
    private final Path truthFile;
    private final Path manifest;

    /**
     * @param name of the topic
     * @param folder where the truth about it is kept
     */
    public LoadTopic(String name, Workload load, Path folder) {
        this.name = name;
        this.load = load;
        this.truthFile = folder.resolve(name + ".truth.csv");
        this.manifest = folder.resolve(name + ".manifest");
    }

    public String name() {
        return name;
    }

    public Workload load() {
        return load;
    }

    /** The sums per instance and hour that anybody must come to who reads this topic. */
    public Truth truth() {
        return Truth.read(truthFile);
    }

    /** How many different events the topic holds. */
    public long distinct() {
        try {
            return Long.parseLong(Files.readAllLines(manifest).get(1));
        } catch (IOException e) {
            throw new UncheckedIOException("the load's manifest cannot be read: " + manifest, e);
        }
    }

    /** Lays the topic down, unless the data folder holds it already. */
    public void ensureWritten(String bootstrapServers, Progress progress) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            boolean there = admin.listTopics().names().get().contains(name);
            if (there && Files.exists(manifest)) {
                if (!Files.readAllLines(manifest).get(0).equals(load.toString())) {
                    throw new IllegalStateException("topic " + name + " in this data folder holds another load; "
                            + "name another folder, or the numbers it was made with");
                }
                return;
            }
            if (there) {
                throw new IllegalStateException(
                        "topic " + name + " in this data folder was not finished; delete the folder and start again");
            }
            NewTopic topic = new NewTopic(name, load.partitions(), (short) 1)
                    .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1", TopicConfig.RETENTION_BYTES_CONFIG, "-1"));
            admin.createTopics(List.of(topic)).all().get();
            write(bootstrapServers, progress);
        } catch (IOException e) {
            throw new UncheckedIOException("the load cannot be kept: " + manifest, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("topic " + name + " cannot be made", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the load was written", e);
        }
    }

    private void write(String bootstrapServers, Progress progress) throws IOException, InterruptedException {
        byte[][] keys = new byte[load.instances()][];
        int[] partitions = new int[load.instances()];
        for (int instance = 0; instance < load.instances(); instance++) {
            keys[instance] = load.instanceId(instance).getBytes(StandardCharsets.US_ASCII);
            partitions[instance] = load.partitionOf(keys[instance]);
        }
        long[] sums = new long[load.instances() * load.hours()]; // an instance has one partition, so one writer
        LongAdder written = new LongAdder();
        LongAdder distinct = new LongAdder();
        progress.start("writing " + name, load.events());
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int mine = writer;
                running.add(writers.submit(
                        () -> writeShare(bootstrapServers, mine, keys, partitions, sums, written, distinct)));
            }
            for (Future<?> one : running) {
                progress.until(one, written::sum);
            }
        } finally {
            writers.shutdownNow();
        }
        progress.done(written.sum());
        Truth.write(truthFile, load, sums);
        Files.writeString(manifest, load + "\n" + distinct.sum() + "\n");
    }

    private void writeShare(
            String bootstrapServers,
            int writer,
            byte[][] keys,
            int[] partitions,
            long[] sums,
            LongAdder written,
            LongAdder distinct) {
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producerSettings(bootstrapServers))) {
            int sinceCounted = 0;
            for (long number = 0; number < load.events(); number++) {
                long origin = load.originOf(number);
                int instance = load.instanceOf(origin);
                if (partitions[instance] % WRITERS != writer) {
                    continue;
                }
                byte[] json = load.json(origin, keys[instance]);
                if (origin == number) {
                    sums[instance * load.hours() + load.hourIndexOf(origin)] += load.valueOf(origin);
                    distinct.increment();
                }
                Future<?> unused = producer.send(
                        new ProducerRecord<>(
                                name, partitions[instance], load.receiptMillisOf(number), keys[instance], json),
                        (metadata, exception) -> {
                            if (exception != null) {
                                failure.compareAndSet(null, exception);
                            }
                        });
                if (++sinceCounted == 4096) {
                    written.add(sinceCounted);
                    sinceCounted = 0;
                }
            }
            producer.flush();
            written.add(sinceCounted);
        }
        Exception first = failure.get();
        if (first != null) {
            throw new IllegalStateException("the load was not written whole", first);
        }
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
