package io.hourledger.aggregator.consumer;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** Asks the broker where logs begin and end. Records of open transactions count, since what lies behind them may be acknowledged. */
final class KafkaLogOffsets implements LogOffsets {

    private final Admin admin;
    private final String topicId;
    private final Duration timeout;

    /**
     * @param topicId Kafka's own id of the topic that was counted so far
     */
    KafkaLogOffsets(Admin admin, String topicId, Duration timeout) {
        this.admin = admin;
        this.topicId = topicId;
        this.timeout = timeout;
    }

    @Override
    public boolean isSameTopic(TopicPartition partition) {
        KafkaFuture<TopicDescription> described =
                Objects.requireNonNull(admin.describeTopics(List.of(partition.topic()))
                        .topicNameValues()
                        .get(partition.topic()));
        return answer(partition, described).topicId().toString().equals(topicId);
    }

    @Override
    public long begin(TopicPartition partition) {
        return ask(partition, OffsetSpec.earliest());
    }

    @Override
    public long end(TopicPartition partition) {
        return ask(partition, OffsetSpec.latest());
    }

    private long ask(TopicPartition partition, OffsetSpec spec) {
        ListOffsetsOptions options = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);
        return answer(
                        partition,
                        admin.listOffsets(Map.of(partition, spec), options).partitionResult(partition))
                .offset();
    }

    private <T> T answer(TopicPartition partition, KafkaFuture<T> future) {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException noAnswer) {
            throw new KafkaException("the broker did not say where " + partition + " begins and ends", noAnswer);
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        }
    }
}
