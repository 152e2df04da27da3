package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.consumer.PartitionWorker.Tools;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
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
    private final Map<TopicPartition, PartitionWorker> owned = new HashMap<>();
    private volatile boolean running = true;
    private volatile long lastPollNanos = System.nanoTime();

    UsageConsumer(Consumer<ByteBuffer, ByteBuffer> consumer, Tools tools) {
        this.consumer = consumer;
        this.tools = tools;
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
            owned.values().forEach(PartitionWorker::drop);
            owned.clear();
        }
    }

    /** One turn of the loop. */
    void pollOnce() {
        lastPollNanos = System.nanoTime();
        try {
            ConsumerRecords<ByteBuffer, ByteBuffer> records = consumer.poll(POLL_WAIT);
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
            lost.offsetOutOfRangePartitions().forEach((partition, offset) -> {
                PartitionWorker owner = owned.get(partition);
                if (owner != null) {
                    owner.halt("the log no longer holds offset " + offset);
                }
            });
        } catch (KafkaException noAnswer) {
            log.atWarn().setCause(noAnswer).log("the broker gave no records");
            LockSupport.parkNanos(PAUSE_AFTER_ERROR.toNanos());
        }
        owned.values().forEach(PartitionWorker::tend);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        log.atInfo().addKeyValue("partitions", partitions).log("partitions assigned");
        for (TopicPartition partition : partitions) {
            owned.put(partition, new PartitionWorker(partition, tools));
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        log.atInfo().addKeyValue("partitions", partitions).log("partitions revoked");
        for (TopicPartition partition : partitions) {
            PartitionWorker owner = owned.remove(partition);
            if (owner != null) {
                owner.release();
            }
        }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        log.atWarn().addKeyValue("partitions", partitions).log("partitions lost to others");
        for (TopicPartition partition : partitions) {
            PartitionWorker owner = owned.remove(partition);
            if (owner != null) {
                owner.drop();
            }
        }
    }

    /** How long ago the loop last turned, in machine time. */
    public Duration sinceLastPoll() {
        return Duration.ofNanos(System.nanoTime() - lastPollNanos);
    }

    /** Ends the loop soon; partitions are released in good order. */
    public void stop() {
        running = false;
        consumer.wakeup();
    }
}
