package io.hourledger.ledger.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
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

    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(200);

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
     * One that is to be kept.
     *
     * @param kind what it is, or whose: the record's key
     * @param facts short texts about it: the record's headers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    public record NewEntry(String kind, Map<String, String> facts, byte[] value) {}

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
            JournalTopicRules rules = new JournalTopicRules(admin, topic, retention);
            rules.make(unsafeAllowed);
            rules.check(unsafeAllowed);
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

    static <T> T answer(Future<T> asked) {
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
        RecordMetadata stored = answer(send(new NewEntry(kind, facts, value)));
        return stored.offset();
    }

    /**
     * Keeps entries in their order and returns when all replicas in sync have them.
     *
     * @throws KafkaException if any of them may not have been kept; of those behind it some may have been
     */
    public void appendAll(List<NewEntry> entries) {
        List<Future<RecordMetadata>> pending = new ArrayList<>();
        for (NewEntry entry : entries) {
            Future<RecordMetadata> sent = send(entry);
            if (sent.isDone()) {
                // it was not even begun: each further one would wait as long
                answer(sent);
            }
            pending.add(sent);
        }
        pending.forEach(JournalTopic::answer);
    }

    private Future<RecordMetadata> send(NewEntry entry) {
        ProducerRecord<byte[], byte[]> produced =
                new ProducerRecord<>(topic, 0, entry.kind().getBytes(UTF_8), entry.value());
        entry.facts().forEach((name, fact) -> produced.headers().add(name, fact.getBytes(UTF_8)));
        return producer.send(produced);
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
