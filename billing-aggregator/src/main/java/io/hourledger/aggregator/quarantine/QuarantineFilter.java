package io.hourledger.aggregator.quarantine;

import io.hourledger.aggregator.hour.QuarantineReason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Says which records of the quarantine are meant. A part that is null does not limit them.
 *
 * @param instance the event's subject
 * @param since the first time
 * @param until the time behind the last
 * @param isOpenOnly whether those that a person has decided about are left out
 */
public record QuarantineFilter(
        @Nullable QuarantineReason reason,
        @Nullable String source,
        @Nullable String instance,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Integer partition,
        boolean isOpenOnly) {

    /** Whether a record is meant. */
    public boolean covers(QuarantineEntry entry) {
        EventNames names = entry.names();
        Instant time = entry.time();
        return (reason == null || reason.code().equals(entry.reason()))
                && (partition == null || partition == entry.place().partition())
                && (!isOpenOnly || entry.isOpen())
                && (source == null || source.equals(names.source()))
                && (instance == null || instance.equals(names.subject()))
                && (since == null || !time.isBefore(since))
                && (until == null || time.isBefore(until));
    }

    /** Whether it limits anything. */
    public boolean isNarrow() {
        return reason != null
                || source != null
                || instance != null
                || since != null
                || until != null
                || partition != null;
    }
}
