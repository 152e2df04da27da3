package io.hourledger.ingest.kafka;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.ingest.accept.EventReaderSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the versions of the catalogue that the aggregator tells on a compacted topic. Until it has heard of any, the file of this process rules
 * all hours. Versions only ever come on top: a record that lacks one which is known is passed over.
 */
final class KafkaCatalogueReader implements EventReaderSource, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaCatalogueReader.class);

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Map<String, Object> clientSettings;
    private final TopicPartition place;
    private final Thread thread;
    private volatile Known known;
    private volatile boolean isClosing;

    /**
     * @param isTold whether the aggregator has told them; if not they are of the file
     */
    private record Known(CatalogueVersions versions, boolean isTold, UsageEventReader reader) {

        static Known of(CatalogueVersions versions, boolean isTold) {
            return new Known(versions, isTold, new UsageEventReader(versions));
        }
    }

    private KafkaCatalogueReader(IngestKafkaSettings settings, Catalogue file) {
        this.clientSettings = clientSettings(settings);
        this.place = new TopicPartition(CatalogueVersions.topicOf(settings.topic()), 0);
        this.known = Known.of(CatalogueVersions.only(file), false);
        this.thread = new Thread(this::follow, "catalogue-reader");
        thread.setDaemon(true);
    }

    /**
     * Reads what was told so far, if Kafka answers in time, and follows what comes.
     *
     * @param file what rules until the aggregator has told anything
     */
    static KafkaCatalogueReader start(IngestKafkaSettings settings, Catalogue file) {
        KafkaCatalogueReader reader = new KafkaCatalogueReader(settings, file);
        try (KafkaConsumer<byte[], byte[]> consumer = reader.connect()) {
            reader.readToEnd(consumer, settings.startupTimeout());
        } catch (KafkaException unreadable) {
            log.atWarn()
                    .addKeyValue("topic", reader.place.topic())
                    .setCause(unreadable)
                    .log("catalogue not read from Kafka, the file rules until it is");
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
            return;
        }
        consumer.assign(List.of(place));
        consumer.seekToBeginning(List.of(place));
        long end = consumer.endOffsets(List.of(place), timeout).getOrDefault(place, 0L);
        while (consumer.position(place) < end && System.nanoTime() < deadline) {
            consumer.poll(POLL).forEach(this::take);
        }
    }

    private void follow() {
        while (!isClosing) {
            try (KafkaConsumer<byte[], byte[]> consumer = connect()) {
                follow(consumer);
            } catch (InterruptException | WakeupException closing) {
                return;
            } catch (RuntimeException failed) {
                log.atWarn()
                        .addKeyValue("topic", place.topic())
                        .setCause(failed)
                        .log("catalogue not followed, the versions known so far rule, trying again");
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) {
        while (!isClosing && !isThere(consumer, POLL.multipliedBy(10))) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        consumer.assign(List.of(place));
        consumer.seekToBeginning(List.of(place));
        while (!isClosing) {
            consumer.poll(POLL).forEach(this::take);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> told) {
        CatalogueVersions versions;
        try {
            versions = CatalogueVersionsFile.read(told.value());
        } catch (IllegalArgumentException unreadable) {
            log.atError()
                    .addKeyValue("topic", place.topic())
                    .addKeyValue("offset", told.offset())
                    .setCause(unreadable)
                    .log("versions of the catalogue cannot be read, those known so far rule; start the newer release");
            return;
        }
        Known before = known;
        boolean isNews = !before.isTold
                || versions.newest().version() > before.versions.newest().version();
        if (isNews) {
            known = Known.of(versions, true);
            log.atInfo().addKeyValue("version", versions.newest().version()).log("versions of the catalogue learned");
        }
    }

    @Override
    public UsageEventReader reader() {
        return known.reader;
    }

    /** The number of the newest version that is known. */
    int newestVersion() {
        return known.versions.newest().version();
    }

    @Override
    public void close() {
        isClosing = true;
        thread.interrupt();
    }
}
