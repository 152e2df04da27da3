package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.LateEvent.Standing;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.ReadUsage;
import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a record may count, by the record, the counting rules and the hours that have ended. What other records have to say about
 * it, {@link PartitionState} decides.
 */
final class EventRules {

    /** Those of an event's time: whatever lies outside is no moment that anybody meant, and most of it none that PostgreSQL can keep. */
    private static final long EARLIEST_MILLIS = 0;

    private static final long LATEST_MILLIS =
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    /**
     * So many hours an event may lie from those that end where it lies in the log. Whoever produces to the log stamps records as it likes, so
     * this alone bounds how many hours are open. It is 60 days, longer than the outages after which an hour can still be billed.
     */
    private static final int MOST_HOURS_AWAY = 60 * 24;

    static final Refusal CONFLICT = new Refusal(
            QuarantineReason.CONFLICT,
            "an event with the same subject, source and id but with other content was counted");

    static final Refusal TOO_MANY_VALUES = new Refusal(
            QuarantineReason.TOO_MANY_VALUES,
            "its value would be one more than the mostValues of a meter that reads it, for one instance, hour and revision");

    private final int partition;
    private final int partitions;
    private final EventReader reader;
    private final PartitionCutoffs cutoffs;
    private final long acceptedAgeMillis;
    private final long acceptedAheadMillis;

    EventRules(int partition, CountingRules rules, EventReader reader, PartitionCutoffs cutoffs) {
        this.partition = partition;
        this.partitions = rules.partitions();
        this.reader = reader;
        this.cutoffs = cutoffs;
        this.acceptedAgeMillis = rules.acceptedAge().toMillis();
        this.acceptedAheadMillis = rules.acceptedAhead().toMillis();
    }

    /** Why a record does not count. */
    record Refusal(QuarantineReason reason, String detail) {

        /** The record as it is quarantined, its time as near to what it says as can be kept. */
        QuarantinedRecord of(long offset, long timestampMillis, byte @Nullable [] key, byte @Nullable [] value) {
            Instant recordedAt =
                    Instant.ofEpochMilli(Math.min(LATEST_MILLIS, Math.max(EARLIEST_MILLIS, timestampMillis)));
            return new QuarantinedRecord(offset, recordedAt, reason, detail, key, value);
        }
    }

    /** Reads the event, which the reader's view shows from then on: also one that is filtered out, since it may repeat another. */
    @Nullable Refusal read(long timestampMillis, @Nullable ByteBuffer value) {
        if (timestampMillis < EARLIEST_MILLIS || timestampMillis > LATEST_MILLIS) {
            return new Refusal(
                    QuarantineReason.MALFORMED,
                    "the record's timestamp " + timestampMillis + " is no time in milliseconds of 1970 to 9999");
        }
        if (value == null) {
            return new Refusal(QuarantineReason.MALFORMED, "the record has no value");
        }
        return switch (readEvent(value)) {
            case null -> null;
            case FilteredOut _, Amends _ -> null;
            case Malformed malformed ->
                new Refusal(QuarantineReason.MALFORMED, malformed.code() + ": " + malformed.detail());
            case Countable _ -> throw new IllegalStateException("the reader shows what can be counted");
        };
    }

    /** Whether this is an event, which the reader's view shows from then on, be it filtered out or not. */
    boolean isEvent(ByteBuffer value) {
        ReadUsage unread = readEvent(value);
        return unread == null || unread instanceof FilteredOut || unread instanceof Amends;
    }

    private @Nullable ReadUsage readEvent(ByteBuffer value) {
        return reader.read(RecordBytes.arrayOf(value), RecordBytes.offsetOf(value), value.remaining());
    }

    /**
     * Refuses an event that was written to another partition or under another key than its subject's, or whose time lies too far from its
     * record's or from the hours that end here.
     *
     * @param isSubjectKnown whether events of its subject were counted here already, so that its partition is not worked out again
     * @param aheadMillis by how much its time lies ahead of its record's
     */
    @Nullable Refusal refuse(EventView event, @Nullable ByteBuffer key, boolean isSubjectKnown, long aheadMillis) {
        if (!isSubjectKnown) {
            int its = Partitioner.partitionOf(event.bytes(), event.subjectOffset(), event.subjectLength(), partitions);
            if (its != partition) {
                return new Refusal(QuarantineReason.WRONG_PARTITION, "its subject belongs to partition " + its);
            }
        }
        if (!isSubject(key, event)) {
            return new Refusal(QuarantineReason.KEY_MISMATCH, "the record's key is not the event's subject");
        }
        if (aheadMillis > acceptedAheadMillis) {
            return new Refusal(
                    QuarantineReason.TOO_FAR_AHEAD, "its time is " + aheadMillis + " ms ahead of the record's");
        }
        return refuseFarHour(event);
    }

    private @Nullable Refusal refuseFarHour(EventView event) {
        long hour = event.hour();
        long nearby = cutoffs.hourNearby();
        if (nearby == CutoffTable.NO_HOUR) {
            return null;
        }
        if (hour - nearby > MOST_HOURS_AWAY) {
            return new Refusal(
                    QuarantineReason.TOO_FAR_AHEAD,
                    "its hour is " + (hour - nearby) + " hours after " + UsageHour.ofNumber(nearby)
                            + ", which ended last where it lies in the log");
        }
        // behind the first cutoff an old event is late, and may be a repeat; one that is filtered out opens no hour
        if (nearby - hour > MOST_HOURS_AWAY && !cutoffs.isLate(hour) && !event.isFilteredOut()) {
            return new Refusal(
                    QuarantineReason.TOO_OLD,
                    "its hour is " + (nearby - hour) + " hours before " + UsageHour.ofNumber(nearby)
                            + ", the first that has ended");
        }
        return null;
    }

    private static boolean isSubject(@Nullable ByteBuffer key, EventView event) {
        if (key == null) {
            return false;
        }
        int offset = RecordBytes.offsetOf(key);
        return Arrays.equals(
                RecordBytes.arrayOf(key),
                offset,
                offset + key.remaining(),
                event.bytes(),
                event.subjectOffset(),
                event.subjectOffset() + event.subjectLength());
    }

    boolean isTooOld(long aheadMillis) {
        return -aheadMillis > acceptedAgeMillis;
    }

    Standing tooOld(long hour) {
        return new Standing.Refused(new Refusal(QuarantineReason.TOO_OLD, "its hour is " + UsageHour.ofNumber(hour)));
    }
}
