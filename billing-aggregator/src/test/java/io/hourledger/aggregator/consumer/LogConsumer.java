package io.hourledger.aggregator.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** A consumer of a log in memory. As in Kafka, what was polled is there again after a seek. */
final class LogConsumer extends MockConsumer<ByteBuffer, ByteBuffer> implements LogOffsets {

    static final int MOST_POLLED = 2;

    private final Map<TopicPartition, List<ConsumerRecord<ByteBuffer, ByteBuffer>>> log = new HashMap<>();
    private final Map<TopicPartition, Long> begins = new HashMap<>();
    private final Set<TopicPartition> corrupt = new HashSet<>();
    private int silences;
    private boolean refusing;
    private boolean madeAnew;

    LogConsumer() {
        super("none");
    }

    void append(TopicPartition partition, String key, String value, Instant time) {
        List<ConsumerRecord<ByteBuffer, ByteBuffer>> records = log.computeIfAbsent(partition, any -> new ArrayList<>());
        records.add(new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                records.size(),
                time.toEpochMilli(),
                TimestampType.CREATE_TIME,
                key.length(),
                value.length(),
                ByteBuffer.wrap(key.getBytes(UTF_8)),
                ByteBuffer.wrap(value.getBytes(UTF_8)),
                new RecordHeaders(),
                Optional.empty()));
    }

    /** The log drops all records before this offset. */
    void dropBefore(TopicPartition partition, long offset) {
        begins.put(partition, offset);
    }

    /** The next questions for the end of a log, so many of them, stay without an answer. */
    void giveNoAnswers(int questions) {
        silences = questions;
    }

    /** A batch of this partition cannot be read any more, and so no poll that reads it returns. */
    void corrupt(TopicPartition partition) {
        corrupt.add(partition);
    }

    /** Every poll fails, until it is told otherwise. */
    void refuse(boolean refuses) {
        refusing = refuses;
    }

    /** The topic is deleted and made again, and records are written to it. */
    void makeAnew() {
        madeAnew = true;
    }

    @Override
    public boolean isSameTopic(TopicPartition partition) {
        return !madeAnew;
    }

    @Override
    public long begin(TopicPartition partition) {
        return begins.getOrDefault(partition, 0L);
    }

    @Override
    public long end(TopicPartition partition) {
        if (silences > 0) {
            silences--;
            throw new KafkaException("no answer");
        }
        return log.getOrDefault(partition, List.of()).size();
    }

    @Override
    public synchronized ConsumerRecords<ByteBuffer, ByteBuffer> poll(Duration timeout) {
        if (refusing) {
            throw new TopicAuthorizationException("Not authorized to access topics: [usage-events]");
        }
        for (TopicPartition partition : Set.copyOf(assignment())) {
            if (corrupt.contains(partition) && !paused().contains(partition)) {
                throw new KafkaException("Record batch for partition " + partition + " at offset 0 is invalid");
            }
            if (!paused().contains(partition)) {
                fetch(partition, position(partition));
            }
        }
        return super.poll(timeout);
    }

    private void fetch(TopicPartition partition, long position) {
        if (position < begin(partition)) {
            throw new OffsetOutOfRangeException(Map.of(partition, position));
        }
        log.getOrDefault(partition, List.of()).stream()
                .filter(record -> record.offset() >= position)
                .limit(MOST_POLLED)
                .forEach(this::addRecord);
    }

    @Override
    public synchronized OptionalLong currentLag(TopicPartition partition) {
        return OptionalLong.of(log.getOrDefault(partition, List.of()).size() - position(partition));
    }

    boolean isPaused(TopicPartition partition) {
        return paused().contains(partition);
    }
}
