package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.hour.EventRules.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Holds an event whose hour is over, until its id says whether it is a repeat.
 *
 * @param tooOld whether it is also older than is accepted
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record LateEvent(
        WantedId id,
        int content,
        boolean tooOld,
        long offset,
        long timestampMillis,
        byte @Nullable [] key,
        byte @Nullable [] value) {

    /** Why it does not count, unless it is a repeat or a conflict. */
    Refusal refusal() {
        return new Refusal(tooOld ? QuarantineReason.TOO_OLD : QuarantineReason.LATE, "its hour is " + id.hour());
    }

    QuarantinedRecord quarantined(Refusal refusal) {
        return refusal.of(offset, timestampMillis, key, value);
    }
}
