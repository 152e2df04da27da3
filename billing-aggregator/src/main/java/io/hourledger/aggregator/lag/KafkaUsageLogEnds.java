package io.hourledger.aggregator.lag;

import java.time.Duration;
import java.time.Instant;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Kafka's brokers, by an admin client and a consumer that is no member of any group. Belongs to one thread. */
public final class KafkaUsageLogEnds implements UsageLogEnds {

    private static final Logger log = LoggerFactory.getLogger(KafkaUsageLogEnds.class);

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

    /** One look reads records for so long at most, and one partition's for a part of it. */
    private static final Duration READ_AT_MOST = Duration.ofSeconds(2);

    private static final Duration READ_ONE_AT_MOST = Duration.ofMillis(500);

    private final Map<String, Object> client;
    private final String topic;
    private final String group;
    private final Admin admin;
    private @Nullable Consumer<byte[], byte[]> reader;

    /** By partition: what lies at an offset does not change, so it is read once. */
    private final Map<Integer, ReadRecord> read = new HashMap<>();

    private record ReadRecord(long from, Instant received) {}

    /**
     * @param client settings of Kafka's clients by Kafka's own names
     * @param group of those who read the topic
     */
    public KafkaUsageLogEnds(Map<String, Object> client, String topic, String group) {
        this.client = Map.copyOf(client);
        this.topic = topic;
        this.group = group;
        Map<String, Object> settings = new HashMap<>(client);
        settings.keySet().retainAll(AdminClientConfig.configNames());
        this.admin = Admin.create(settings);
    }

    @Override
    public Map<Integer, Long> ends() {
        TopicDescription described = Objects.requireNonNull(
                answer(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic));
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        described
                .partitions()
                .forEach(
                        partition -> wanted.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
        Map<Integer, Long> ends = new HashMap<>();
        answer(admin.listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                        .all())
                .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
        return ends;
    }

    @Override
    public Map<Integer, PartitionOwner> owners(Iterable<Integer> partitions) {
        Map<Integer, PartitionOwner> owners = new HashMap<>();
        try {
            ConsumerGroupDescription described = Objects.requireNonNull(
                    answer(admin.describeConsumerGroups(List.of(group)).all()).get(group));
            boolean settled = described.groupState() == GroupState.STABLE
                    || described.groupState() == GroupState.EMPTY
                    || described.groupState() == GroupState.DEAD;
            partitions.forEach(partition ->
                    owners.put(partition, settled ? new PartitionOwner.Nobody() : new PartitionOwner.NotTold()));
            for (MemberDescription member : described.members()) {
                member.assignment().topicPartitions().stream()
                        .filter(partition -> partition.topic().equals(topic))
                        .forEach(partition -> owners.put(
                                partition.partition(),
                                new PartitionOwner.Member(
                                        member.clientId(), member.host().replace("/", ""))));
            }
        } catch (KafkaException noAnswer) {
            log.atDebug().setCause(noAnswer).log("the group does not tell who reads");
        }
        return owners;
    }

    @Override
    public Map<Integer, Instant> receivedAt(Map<Integer, Long> offsets) {
        Map<Integer, Instant> received = new HashMap<>();
        read.keySet().retainAll(offsets.keySet());
        long until = System.nanoTime() + READ_AT_MOST.toNanos();
        offsets.forEach((partition, offset) -> {
            ReadRecord known = read.get(partition);
            if ((known == null || known.from != offset) && System.nanoTime() - until < 0) {
                known = firstAt(new TopicPartition(topic, partition), offset);
            }
            if (known != null && known.from == offset) {
                read.put(partition, known);
                received.put(partition, known.received);
            }
        });
        return received;
    }

    private @Nullable ReadRecord firstAt(TopicPartition partition, long offset) {
        try {
            Consumer<byte[], byte[]> consumer = reader();
            consumer.assign(List.of(partition));
            consumer.seek(partition, offset);
            long until = System.nanoTime() + READ_ONE_AT_MOST.toNanos();
            while (System.nanoTime() - until < 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(READ_ONE_AT_MOST)) {
                    return new ReadRecord(offset, Instant.ofEpochMilli(record.timestamp()));
                }
            }
        } catch (KafkaException unreadable) {
            log.atDebug()
                    .addKeyValue("partition", partition)
                    .setCause(unreadable)
                    .log("its oldest record is not read");
        }
        return null;
    }

    private Consumer<byte[], byte[]> reader() {
        Consumer<byte[], byte[]> consumer = reader;
        if (consumer == null) {
            Map<String, Object> settings = new HashMap<>(client);
            settings.keySet().retainAll(ConsumerConfig.configNames());
            settings.keySet()
                    .removeAll(List.of(
                            ConsumerConfig.GROUP_ID_CONFIG,
                            ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                            ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                            ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG));
            settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
            settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
            // also what an open transaction has written waits
            settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
            settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
            // the broker gives one batch all the same
            settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1);
            consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            reader = consumer;
        }
        return consumer;
    }

    private <T> T answer(KafkaFuture<T> future) {
        try {
            return future.get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            throw new KafkaException(String.valueOf(refused.getCause()), refused);
        } catch (TimeoutException silent) {
            throw new KafkaException("no answer within " + ANSWER_TIMEOUT.toSeconds() + " s", silent);
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        }
    }

    @Override
    public void close() {
        Consumer<byte[], byte[]> consumer = reader;
        try {
            if (consumer != null) {
                consumer.close();
            }
            admin.close(ANSWER_TIMEOUT);
        } catch (KafkaException | ConcurrentModificationException stillAtWork) {
            log.atDebug().setCause(stillAtWork).log("not closed in good order");
        }
    }
}
