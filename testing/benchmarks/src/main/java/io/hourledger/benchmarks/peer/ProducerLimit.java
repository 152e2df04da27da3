package io.hourledger.benchmarks.peer;

import io.hourledger.benchmarks.load.EventsInMemory;
import io.hourledger.benchmarks.load.EventsInMemory.Event;
import io.hourledger.benchmarks.process.CpuTime;
import io.hourledger.benchmarks.process.Parent;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Peer (a) of ingest: a producer with the settings of ours, that writes events which lie ready in memory: the limit of what anybody can
 * bring to Kafka here.
 */
public final class ProducerLimit {

    private static final String SELF = "producer";

    private ProducerLimit() {}

    /** What ours has (KafkaUsageLog), but for its bounds on waiting. */
    static Map<String, Object> producerSettings(String bootstrapServers) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, "5");
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 1024 * 1024);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        return settings;
    }

    /** Takes the broker's address, the topic, how many different events, and the seconds of warm-up and of measuring. */
    public static void main(String[] arguments) {
        Parent.whenItEnds(() -> {});
        String topic = arguments[1];
        List<Event> events = EventsInMemory.make(Integer.parseInt(arguments[2]));
        Duration warmUp = Duration.ofSeconds(Long.parseLong(arguments[3]));
        Duration measured = Duration.ofSeconds(Long.parseLong(arguments[4]));
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        LongAdder acknowledged = new LongAdder();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                producerSettings(arguments[0]), new ByteArraySerializer(), new ByteArraySerializer())) {
            Writing writing = new Writing(producer, topic, events, acknowledged, failure);
            writing.write(warmUp);
            long before = acknowledged.sum();
            CpuTime cpu = CpuTime.since(Map.of(SELF, ProcessHandle.current().pid()));
            double seconds = writing.write(measured);
            long inTime = acknowledged.sum() - before;
            double cpuSeconds = cpu.secondsOf(SELF);
            producer.flush();
            Exception first = failure.get();
            if (first != null) {
                throw new IllegalStateException("Kafka did not acknowledge all", first);
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("seconds", seconds);
            result.put("events", inTime);
            result.put("eps", inTime / seconds);
            result.put("cpu_us_per_event", cpuSeconds * 1e6 / inTime);
            result.put("accepted", acknowledged.sum());
            Parent.result(result);
        }
    }

    /** Writes the events in turn. */
    private static final class Writing {

        private static final int LOOKS_AT_CLOCK_AFTER = 1_000;

        private final KafkaProducer<byte[], byte[]> producer;
        private final String topic;
        private final List<Event> events;
        private final LongAdder acknowledged;
        private final AtomicReference<@Nullable Exception> failure;
        private int next;

        Writing(
                KafkaProducer<byte[], byte[]> producer,
                String topic,
                List<Event> events,
                LongAdder acknowledged,
                AtomicReference<@Nullable Exception> failure) {
            this.producer = producer;
            this.topic = topic;
            this.events = events;
            this.acknowledged = acknowledged;
            this.failure = failure;
        }

        /** Returns after so long, with the seconds that it took. */
        double write(Duration time) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < time.toNanos()) {
                long now = Clock.systemUTC().millis();
                for (int i = 0; i < LOOKS_AT_CLOCK_AFTER; i++) {
                    send(events.get(next), now);
                    next = next + 1 == events.size() ? 0 : next + 1;
                }
            }
            return (System.nanoTime() - start) / 1e9;
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the callback hears the same
        private void send(Event event, long now) {
            producer.send(
                    new ProducerRecord<>(topic, event.partition(), now, event.key(), event.json()),
                    (metadata, failed) -> {
                        if (failed == null) {
                            acknowledged.increment();
                        } else {
                            failure.compareAndSet(null, failed);
                        }
                    });
        }
    }
}
