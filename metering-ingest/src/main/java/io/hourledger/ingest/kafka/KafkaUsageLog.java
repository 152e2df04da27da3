package io.hourledger.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.access.ProductsHeader;
import io.hourledger.contracts.usage.UsageEventLimits;
import io.hourledger.ingest.accept.UsageLog;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the topic: key = subject, value = the bytes as they came, timestamp = business time of receipt.
 *
 * <p>An event is {@link Kept} only after all in-sync replicas have it ({@code acks=all}). The producer is idempotent, so its own retries do not
 * write twice; a sender's repeat does, and the aggregator counts it once by its id. The partition is computed here from the configured count,
 * with Kafka's own hash, so that a topic that somebody enlarges does not move an instance in silence.
 */
final class KafkaUsageLog implements UsageLog, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaUsageLog.class);
    /** Which API key an event came with. Nobody counts by it. */
    static final String KEY_ID_HEADER = "hourledger-key";

    /** As CloudEvents' extension for distributed tracing and W3C Trace Context name it. */
    static final String TRACE_HEADER = "traceparent";

    private static final int BATCH_BYTES = 128 * 1024;
    private static final int MAX_REQUEST_BYTES = 1024 * 1024;
    private static final int LONGEST_REQUEST_MILLIS = 5_000;
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

    private final Producer<byte[], byte[]> producer;
    private final Target topic;
    private final SendResults results;

    KafkaUsageLog(Producer<byte[], byte[]> producer, Target topic, SendResults results) {
        this.producer = producer;
        this.topic = topic;
        this.results = results;
    }

    /**
     * Where events go.
     *
     * @param brokenRules what makes the topic unsafe now; as long as there is any, no event is taken
     */
    record Target(String name, int partitions, Supplier<List<String>> brokenRules) {}

    static KafkaUsageLog connect(
            IngestKafkaSettings settings, Supplier<List<String>> brokenRules, SendResults results) {
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(producerSettings(settings), new ByteArraySerializer(), new ByteArraySerializer());
        meetBrokers(producer, settings);
        return new KafkaUsageLog(producer, new Target(settings.topic(), settings.partitions(), brokenRules), results);
    }

    /** The first request should not pay for it. One try takes as long as a request may be held up; a start may take longer. */
    private static void meetBrokers(KafkaProducer<byte[], byte[]> producer, IngestKafkaSettings settings) {
        long deadline =
                System.nanoTime() + settings.startupTimeout().toNanos(); // elapsed time: how long a start may take
        while (true) {
            try {
                producer.partitionsFor(settings.topic());
                return;
            } catch (TimeoutException notYet) {
                if (System.nanoTime() - deadline > 0) {
                    producer.close(Duration.ZERO);
                    throw notYet;
                }
            }
        }
    }

    static Map<String, Object> producerSettings(IngestKafkaSettings settings) {
        int linger = (int) settings.linger().toMillis();
        int delivery = (int) settings.deliveryTimeout().toMillis();
        Map<String, Object> producer = new HashMap<>();
        producer.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, "1000");
        producer.putAll(settings.client());
        producer.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        producer.put(ProducerConfig.CLIENT_ID_CONFIG, "metering-ingest");
        producer.put(ProducerConfig.ACKS_CONFIG, "all");
        producer.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        producer.put(ProducerConfig.LINGER_MS_CONFIG, Integer.toString(linger));
        producer.put(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(BATCH_BYTES));
        producer.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(MAX_REQUEST_BYTES));
        producer.put(
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                Long.toString(settings.buffer().toBytes()));
        producer.put(
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                Long.toString(settings.maxBlock().toMillis()));
        producer.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.toString(delivery));
        producer.put(
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Integer.toString(Math.min(LONGEST_REQUEST_MILLIS, delivery - linger)));
        return producer;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears the same
    public void append(String subject, byte[] event, Instant received, Origin origin, Consumer<Outcome> told) {
        if (!topic.brokenRules().get().isEmpty()) {
            told.accept(new NotTaken("the log may not be used now, which its operator is told"));
            return;
        }
        byte[] key = subject.getBytes(UTF_8);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic.name(),
                partitionOf(key, topic.partitions()),
                received.toEpochMilli(),
                key,
                event,
                headers(origin));
        Thread handingOver = Thread.currentThread();
        try {
            producer.send(record, (metadata, failure) -> {
                if (failure == null) {
                    results.succeeded();
                    told.accept(new Stored(
                            topic.name(), metadata.partition(), metadata.hasOffset() ? metadata.offset() : -1));
                } else {
                    told.accept(failed(failure, Thread.currentThread() == handingOver));
                }
            });
        } catch (RuntimeException refused) {
            log.atError().setCause(refused).log("the producer refused an event");
            results.failed();
            told.accept(new NotTaken("the log does not work here"));
        }
    }

    private static RecordHeaders headers(Origin origin) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(KEY_ID_HEADER, origin.keyId().getBytes(UTF_8));
        if (origin.traceparent() != null) {
            headers.add(TRACE_HEADER, origin.traceparent().getBytes(UTF_8));
        }
        if (!origin.products().isEmpty()) {
            headers.add(ProductsHeader.NAME, ProductsHeader.write(origin.products()));
        }
        return headers;
    }

    /** The producer reports in the caller's thread what it could not even put into its buffer. */
    private Outcome failed(Exception failure, boolean atHandOver) {
        if (failure instanceof RecordTooLargeException) {
            return new TooLarge("the log never takes an event of this size");
        }
        results.failed();
        return atHandOver
                ? new NotTaken("no room in the buffer, or no broker known (" + nameOf(failure) + ")")
                : new Unconfirmed("Kafka did not acknowledge it (" + nameOf(failure) + ")");
    }

    /** Kafka's default for records with a key. */
    static int partitionOf(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }

    double freeBufferBytes() {
        return producer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("buffer-available-bytes"))
                .mapToDouble(metric -> ((Number) metric.metricValue()).doubleValue())
                .findAny()
                .orElse(Double.NaN);
    }

    /** What Kafka's client measures itself, such as the requests under way and the throttling by brokers. */
    KafkaClientMetrics clientMetrics() {
        return new KafkaClientMetrics(producer);
    }

    /** Waits for what is on its way, so that nobody is left without an answer that could have one. */
    @Override
    public void close() {
        producer.close(CLOSE_WAIT);
    }

    private static String nameOf(Exception failure) {
        return failure.getClass().getSimpleName();
    }

    static {
        if (UsageEventLimits.MAX_EVENT_BYTES >= MAX_REQUEST_BYTES) {
            throw new AssertionError("an event of the largest size does not fit into one request");
        }
    }
}
