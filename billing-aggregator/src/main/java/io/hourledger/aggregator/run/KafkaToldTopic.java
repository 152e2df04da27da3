package io.hourledger.aggregator.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.contracts.access.ToldKeysFile;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import io.hourledger.contracts.usage.ToldAcceptance;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells ingest what it must know, on a compacted topic whose last record of a key holds all of it. Truth is a table, so it is told again now
 * and then: a topic that was lost meanwhile is filled. Belongs to one thread.
 */
final class KafkaToldTopic implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaToldTopic.class);

    private static final int ONLY_PARTITION = 0;
    private static final int ANSWER_SECONDS = 10;
    static final Duration AGAIN_AFTER = Duration.ofMinutes(1);

    /** All is told every minute, and what is not compacted yet is read at each start of ingest. */
    private static final Map<String, String> SMALL = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(4 << 20),
            TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Duration.ofHours(1).toMillis()));

    private final Map<String, Object> clientSettings;
    private final String topic;
    private final byte[] key;
    private final Supplier<byte[]> table;
    private final Duration againAfter;
    private @Nullable KafkaProducer<byte[], byte[]> producer;
    private byte @Nullable [] told;
    private long toldAtNanos;

    private KafkaToldTopic(
            Map<String, Object> clientSettings, String topic, String key, Supplier<byte[]> table, Duration againAfter) {
        this.clientSettings = Map.copyOf(clientSettings);
        this.topic = topic;
        this.key = key.getBytes(UTF_8);
        this.table = table;
        this.againAfter = againAfter;
    }

    /**
     * The versions of the catalogue.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @param againAfter how long after it has told them it tells them again, of the machine's time
     */
    static KafkaToldTopic ofCatalogue(
            Map<String, Object> clientSettings,
            String usageTopic,
            Supplier<CatalogueVersions> versions,
            Duration againAfter) {
        return new KafkaToldTopic(
                clientSettings,
                CatalogueVersions.topicOf(usageTopic),
                "versions",
                () -> CatalogueVersionsFile.write(versions.get()),
                againAfter);
    }

    /** For how long usage is accepted, on the topic of the catalogue. */
    static KafkaToldTopic ofAcceptance(
            Map<String, Object> clientSettings, String usageTopic, ToldAcceptance acceptance, Duration againAfter) {
        return new KafkaToldTopic(
                clientSettings,
                CatalogueVersions.topicOf(usageTopic),
                ToldAcceptance.KEY,
                acceptance::write,
                againAfter);
    }

    /** The API keys, likewise. */
    static KafkaToldTopic ofApiKeys(
            Map<String, Object> clientSettings, String usageTopic, Supplier<ToldKeys> keys, Duration againAfter) {
        return new KafkaToldTopic(
                clientSettings, ToldKeys.topicOf(usageTopic), "keys", () -> ToldKeysFile.write(keys.get()), againAfter);
    }

    /**
     * Tells what the table holds if it is other than what was told, or if that is a while ago.
     *
     * @throws KafkaException if Kafka does not acknowledge it
     */
    void tell() {
        byte[] now = table.get();
        boolean isNew = !Arrays.equals(now, told);
        if (!isNew && System.nanoTime() - toldAtNanos < againAfter.toNanos()) {
            return;
        }
        make();
        KafkaProducer<byte[], byte[]> connected = producer;
        if (connected == null) {
            connected = connect();
            producer = connected;
        }
        try {
            connected
                    .send(new ProducerRecord<>(topic, ONLY_PARTITION, key, now))
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException notAcknowledged) {
            throw new KafkaException("what is new on " + topic + " was not told to ingest", notAcknowledged);
        } catch (InterruptedException stopped) {
            throw new InterruptException(stopped);
        }
        told = now;
        toldAtNanos = System.nanoTime();
        if (isNew) {
            log.atInfo()
                    .addKeyValue("topic", topic)
                    .addKeyValue("bytes", now.length)
                    .log("told to ingest");
        }
    }

    private void make() {
        Map<String, Object> own = new HashMap<>(clientSettings);
        own.keySet().retainAll(AdminClientConfig.configNames());
        try (Admin admin = Admin.create(own)) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty()).configs(SMALL)))
                    .all()
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException refused) {
            if (!(refused.getCause() instanceof TopicExistsException)) {
                throw new KafkaException("topic " + topic + " cannot be made", refused.getCause());
            }
        } catch (TimeoutException noAnswer) {
            throw new KafkaException("topic " + topic + " cannot be made", noAnswer);
        } catch (InterruptedException stopped) {
            throw new InterruptException(stopped);
        }
    }

    private KafkaProducer<byte[], byte[]> connect() {
        Map<String, Object> own = new HashMap<>(clientSettings);
        own.keySet().retainAll(ProducerConfig.configNames());
        own.remove(ProducerConfig.CLIENT_ID_CONFIG);
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
        return new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void close() {
        KafkaProducer<byte[], byte[]> connected = producer;
        if (connected != null) {
            connected.close();
        }
    }
}
