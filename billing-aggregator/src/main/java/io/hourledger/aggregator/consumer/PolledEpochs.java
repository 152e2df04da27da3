package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Checkpoint;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * Knows the leader epoch of what was polled of one partition (KIP-320). By the epoch of the last record that was counted, Kafka's client finds out
 * that the log was cut off before it and written on.
 *
 * <p>An epoch that is too new only finds less. One that is too old would call a sound log cut off, so an unknown one is said to be unknown.
 */
final class PolledEpochs {

    private OffsetAndMetadata polled = new OffsetAndMetadata(0);

    /** Where the next poll goes on. */
    void polledUpTo(OffsetAndMetadata next) {
        polled = next;
    }

    /** Of records that follow each other. */
    static int of(List<? extends ConsumerRecord<?, ?>> records) {
        return records.getLast().leaderEpoch().orElse(Checkpoint.NO_EPOCH);
    }

    /** Of all before this offset, also of what is no record. */
    int before(long offset) {
        return polled.offset() >= offset ? polled.leaderEpoch().orElse(Checkpoint.NO_EPOCH) : Checkpoint.NO_EPOCH;
    }

    static OffsetAndMetadata position(long offset, int epoch) {
        return new OffsetAndMetadata(offset, epoch == Checkpoint.NO_EPOCH ? Optional.empty() : Optional.of(epoch), "");
    }
}
