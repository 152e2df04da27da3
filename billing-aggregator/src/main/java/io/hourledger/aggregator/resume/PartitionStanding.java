package io.hourledger.aggregator.resume;

import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a partition was counted, and why it does not go on.
 *
 * @param checkpoint the number of the last one
 * @param nextOffset records before it are accounted for
 * @param acceptsFrom the first hour that accepts usage at the position; null if it has passed no cutoff
 * @param halted null if it is not halted
 */
public record PartitionStanding(
        int partition, long checkpoint, long nextOffset, @Nullable UsageHour acceptsFrom, @Nullable StoredHalt halted) {

    /**
     * A halt, as the process that halted has stored it.
     *
     * @param detail a sentence for a person
     */
    public record StoredHalt(HaltReason reason, String detail, Instant since) {}
}
