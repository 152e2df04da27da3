package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.consumer.PartitionWorker.Tools;
import io.hourledger.aggregator.hour.HaltReason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread of the group: polls, hands records over to the partitions it owns, and stops. */
public final class UsageConsumer implements Runnable, ConsumerRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(UsageConsumer.class);

    private static final Duration POLL_WAIT = Duration.ofMillis(50);
    private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(500);

    private final Consumer<ByteBuffer, ByteBuffer> consumer;
    private final Tools tools;
    private final UnreadablePartitionSearch unreadable;
    private final Map<TopicPartition, PartitionWorker> owned = new HashMap<>();
    private volatile boolean running = true;
    private volatile long lastPollNanos = System.nanoTime();

    UsageConsumer(Consumer<ByteBuffer, ByteBuffer> consumer, Tools tools) {
        this.consumer = consumer;
        this.tools = tools;
        this.unreadable = new UnreadablePartitionSearch(consumer);
    }

    /** Reads until it is told to stop, or until something ends it that it cannot go on after: that is logged and not thrown. */
    @Override
    public void run() {
        try (consumer) {
            consumer.subscribe(List.of(tools.settings().topic()), this);
            while (running) {
                pollOnce();
            }
        } catch (Throwable bug) { // an Error, too, must not end it without a word
            log.atError().setCause(bug).log("a consumer has ended, its partitions go to others");
        } finally {
            eachByItself(Set.copyOf(owned.keySet()), "drop", this::drop);
        }
    }

    /** One turn of the loop. */
    void pollOnce() {
        try {
            ConsumerRecords<ByteBuffer, ByteBuffer> records = unreadable.poll(consumer, POLL_WAIT);
            lastPollNanos = System.nanoTime();
            unreadable.returned().forEach(this::haltUnreadable);
            records.nextOffsets().forEach((partition, next) -> {
                PartitionWorker owner = owned.get(partition);
                if (owner != null) {
                    owner.polledUpTo(next);
                }
            });
            for (TopicPartition partition : records.partitions()) {
                PartitionWorker owner = owned.get(partition);
                if (owner != null) {
                    owner.take(records.records(partition));
                }
            }
        } catch (WakeupException wakeup) {
            if (running) {
                throw wakeup;
            }
            return;
        } catch (OffsetOutOfRangeException lost) {
            halt(lost);
        } catch (KafkaException noRecords) {
            goOnAfter(noRecords);
        }
        owned.values().forEach(this::tend);
    }

    private void tend(PartitionWorker owner) {
        try {
            owner.tend();
        } catch (OffsetOutOfRangeException lost) {
            halt(lost);
        }
    }

    private void halt(OffsetOutOfRangeException lost) {
        lost.offsetOutOfRangePartitions().forEach((partition, offset) -> {
            PartitionWorker owner = owned.get(partition);
            if (owner != null) {
                owner.halt(
                        lost instanceof LogTruncationException ? HaltReason.LOG_ENDS_EARLIER : HaltReason.LOST_OFFSET,
                        whyLost(lost, partition, offset));
            }
        });
    }

    private static String whyLost(OffsetOutOfRangeException lost, TopicPartition partition, long offset) {
        if (lost instanceof LogTruncationException truncated) {
            OffsetAndMetadata agreed = truncated.divergentOffsets().get(partition);
            String from = agreed == null ? "" : " from offset " + agreed.offset() + " on";
            return "the log was cut off before offset " + offset + ", up to which it was counted, and written on: other"
                    + " records lie there now" + from;
        }
        return "the log no longer holds offset " + offset;
    }

    private void goOnAfter(KafkaException noRecords) {
        if (!owned.keySet().containsAll(consumer.assignment())) {
            throw noRecords; // nobody would tell this consumer where to read, so another one takes its place
        }
        log.atWarn().setCause(noRecords).log("the broker gave no records");
        unreadable.failed(noRecords).forEach(this::haltUnreadable);
        LockSupport.parkNanos(PAUSE_AFTER_ERROR.toNanos());
    }

    private void haltUnreadable(TopicPartition partition, String why) {
        PartitionWorker owner = owned.get(partition);
        if (owner != null) {
            owner.halt(
                    HaltReason.UNREADABLE_RECORD,
                    "the log cannot be read from offset " + consumer.position(partition) + " on: " + why);
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        log.atInfo().addKeyValue("partitions", partitions).log("partitions assigned");
        unreadable.changed(partitions);
        for (TopicPartition partition : partitions) {
            owned.put(partition, new PartitionWorker(partition, tools));
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        log.atInfo().addKeyValue("partitions", partitions).log("partitions revoked");
        unreadable.changed(partitions);
        eachByItself(partitions, "release", partition -> {
            PartitionWorker owner = owned.remove(partition);
            if (owner != null) {
                owner.release();
            }
        });
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        log.atWarn().addKeyValue("partitions", partitions).log("partitions lost to others");
        unreadable.changed(partitions);
        eachByItself(partitions, "drop", this::drop);
    }

    private void drop(TopicPartition partition) {
        PartitionWorker owner = owned.remove(partition);
        if (owner != null) {
            owner.drop();
        }
    }

    /** Whatever happens to one, the others are handed back, too. */
    private static void eachByItself(
            Collection<TopicPartition> partitions, String what, java.util.function.Consumer<TopicPartition> work) {
        for (TopicPartition partition : partitions) {
            try {
                work.accept(partition);
            } catch (RuntimeException | Error failed) {
                log.atError()
                        .addKeyValue("partition", partition)
                        .addKeyValue("step", what)
                        .setCause(failed)
                        .log("a partition was not handed back in good order, it is owned no more");
            }
        }
    }

    /** How long ago a poll has returned last, in machine time. A poll that failed does not count. */
    public Duration sinceLastPoll() {
        return Duration.ofNanos(System.nanoTime() - lastPollNanos);
    }

    /** Ends the loop soon; partitions are released in good order. */
    public void stop() {
        running = false;
        consumer.wakeup();
    }
}
