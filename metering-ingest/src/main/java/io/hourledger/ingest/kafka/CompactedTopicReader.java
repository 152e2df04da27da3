package io.hourledger.ingest.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a compacted topic of one partition, from its beginning, for as long as the service runs. While Kafka does not answer, what was
 * told before holds. A topic that is not there yet is waited for.
 */
final class CompactedTopicReader implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CompactedTopicReader.class);

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Map<String, Object> clientSettings;
    private final TopicPartition place;
    private final Consumer<ConsumerRecord<byte[], byte[]>> take;
    private final Thread thread;
    private volatile boolean isClosing;
    private volatile boolean isReadToEnd;
    private long nextOffset;

    private CompactedTopicReader(
            IngestKafkaSettings settings, String topic, Consumer<ConsumerRecord<byte[], byte[]>> take) {
        this.clientSettings = clientSettings(settings);
        this.place = new TopicPartition(topic, 0);
        this.take = take;
        this.thread = new Thread(this::follow, topic + "-reader");
        thread.setDaemon(true);
    }

    /**
     * Reads what was told so far, if Kafka answers in time, and follows what comes.
     *
     * @param take is given each record that has a value, in order; an {@link IllegalArgumentException} says that it cannot be read
     */
    static CompactedTopicReader start(
            IngestKafkaSettings settings, String topic, Consumer<ConsumerRecord<byte[], byte[]>> take) {
        CompactedTopicReader reader = new CompactedTopicReader(settings, topic, take);
        try (KafkaConsumer<byte[], byte[]> consumer = reader.connect()) {
            reader.readToEnd(consumer, settings.startupTimeout());
        } catch (KafkaException unreadable) {
            log.atWarn()
                    .addKeyValue("topic", topic)
                    .setCause(unreadable)
                    .log("topic not read at the start, followed from now on");
        }
        reader.thread.start();
        return reader;
    }

    private static Map<String, Object> clientSettings(IngestKafkaSettings settings) {
        Map<String, Object> own = new HashMap<>(settings.client());
        own.keySet().retainAll(ConsumerConfig.configNames());
        own.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return own;
    }

    private KafkaConsumer<byte[], byte[]> connect() {
        return new KafkaConsumer<>(clientSettings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private boolean isThere(KafkaConsumer<byte[], byte[]> consumer, Duration timeout) {
        return !consumer.partitionsFor(place.topic(), timeout).isEmpty();
    }

    private void readToEnd(KafkaConsumer<byte[], byte[]> consumer, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        if (!isThere(consumer, timeout)) {
            isReadToEnd = true;
            return;
        }
        long end = begin(consumer, timeout);
        while (!isReadToEnd && System.nanoTime() < deadline) {
            poll(consumer, end);
        }
    }

    /** Goes on behind what was taken, and returns the end of the topic as it is now. */
    private long begin(KafkaConsumer<byte[], byte[]> consumer, Duration timeout) {
        consumer.assign(List.of(place));
        consumer.seek(place, nextOffset); // a topic that was made anew is read from its beginning
        return consumer.endOffsets(List.of(place), timeout).getOrDefault(place, 0L);
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer, long end) {
        consumer.poll(POLL).forEach(this::take);
        if (!isReadToEnd && consumer.position(place) >= end) {
            isReadToEnd = true;
        }
    }

    /** Whether all was read once that was told before the start; of a topic that is not there, that is nothing. */
    boolean isReadToEnd() {
        return isReadToEnd;
    }

    private void follow() {
        while (!isClosing) {
            try (KafkaConsumer<byte[], byte[]> consumer = connect()) {
                followUntilInterrupted(consumer);
            } catch (Throwable failed) { // whoever follows no more would go on with old keys for ever, and say nothing
                log.atWarn()
                        .addKeyValue("topic", place.topic())
                        .setCause(failed)
                        .log("topic not followed, what is known so far holds, trying again");
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /** Only {@link #close} interrupts. */
    private void followUntilInterrupted(KafkaConsumer<byte[], byte[]> consumer) {
        boolean wasInterrupted = false;
        try {
            follow(consumer);
        } catch (InterruptException closing) {
            wasInterrupted = true;
        } finally {
            // while it is interrupted, a consumer cannot take its leave of the broker, and says so as an error
            wasInterrupted |= Thread.interrupted();
            log.atDebug().addKeyValue("interrupted", wasInterrupted).log("topic no longer followed");
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) {
        while (!isClosing && !isThere(consumer, TIMEOUT)) {
            isReadToEnd = true;
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        long end = begin(consumer, TIMEOUT);
        while (!isClosing) {
            poll(consumer, end);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> told) {
        nextOffset = told.offset() + 1;
        try {
            if (told.value() == null) {
                throw new IllegalArgumentException("the record has no value");
            }
            take.accept(told);
        } catch (IllegalArgumentException unreadable) {
            log.atError()
                    .addKeyValue("topic", place.topic())
                    .addKeyValue("offset", told.offset())
                    .setCause(unreadable)
                    .log("record cannot be read, what is known so far holds; start the newer release");
        }
    }

    @Override
    public void close() {
        isClosing = true;
        thread.interrupt();
    }
}
