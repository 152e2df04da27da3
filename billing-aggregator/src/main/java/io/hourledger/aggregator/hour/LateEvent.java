package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.hour.EventRules.Refusal;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Holds an event whose hour is over, until the store says whether its id was counted in that hour before. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record LateEvent(
        WantedId id,
        int content,
        Standing standing,
        long offset,
        long timestampMillis,
        byte @Nullable [] key,
        byte[] value) {

    /** Keeps copies of the bytes. */
    static LateEvent of(
            WantedId id,
            int content,
            Standing standing,
            long offset,
            long timestampMillis,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value) {
        return new LateEvent(
                id,
                content,
                standing,
                offset,
                timestampMillis,
                RecordBytes.copyOf(key),
                Objects.requireNonNull(RecordBytes.copyOf(value), "an event has a value"));
    }

    /** What becomes of it, unless it is a repeat or a conflict of an event of its own hour. */
    sealed interface Standing {

        /** It counts in this revision of its hour. */
        record Accepted(int revision) implements Standing {}

        /** It does not count, for this reason. */
        record Refused(Refusal refusal) implements Standing {}

        /** No meter reads it by its filter, so it does not matter when it came. */
        record FilteredOut() implements Standing {}

        /** It repeats an event that was counted. */
        record Repeated() implements Standing {}

        /** Of an event whose id is known with this content. */
        static Standing beside(long known, int content) {
            return (int) known == content ? new Repeated() : new Refused(EventRules.CONFLICT);
        }
    }

    QuarantinedRecord quarantined(Refusal refusal) {
        return refusal.of(offset, timestampMillis, key, value);
    }

    long bytes() {
        return (long) RecordBytes.sizeOf(key) + RecordBytes.sizeOf(value);
    }
}
