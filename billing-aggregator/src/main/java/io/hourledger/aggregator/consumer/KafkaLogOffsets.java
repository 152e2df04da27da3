package io.hourledger.aggregator.consumer;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/** Where a partition's log begins and ends. The end counts records of transactions still open, since what lies behind them may be acknowledged. */
public final class LogOffsets {

    private final Admin admin;
    private final Duration timeout;

    public LogOffsets(Admin admin, Duration timeout) {
        this.admin = admin;
        this.timeout = timeout;
    }

    /**
     * @throws KafkaException if the broker gives no answer in time
     */
    public long begin(TopicPartition partition) {
        return ask(partition, OffsetSpec.earliest());
    }

    /**
     * @throws KafkaException if the broker gives no answer in time
     */
    public long end(TopicPartition partition) {
        return ask(partition, OffsetSpec.latest());
    }

    private long ask(TopicPartition partition, OffsetSpec spec) {
        ListOffsetsOptions options = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);
        try {
            return admin.listOffsets(Map.of(partition, spec), options)
                    .partitionResult(partition)
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .offset();
        } catch (ExecutionException | TimeoutException noAnswer) {
            throw new KafkaException("the broker did not say where " + partition + " begins and ends", noAnswer);
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        }
    }
}
