package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/** The usage log, read from one offset to another by a consumer that belongs to no group and so disturbs none. Belongs to one thread. */
final class UsageLogReader implements UsageRecords, AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

    /** So long without one record nearer to the end, and the broker is given up. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaConsumer<ByteBuffer, ByteBuffer> consumer;
    private final String topic;

    private UsageLogReader(KafkaConsumer<ByteBuffer, ByteBuffer> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /**
     * @param clientSettings how to reach the brokers, by Kafka's own names
     */
    static UsageLogReader open(Map<String, Object> clientSettings, String topic) {
        Map<String, Object> own = new HashMap<>(clientSettings);
        own.keySet().retainAll(ConsumerConfig.configNames());
        own.remove(ConsumerConfig.GROUP_ID_CONFIG);
        own.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        own.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
        own.remove(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG);
        own.remove(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG);
        own.remove(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG);
        own.put(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "recount-" + ProcessHandle.current().pid());
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return new UsageLogReader(
                new KafkaConsumer<>(own, new ByteBufferDeserializer(), new ByteBufferDeserializer()), topic);
    }

    /**
     * Offsets of another topic of the same name would mean nothing.
     *
     * @throws LogGoneException if this is not the topic that was counted
     */
    static void mustBeTheCounted(Optional<String> countedTopicId, Map<String, Object> clientSettings, String topic) {
        String now = topicId(clientSettings, topic);
        if (countedTopicId.filter(counted -> !counted.equals(now)).isPresent()) {
            throw new LogGoneException("topic " + topic + " was deleted and made again since it was counted");
        }
    }

    /** Kafka's own id of a topic. */
    private static String topicId(Map<String, Object> clientSettings, String topic) {
        Map<String, Object> own = new HashMap<>(clientSettings);
        own.keySet().retainAll(AdminClientConfig.configNames());
        try (Admin admin = Admin.create(own)) {
            KafkaFuture<TopicDescription> description = Objects.requireNonNull(
                    admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
            return description
                    .get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .topicId()
                    .toString();
        } catch (ExecutionException refused) {
            if (refused.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new LogGoneException("there is no topic " + topic);
            }
            throw new StoreUnavailableException("Kafka did not describe topic " + topic, refused);
        } catch (TimeoutException silent) {
            throw new StoreUnavailableException("Kafka did not describe topic " + topic, silent);
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        }
    }

    private TopicPartition assigned(int partition) {
        TopicPartition one = new TopicPartition(topic, partition);
        if (!consumer.assignment().contains(one)) {
            consumer.assign(List.of(one));
        }
        return one;
    }

    /** The first offset that the log still holds. */
    long begin(int partition) {
        TopicPartition one = assigned(partition);
        return Objects.requireNonNull(asking(() -> consumer.beginningOffsets(List.of(one), ANSWER_TIMEOUT))
                .get(one));
    }

    /** The offset behind the last record that can be read. */
    long end(int partition) {
        TopicPartition one = assigned(partition);
        return Objects.requireNonNull(
                asking(() -> consumer.endOffsets(List.of(one), ANSWER_TIMEOUT)).get(one));
    }

    /** The first offset whose record's timestamp is {@code moment} or later: all records before it are older. The log's end if there is none. */
    long firstSince(int partition, Instant moment) {
        TopicPartition one = assigned(partition);
        Map<TopicPartition, Long> wanted = Map.of(one, Math.max(0, moment.toEpochMilli()));
        OffsetAndTimestamp found =
                asking(() -> consumer.offsetsForTimes(wanted, ANSWER_TIMEOUT)).get(one);
        return found == null ? end(partition) : found.offset();
    }

    private interface Question<T> {
        T ask();
    }

    private <T> T asking(Question<T> question) {
        try {
            return question.ask();
        } catch (KafkaException noAnswer) {
            throw new StoreUnavailableException("Kafka did not say how far its log goes", noAnswer);
        }
    }

    /**
     * Reads the records of {@code [from, to)}.
     *
     * @throws LogGoneException if the log does not hold all of it
     * @throws StoreUnavailableException if Kafka gives no answer
     */
    @Override
    public void read(int partition, long from, long to, Taker taker) {
        TopicPartition one = assigned(partition);
        long begin = begin(partition);
        long end = end(partition);
        if (begin > from) {
            throw new LogGoneException(
                    one + " is needed from offset " + from + " on, and what is left of it begins at " + begin);
        }
        if (end < to) {
            throw new LogGoneException(one + " is needed up to offset " + to + ", and it ends at " + end);
        }
        try {
            consumer.seek(one, from);
            readOn(one, to, taker);
        } catch (OffsetOutOfRangeException gone) {
            throw new LogGoneException(one + " lost offset " + from + " while it was read");
        } catch (KafkaException noAnswer) {
            throw new StoreUnavailableException("Kafka did not hand over " + one + " from offset " + from, noAnswer);
        }
    }

    private void readOn(TopicPartition one, long to, Taker taker) {
        long position = consumer.position(one);
        long sinceNanos = System.nanoTime();
        while (position < to) {
            for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(POLL)) {
                if (record.offset() >= to) {
                    return;
                }
                taker.take(new LogRecord(
                        record.partition(), record.offset(), record.timestamp(), record.key(), record.value()));
                if (taker.hasEnough()) {
                    return;
                }
            }
            long reached = consumer.position(one);
            if (reached > position) {
                sinceNanos = System.nanoTime();
            } else if (System.nanoTime() - sinceNanos > PATIENCE.toNanos()) {
                throw new KafkaException("no record of " + one + " since " + PATIENCE + ", at offset " + reached);
            }
            position = reached;
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
