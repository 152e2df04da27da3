package io.hourledger.aggregator.resume;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Records of a partition that a person skipped, since they were lost or could not be stored. The hours that they may belong to cannot be proven.
 *
 * @param from the first offset that was skipped
 * @param to the offset behind the last
 * @param firstHour the first hour that may miss usage; null if it may be any before the last
 * @param lastHour the last hour that may miss usage, as far as the records behind the gap tell
 */
public record LogGap(
        int partition,
        long from,
        long to,
        @Nullable UsageHour firstHour,
        UsageHour lastHour,
        Instant decidedAt,
        DecidedBy decidedBy) {

    /** Whether an hour may miss usage. */
    public boolean touches(UsageHour hour) {
        return hour.compareTo(lastHour) <= 0 && (firstHour == null || hour.compareTo(firstHour) >= 0);
    }

    /** The offsets, for a person. */
    public String offsets() {
        return "offsets " + from + " to " + (to - 1);
    }

    /** The hours, for a person. */
    public String hours() {
        return firstHour == null ? "all hours up to " + lastHour : "hours " + firstHour + " to " + lastHour;
    }
}
