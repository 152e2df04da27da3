package io.hourledger.aggregator.consumer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds the partition whose log makes every poll of its consumer fail, such as by a corrupt batch. After several failures in a row each
 * partition is polled alone, several times. At fault is who failed each time, if another one never failed or Kafka's words name it. What all
 * have in common, such as a missing right or an outage, is nobody's fault.
 *
 * <p>Belongs to the thread of the consumer.
 */
final class UnreadablePartitionSearch {

    private static final int FAILURES_UNTIL_SEARCH = 3;
    private static final int ROUNDS = 3;

    private final Consumer<?, ?> consumer;
    private final Deque<TopicPartition> toPoll = new ArrayDeque<>();
    private final Map<TopicPartition, Failures> failuresOf = new HashMap<>();

    /** Those that are being read, and are paused for the poll of another one. */
    private final Set<TopicPartition> pausedForOther = new HashSet<>();

    private int failuresInARow;

    /**
     * @param last what the last of them said; empty if there was none
     */
    private record Failures(int count, String last) {

        static final Failures NONE = new Failures(0, "");
    }

    UnreadablePartitionSearch(Consumer<?, ?> consumer) {
        this.consumer = consumer;
    }

    /** Polls all partitions that are being read; while a search is on, one of them. */
    <K, V> ConsumerRecords<K, V> poll(Consumer<K, V> polled, Duration wait) {
        TopicPartition alone = toPoll.peek();
        if (alone == null) {
            return polled.poll(wait);
        }
        pausedForOther.addAll(reading());
        pausedForOther.remove(alone);
        consumer.pause(pausedForOther);
        try {
            return polled.poll(wait);
        } finally {
            pausedForOther.retainAll(consumer.assignment());
            consumer.resume(pausedForOther);
            pausedForOther.clear();
        }
    }

    private Set<TopicPartition> reading() {
        Set<TopicPartition> reading = new HashSet<>(consumer.assignment());
        reading.removeAll(consumer.paused());
        return reading;
    }

    /**
     * A poll has returned.
     *
     * @return the partitions that were found to be at fault, each with Kafka's words; mostly none
     */
    Map<TopicPartition, String> returned() {
        failuresInARow = 0;
        if (toPoll.poll() == null) {
            return Map.of();
        }
        return endWhenAllWerePolled();
    }

    /**
     * A poll has failed.
     *
     * @return as {@link #returned}
     */
    Map<TopicPartition, String> failed(KafkaException failure) {
        TopicPartition alone = toPoll.poll();
        if (alone == null) {
            failuresInARow++;
            if (failuresInARow >= FAILURES_UNTIL_SEARCH) {
                start();
            }
            return Map.of();
        }
        failuresOf.computeIfPresent(
                alone, (partition, before) -> new Failures(before.count + 1, String.valueOf(failure.getMessage())));
        return endWhenAllWerePolled();
    }

    private void start() {
        Set<TopicPartition> reading = reading();
        reading.forEach(partition -> failuresOf.put(partition, Failures.NONE));
        for (int round = 0; round < ROUNDS; round++) {
            toPoll.addAll(reading);
        }
    }

    private Map<TopicPartition, String> endWhenAllWerePolled() {
        if (!toPoll.isEmpty()) {
            return Map.of();
        }
        boolean anotherNeverFailed = failuresOf.values().stream().anyMatch(failures -> failures.count == 0);
        Map<TopicPartition, String> atFault = new HashMap<>();
        failuresOf.forEach((partition, failures) -> {
            boolean isNamed = failures.last.contains(partition.toString());
            if (failures.count == ROUNDS && (anotherNeverFailed || isNamed)) {
                atFault.put(partition, failures.last);
            }
        });
        end();
        return atFault;
    }

    /** The group has given or taken these, so a search begins anew when it must. */
    void changed(Collection<TopicPartition> partitions) {
        partitions.forEach(pausedForOther::remove);
        end();
    }

    private void end() {
        toPoll.clear();
        failuresOf.clear();
        failuresInARow = 0;
    }
}
