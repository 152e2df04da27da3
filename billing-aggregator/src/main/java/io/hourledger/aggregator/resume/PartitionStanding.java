package io.hourledger.aggregator.resume;

import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import java.util.Optional;
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
     * @param reason its code
     * @param detail a sentence for a person
     */
    public record StoredHalt(String reason, String detail, Instant since) {

        /** The reason; empty if only a newer version has it. */
        public Optional<HaltReason> known() {
            return HaltReason.ofCode(reason);
        }

        /** What a person does about it, as a sentence without its end. */
        public String mending() {
            return known().map(HaltReason::mending)
                    .orElse("a newer version has halted it, and this one does not know the reason: use that version's"
                            + " commands");
        }

        /** Whether what keeps the partition from going on are records, so that it could go on behind them. */
        public boolean liesInRecords() {
            return known().filter(HaltReason::liesInRecords).isPresent();
        }
    }
}
