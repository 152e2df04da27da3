package io.hourledger.benchmarks.peer;

import io.hourledger.benchmarks.load.LoadTotals;
import io.hourledger.benchmarks.process.Parent;
import io.hourledger.benchmarks.report.CountingRate;
import io.hourledger.contracts.usage.UsageHour;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Peer (b): what one would write with Kafka Streams to count each event once and sum it up by instance and hour, exactly_once_v2, with
 * changelogs, so that it too survives a crash. Tuned in good faith; what was tuned and why is in docs/benchmarks.md.
 */
public final class KafkaStreamsPeer {

    private static final Logger log = LoggerFactory.getLogger(KafkaStreamsPeer.class);

    private static final String IDS = "ids";
    private static final String SUMS = "sums";
    private static final byte[] SEEN = new byte[0];

    private KafkaStreamsPeer() {}

    /**
     * Takes the broker's address, the topic, how many events it holds, an application id, {@code rocksdb} or {@code memory}, a folder for
     * its state and a file for its sums.
     */
    public static void main(String[] arguments) throws Exception {
        String bootstrapServers = arguments[0];
        String topic = arguments[1];
        long events = Long.parseLong(arguments[2]);
        String application = arguments[3];
        boolean rocksDb = arguments[4].equals("rocksdb");
        Path state = Path.of(arguments[5]);
        Path sumsFile = Path.of(arguments[6]);

        Parent.whenItEnds(() -> {});
        LongAdder counted = new LongAdder();
        Properties settings = settings(bootstrapServers, application, state);
        try (KafkaStreams streams = new KafkaStreams(topology(topic, rocksDb, counted), settings);
                Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
                CountingRate rate = CountingRate.watch(counted::sum, events, Parent::progress)) {
            streams.setUncaughtExceptionHandler(failure -> {
                log.error("the peer cannot go on", failure);
                Runtime.getRuntime().halt(3);
                return StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
            });
            streams.start();
            awaitCommitted(admin, application, events);
            Map<String, Object> result = rate.durable();
            writeSums(streams, sumsFile);
            Parent.result(result);
            streams.close(Duration.ofSeconds(20));
        }
    }

    private static Topology topology(String topic, boolean rocksDb, LongAdder counted) {
        return new Topology()
                .addSource("events", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topic)
                .addProcessor("count-once", () -> new CountOnce(counted), "events")
                .addStateStore(
                        // each id is written once: a cache in front of it would only cost
                        Stores.keyValueStoreBuilder(store(rocksDb, IDS), Serdes.Bytes(), Serdes.ByteArray())
                                .withCachingDisabled()
                                .withLoggingEnabled(changelog()),
                        "count-once")
                .addStateStore(
                        // each sum is written often: the cache keeps all but the last of a commit out of the changelog
                        Stores.keyValueStoreBuilder(store(rocksDb, SUMS), Serdes.Bytes(), Serdes.Long())
                                .withCachingEnabled()
                                .withLoggingEnabled(changelog()),
                        "count-once");
    }

    private static KeyValueBytesStoreSupplier store(boolean rocksDb, String name) {
        return rocksDb ? Stores.persistentKeyValueStore(name) : Stores.inMemoryKeyValueStore(name);
    }

    /** Segments large enough that the broker compacts nothing during a run. */
    private static Map<String, String> changelog() {
        return Map.of(
                TopicConfig.SEGMENT_BYTES_CONFIG,
                Integer.toString(1 << 30),
                TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
                "0.99");
    }

    private static Properties settings(String bootstrapServers, String application, Path state) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L * 1024 * 1024);
        settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 20_000);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbSettings.class);
        settings.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, 60_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 4000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 * 1024 * 1024);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), 1024 * 1024);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 * 1024);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 100);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L * 1024 * 1024);
        return settings;
    }

    private static void awaitCommitted(Admin admin, String application, long events)
            throws ExecutionException, InterruptedException {
        while (committed(admin, application) < events) {
            // elapsed time: a look at what is durable twenty times a second
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static long committed(Admin admin, String application) throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(application).partitionsToOffsetAndMetadata().get().values().stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    private static void writeSums(KafkaStreams streams, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file);
                KeyValueIterator<Bytes, Long> all = streams.store(StoreQueryParameters.fromNameAndType(
                                SUMS, QueryableStoreTypes.<Bytes, Long>keyValueStore()))
                        .all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, Long> sum = all.next();
                byte[] bucket = sum.key.get();
                out.write(LoadTotals.line(
                        EventFields.instanceOf(bucket),
                        UsageHour.ofNumber(EventFields.hourOf(bucket)),
                        BigDecimal.valueOf(sum.value)));
            }
        }
    }

    /** Counts an event unless its id is known. */
    private static final class CountOnce implements Processor<byte[], byte[], Void, Void> {

        private final LongAdder counted;
        private final EventFields event = new EventFields();
        private KeyValueStore<Bytes, byte[]> ids;
        private KeyValueStore<Bytes, Long> sums;

        @SuppressWarnings("NullAway.Init") // the stores come with init
        CountOnce(LongAdder counted) {
            this.counted = counted;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            ids = context.getStateStore(IDS);
            sums = context.getStateStore(SUMS);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            byte[] json = record.value();
            event.read(json);
            if (ids.putIfAbsent(Bytes.wrap(event.identity()), SEEN) == null) {
                Bytes bucket = Bytes.wrap(event.bucket(json));
                Long sum = sums.get(bucket);
                sums.put(bucket, (sum == null ? 0 : sum) + event.value());
            }
            counted.increment();
        }
    }
}
