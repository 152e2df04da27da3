package io.hourledger.ledger.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Collection;
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
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka topic of one partition from which nothing is dropped before its time, if it has one: entries in one order, each at a place of its
 * own.
 */
public final class JournalTopic implements AutoCloseable {

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(200);

    /** Elapsed time between two questions. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final String FOR_EVER = "-1";

    /** As the topic must be, or entries would vanish before their time. */
    private static final Map<String, String> NEVER_BY_SIZE = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_BYTES_CONFIG,
            FOR_EVER);

    /** As it must be for the loss of a broker to lose no entry. */
    private static final short SAFE_REPLICATION = 3;

    private static final int SAFE_IN_SYNC = 2;

    private final Map<String, Object> clientSettings;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private @Nullable Admin asking;

    private JournalTopic(Map<String, Object> clientSettings, String topic, KafkaProducer<byte[], byte[]> producer) {
        this.clientSettings = clientSettings;
        this.topic = topic;
        this.producer = producer;
    }

    /**
     * One entry.
     *
     * @param place where it stands; entries are numbered in their order, with no number left out by this class
     * @param kind what it is
     * @param facts short texts about it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    public record Entry(long place, String kind, Map<String, String> facts, byte[] value) {

        /** A fact that every entry of this kind has. */
        public String fact(String name) {
            return Objects.requireNonNull(facts.get(name), name);
        }
    }

    /**
     * What there is to be read.
     *
     * @param first the place of the first entry that is still there
     * @param end the place of the next entry
     */
    public record Extent(long first, long end) {}

    /**
     * Makes the topic if it is not there yet.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @param unsafeAllowed whether it may be a topic that loses entries with one broker; for tests and the demo
     * @throws IllegalStateException with a sentence for a person, if the topic is one that drops or may lose entries
     * @throws KafkaException if Kafka gives no answer
     */
    public static JournalTopic connect(Map<String, Object> clientSettings, String topic, boolean unsafeAllowed) {
        return connect(clientSettings, topic, unsafeAllowed, null);
    }

    /**
     * As {@link #connect(Map, String, boolean)}, for a topic that may drop entries when they are old.
     *
     * @param retention how long it must keep them at least, and does if it is made here; null for ever
     */
    public static JournalTopic connect(
            Map<String, Object> clientSettings, String topic, boolean unsafeAllowed, @Nullable Duration retention) {
        try (Admin admin = admin(clientSettings)) {
            make(admin, topic, unsafeAllowed, retention);
            check(admin, topic, retention);
            if (!unsafeAllowed) {
                checkSafe(admin, topic);
            }
        }
        Map<String, Object> own = only(clientSettings, ProducerConfig.configNames());
        own.remove(ProducerConfig.CLIENT_ID_CONFIG);
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        own.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        own.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_TIMEOUT.toMillis());
        own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(ANSWER_TIMEOUT.toMillis()));
        own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(ANSWER_TIMEOUT.toMillis() / 2));
        return new JournalTopic(
                Map.copyOf(clientSettings),
                topic,
                new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    private static Admin admin(Map<String, Object> clientSettings) {
        Map<String, Object> own = only(clientSettings, AdminClientConfig.configNames());
        own.remove(AdminClientConfig.CLIENT_ID_CONFIG);
        own.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(ANSWER_TIMEOUT.toMillis()));
        own.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(ANSWER_TIMEOUT.toMillis() / 2));
        return Admin.create(own);
    }

    private static Map<String, Object> only(Map<String, Object> clientSettings, Collection<String> names) {
        Map<String, Object> own = new HashMap<>(clientSettings);
        own.keySet().retainAll(names);
        return own;
    }

    private static void make(Admin admin, String topic, boolean unsafeAllowed, @Nullable Duration retention) {
        Map<String, String> configs = new HashMap<>(NEVER_BY_SIZE);
        configs.put(
                TopicConfig.RETENTION_MS_CONFIG, retention == null ? FOR_EVER : Long.toString(retention.toMillis()));
        if (!unsafeAllowed) {
            configs.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(SAFE_IN_SYNC));
            configs.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
        }
        NewTopic made = new NewTopic(
                        topic, Optional.of(1), unsafeAllowed ? Optional.empty() : Optional.of(SAFE_REPLICATION))
                .configs(configs);
        try {
            answer(admin.createTopics(List.of(made)).all());
        } catch (KafkaException refused) {
            if (refused.getCause() instanceof InvalidReplicationFactorException) {
                throw unsafe(
                        topic,
                        "it cannot be made with " + SAFE_REPLICATION + " replicas ("
                                + refused.getCause().getMessage() + ")");
            }
            if (!(refused.getCause() instanceof TopicExistsException)) {
                throw refused;
            }
        }
    }

    private static IllegalStateException unsafe(String topic, String why) {
        return new IllegalStateException("topic " + topic + " could lose what is kept in it: " + why
                + "; mend that, or for tests and the demo set hourledger.kafka.unsafe-topic-allowed=true");
    }

    private static void checkSafe(Admin admin, String topic) {
        TopicDescription described = Objects.requireNonNull(
                answer(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
        int replicas = described.partitions().get(0).replicas().size();
        if (replicas < SAFE_REPLICATION) {
            throw unsafe(topic, "it has " + replicas + " replica(s) and must have " + SAFE_REPLICATION);
        }
        Config config = configOf(admin, topic);
        int inSync = Integer.parseInt(value(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
        if (inSync < SAFE_IN_SYNC) {
            throw unsafe(topic, "its min.insync.replicas is " + inSync + " and must be " + SAFE_IN_SYNC);
        }
        if (!value(config, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG).equals("false")) {
            throw unsafe(topic, "its unclean.leader.election.enable is true and must be false");
        }
    }

    private static String value(Config config, String name) {
        ConfigEntry entry = config.get(name);
        return entry == null ? "not set" : String.valueOf(entry.value());
    }

    private static void check(Admin admin, String topic, @Nullable Duration retention) {
        Config config = configOf(admin, topic);
        NEVER_BY_SIZE.forEach((name, wanted) -> {
            if (!value(config, name).equals(wanted)) {
                throw dropping(topic, config, name, wanted);
            }
        });
        String name = TopicConfig.RETENTION_MS_CONFIG;
        if (retention == null && !value(config, name).equals(FOR_EVER)) {
            throw dropping(topic, config, name, FOR_EVER);
        }
        if (retention != null && isShorter(value(config, name), retention)) {
            throw dropping(topic, config, name, retention.toMillis() + " or more");
        }
    }

    private static boolean isShorter(String retentionMillis, Duration wanted) {
        return !retentionMillis.equals(FOR_EVER) && Long.parseLong(retentionMillis) < wanted.toMillis();
    }

    private static IllegalStateException dropping(String topic, Config config, String name, String wanted) {
        return new IllegalStateException("topic " + topic + " would lose what is kept in it: its " + name + " is "
                + value(config, name) + " and must be " + wanted + "; set that, or name another topic");
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
            return asked.get(2 * ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            throw new KafkaException(String.valueOf(refused.getMessage()), refused.getCause());
        } catch (TimeoutException silent) {
            throw new KafkaException("Kafka gives no answer", silent);
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        }
    }

    /**
     * Keeps an entry and returns when all replicas in sync have it.
     *
     * @return its place
     * @throws KafkaException if it may or may not have been kept
     */
    public long append(String kind, Map<String, String> facts, byte[] value) {
        ProducerRecord<byte[], byte[]> entry = new ProducerRecord<>(topic, 0, kind.getBytes(UTF_8), value);
        facts.forEach((name, fact) -> entry.headers().add(name, fact.getBytes(UTF_8)));
        RecordMetadata stored = answer(producer.send(entry));
        return stored.offset();
    }

    /**
     * The place of the next entry. One question on a connection that stays open, for whoever asks again and again.
     *
     * @throws KafkaException if Kafka gives no answer
     */
    public synchronized long end() {
        Admin admin = asking;
        if (admin == null) {
            admin = admin(clientSettings);
            asking = admin;
        }
        TopicPartition partition = new TopicPartition(topic, 0);
        return answer(admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition))
                .offset();
    }

    /**
     * Hands over the entries from a place on, up to the end as it was when asked.
     *
     * @return where the topic begins, which lies behind {@code from} if entries were dropped, and where that end is, which lies before
     *     {@code from} if the topic was made anew
     * @throws KafkaException if Kafka gives no answer
     */
    public Extent read(long from, Consumer<Entry> reader) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(clientSettings)) {
            return read(consumer, new TopicPartition(topic, 0), from, reader);
        }
    }

    /**
     * Hands over all entries of a topic that may not be there, without making it.
     *
     * @param clientSettings how to reach the brokers, by Kafka's own names; others are left out
     * @return whether there is such a topic
     * @throws KafkaException if Kafka gives no answer
     */
    public static boolean readIfThere(Map<String, Object> clientSettings, String topic, Consumer<Entry> reader) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(clientSettings)) {
            if (consumer.partitionsFor(topic, ANSWER_TIMEOUT).isEmpty()) {
                return false;
            }
            read(consumer, new TopicPartition(topic, 0), 0, reader);
            return true;
        } catch (UnknownTopicOrPartitionException noTopic) {
            return false;
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> clientSettings) {
        Map<String, Object> own = only(clientSettings, ConsumerConfig.configNames());
        own.remove(ConsumerConfig.GROUP_ID_CONFIG);
        own.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
        own.put(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "outside-" + ProcessHandle.current().pid());
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static Extent read(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long from, Consumer<Entry> reader) {
        consumer.assign(List.of(partition));
        long begin = offset(consumer.beginningOffsets(List.of(partition), ANSWER_TIMEOUT), partition);
        long end = offset(consumer.endOffsets(List.of(partition), ANSWER_TIMEOUT), partition);
        consumer.seek(partition, Math.max(begin, Math.min(from, end)));
        long sinceNanos = System.nanoTime();
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                sinceNanos = System.nanoTime();
                if (record.offset() < end) {
                    reader.accept(entry(record));
                }
            }
            if (System.nanoTime() - sinceNanos > ANSWER_TIMEOUT.toNanos()) {
                throw new KafkaException("no entry of " + partition + " since " + ANSWER_TIMEOUT);
            }
        }
        return new Extent(begin, end);
    }

    private static long offset(Map<TopicPartition, Long> offsets, TopicPartition partition) {
        return Objects.requireNonNull(offsets.get(partition));
    }

    private static Entry entry(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> facts = new HashMap<>();
        for (Header header : record.headers()) {
            facts.put(header.key(), new String(header.value(), UTF_8));
        }
        // the first seals were kept without a key
        String kind = record.key() == null ? "" : new String(record.key(), UTF_8);
        return new Entry(record.offset(), kind, facts, record.value());
    }

    @Override
    public synchronized void close() {
        producer.close(ANSWER_TIMEOUT);
        if (asking != null) {
            asking.close(ANSWER_TIMEOUT);
        }
    }
}
