package io.hourledger.aggregator.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import java.time.Duration;
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
 * Tells ingest the versions of the catalogue, on a compacted topic whose last record holds all of them. Truth is the table, so it
 * is told again now and then: a topic that was lost meanwhile is filled. Belongs to one thread.
 */
final class KafkaCatalogueTopic implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaCatalogueTopic.class);

    private static final byte[] KEY = "versions".getBytes(UTF_8);
    private static final int ONLY_PARTITION = 0;
    private static final int ANSWER_SECONDS = 10;
    static final Duration AGAIN_AFTER = Duration.ofMinutes(1);

    private final Map<String, Object> clientSettings;
    private final String topic;
    private final Supplier<CatalogueVersions> versions;
    private final Duration againAfter;
    private @Nullable KafkaProducer<byte[], byte[]> producer;
    private @Nullable String told;
    private long toldAtNanos;

    /**
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @param againAfter how long after it has told them it tells them again, of the machine's time
     */
    KafkaCatalogueTopic(
            Map<String, Object> clientSettings,
            String usageTopic,
            Supplier<CatalogueVersions> versions,
            Duration againAfter) {
        this.clientSettings = Map.copyOf(clientSettings);
        this.topic = CatalogueVersions.topicOf(usageTopic);
        this.versions = versions;
        this.againAfter = againAfter;
    }

    /**
     * Tells the versions if there are others than it has told, or if that is a while ago.
     *
     * @throws KafkaException if Kafka does not acknowledge them
     */
    void tell() {
        CatalogueVersions now = versions.get();
        boolean isNew = !now.fingerprint().equals(told);
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
                    .send(new ProducerRecord<>(topic, ONLY_PARTITION, KEY, CatalogueVersionsFile.write(now)))
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException notAcknowledged) {
            throw new KafkaException("the catalogue was not told to ingest", notAcknowledged);
        } catch (InterruptedException stopped) {
            throw new InterruptException(stopped);
        }
        told = now.fingerprint();
        toldAtNanos = System.nanoTime();
        if (isNew) {
            log.atInfo()
                    .addKeyValue("topic", topic)
                    .addKeyValue("version", now.newest().version())
                    .log("catalogue told to ingest");
        }
    }

    private void make() {
        Map<String, Object> own = new HashMap<>(clientSettings);
        own.keySet().retainAll(AdminClientConfig.configNames());
        try (Admin admin = Admin.create(own)) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())
                            .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT))))
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
