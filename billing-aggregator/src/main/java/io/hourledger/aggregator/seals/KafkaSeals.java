package io.hourledger.aggregator.seals;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.ledger.seal.Seal;
import io.hourledger.ledger.seal.SealSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Keeps seals in a topic of one partition from which nothing is ever dropped. Several processes may seal at the same time: they say the same of
 * the same number of events, and what is read back is in the order of those numbers.
 */
public final class KafkaSeals implements SealSink, AutoCloseable {

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(200);

    /** Elapsed time between two questions. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final int ONE_PARTITION = 1;

    /** As the topic must be, or seals would vanish by themselves. */
    private static final Map<String, String> FOR_EVER = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_MS_CONFIG, "-1",
            TopicConfig.RETENTION_BYTES_CONFIG, "-1");

    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;

    private KafkaSeals(String topic, KafkaProducer<byte[], byte[]> producer) {
        this.topic = topic;
        this.producer = producer;
    }

    /**
     * Makes the topic if it is not there yet.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @throws IllegalStateException with a sentence for a person, if the topic is one that drops seals
     */
    public static KafkaSeals connect(Map<String, Object> clientSettings, String topic) {
        try (Admin admin = Admin.create(only(clientSettings, AdminClientConfig.configNames()))) {
            make(admin, topic);
            check(admin, topic);
        }
        Map<String, Object> own = only(clientSettings, ProducerConfig.configNames());
        own.remove(ProducerConfig.CLIENT_ID_CONFIG);
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_TIMEOUT.toMillis());
        own.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(ANSWER_TIMEOUT.toMillis()));
        own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(ANSWER_TIMEOUT.toMillis() / 2));
        return new KafkaSeals(topic, new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    private static Map<String, Object> only(Map<String, Object> clientSettings, Collection<String> names) {
        Map<String, Object> own = new HashMap<>(clientSettings);
        own.keySet().retainAll(names);
        return own;
    }

    private static void make(Admin admin, String topic) {
        NewTopic made = new NewTopic(topic, Optional.of(ONE_PARTITION), Optional.empty()).configs(FOR_EVER);
        try {
            answer(admin.createTopics(List.of(made)).all());
        } catch (KafkaException refused) {
            if (!(refused.getCause() instanceof TopicExistsException)) {
                throw refused;
            }
        }
    }

    private static void check(Admin admin, String topic) {
        Config config = configOf(admin, topic);
        FOR_EVER.forEach((name, wanted) -> {
            ConfigEntry entry = config.get(name);
            String value = entry == null ? "not set" : String.valueOf(entry.value());
            if (!value.equals(wanted)) {
                throw new IllegalStateException("topic " + topic + " would lose seals of the ledger: its " + name
                        + " is " + value + " and must be " + wanted + "; set that, or name another topic");
            }
        });
    }

    /** A topic that was just made is not known to every broker at once. */
    private static Config configOf(Admin admin, String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        long sinceNanos = System.nanoTime();
        while (true) {
            try {
                return Objects.requireNonNull(
                        answer(admin.describeConfigs(Set.of(resource)).all()).get(resource));
            } catch (KafkaException refused) {
                boolean notKnownYet = refused.getCause() instanceof UnknownTopicOrPartitionException;
                if (!notKnownYet || System.nanoTime() - sinceNanos > ANSWER_TIMEOUT.toNanos()) {
                    throw refused;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private static <T> T answer(Future<T> asked) {
        try {
            return asked.get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            throw new KafkaException(String.valueOf(refused.getMessage()), refused.getCause());
        } catch (TimeoutException silent) {
            throw new KafkaException("Kafka gives no answer", silent);
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        }
    }

    @Override
    public void keep(Seal seal) {
        Object acknowledged = answer(
                producer.send(new ProducerRecord<>(topic, 0, null, seal.line().getBytes(UTF_8))));
        Objects.requireNonNull(acknowledged);
    }

    /**
     * All seals, by the number of events they speak of; each once, however often it was kept.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @return empty if there is no such topic
     */
    public static List<Seal> all(Map<String, Object> clientSettings, String topic) {
        Map<String, Object> own = only(clientSettings, ConsumerConfig.configNames());
        own.remove(ConsumerConfig.GROUP_ID_CONFIG);
        own.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
        own.put(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "seals-" + ProcessHandle.current().pid());
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            if (consumer.partitionsFor(topic, ANSWER_TIMEOUT).isEmpty()) {
                return List.of();
            }
            return read(consumer, new TopicPartition(topic, 0)).stream()
                    .distinct()
                    .sorted(Comparator.comparingLong(Seal::eventCount))
                    .toList();
        } catch (UnknownTopicOrPartitionException noTopic) {
            return List.of();
        }
    }

    private static List<Seal> read(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        List<Seal> seals = new ArrayList<>();
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = Objects.requireNonNull(
                consumer.endOffsets(List.of(partition), ANSWER_TIMEOUT).get(partition));
        long sinceNanos = System.nanoTime();
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                seals.add(Seal.parse(new String(record.value(), UTF_8)));
                sinceNanos = System.nanoTime();
            }
            if (System.nanoTime() - sinceNanos > ANSWER_TIMEOUT.toNanos()) {
                throw new KafkaException("no seal of " + partition + " since " + ANSWER_TIMEOUT);
            }
        }
        return seals;
    }

    @Override
    public void close() {
        producer.close(ANSWER_TIMEOUT);
    }
}
