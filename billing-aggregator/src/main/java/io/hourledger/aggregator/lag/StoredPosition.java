package io.hourledger.aggregator.lag;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the database has of one partition.
 *
 * @param nextOffset records before it are counted, and that is stored
 * @param closedThrough the last hour that is closed; null if none is
 * @param nextCutoff the first cutoff whose hour is not closed; null if there is none
 * @param firstBucket the first hour with usage that is still kept; null if there is none
 * @param halt why the partition is halted; null if it is not
 */
public record StoredPosition(
        int partition,
        long nextOffset,
        @Nullable UsageHour closedThrough,
        @Nullable NextCutoff nextCutoff,
        @Nullable UsageHour firstBucket,
        @Nullable StoredHalt halt) {

    /** Where an hour ends in the log, and with it all earlier ones that have no cutoff of their own. */
    public record NextCutoff(UsageHour hour, long offset) {}

    /** Since when a partition is halted, and why. */
    public record StoredHalt(Instant since, String reason, String detail) {

        String words() {
            return "halted since " + since.truncatedTo(ChronoUnit.SECONDS) + ", " + reason + ": " + detail;
        }
    }
}
