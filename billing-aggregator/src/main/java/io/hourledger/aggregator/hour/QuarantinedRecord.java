package io.hourledger.aggregator.hour;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event that was not counted, kept whole.
 *
 * @param recordedAt the record's timestamp
 * @param key the record's key as it came, null if it had none
 * @param value the record's value as it came, null if it had none
 * @param detail a sentence for a person
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record QuarantinedRecord(
        long offset,
        Instant recordedAt,
        QuarantineReason reason,
        String detail,
        byte @Nullable [] key,
        byte @Nullable [] value) {}
