package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.EventRules.Refusal;
import io.hourledger.aggregator.hour.LateEvent.Standing;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/**
 * Says which hours are over for the offset at hand, and which of them still accept late usage. It holds the cutoffs of one partition, and how
 * far the position has passed them. Belongs to one thread.
 */
final class PartitionCutoffs {

    private final CutoffTable recorded = new CutoffTable();
    private final int hoursInMemory;
    private final int acceptedLateHours;

    /** The last hour whose cutoff the position has passed; its events and older ones are late. Moves on at {@link #nextCutoff}. */
    private long lateThrough = CutoffTable.NO_HOUR;

    /** Ids and cutoffs of hours up to this one may be gone. */
    private long closedForGood = CutoffTable.NO_HOUR;

    private long acceptsFrom = CutoffTable.NO_HOUR;
    private long nextCutoff = Long.MAX_VALUE;

    /**
     * @param acceptedLateHours for how many hours an hour accepts late usage, of those that end from now on
     */
    PartitionCutoffs(int hoursInMemory, int acceptedLateHours) {
        this.hoursInMemory = hoursInMemory;
        this.acceptedLateHours = acceptedLateHours;
    }

    /** Nothing of hours up to this one is counted any more, wherever it lies in the log. */
    void closeForGood(UsageHour hour) {
        closedForGood = hour.number();
    }

    /** Adds a cutoff that rises above all before it. */
    void add(Cutoff cutoff, long position) {
        recorded.add(
                cutoff.hour().number(), cutoff.offset(), cutoff.acceptsFrom().number());
        pass(position);
    }

    /** The cutoff that ends this hour, and the acceptance of those that are over for so long. */
    Cutoff ending(UsageHour hour, long offset, Instant now) {
        long accepts = Math.max(recorded.lastAcceptsFrom(), hour.number() + 1 - acceptedLateHours);
        return new Cutoff(hour, offset, now, UsageHour.ofNumber(accepts));
    }

    /** Moves on to a record at this offset, if a cutoff lies before it. A record at the cutoff itself is late. */
    void passThrough(long offset) {
        if (offset >= nextCutoff) {
            pass(offset);
        }
    }

    private void pass(long offset) {
        lateThrough = recorded.lastHourPassedAt(offset);
        acceptsFrom = recorded.acceptsFromAt(offset);
        nextCutoff = recorded.nextOffsetAfter(offset);
    }

    /**
     * Whether a cutoff of before the database went back is news, and not recorded already.
     *
     * @throws PartitionHaltedException if its hour has ended elsewhere, or if events were counted that lie behind its end
     */
    boolean isNewOfBefore(Cutoff cutoff, long position) {
        long hour = cutoff.hour().number();
        if (hour <= closedForGood) {
            return false; // it may have been dropped
        }
        if (hour <= recorded.lastHour()) {
            if (!recorded.has(hour, cutoff.offset(), cutoff.acceptsFrom().number())) {
                throw otherThanBefore(
                        cutoff, "hours have ended elsewhere since, up to " + UsageHour.ofNumber(recorded.lastHour()));
            }
            return false;
        }
        if (cutoff.offset() < position) {
            throw otherThanBefore(cutoff, "it was counted past that since, up to " + position);
        }
        return true;
    }

    private static PartitionHaltedException otherThanBefore(Cutoff cutoff, String since) {
        return new PartitionHaltedException(
                HaltReason.CLOSED_ELSEWHERE,
                "hour " + cutoff.hour() + " was closed at offset " + cutoff.offset()
                        + " before the database went back, and " + since
                        + ": restore the backup again, and start no aggregator without hourledger.journal"
                        + " (docs/restore.md)");
    }

    /** Whether events of this hour are late at the offset at hand. */
    boolean isLate(long hour) {
        return hour <= lateThrough || hour <= closedForGood;
    }

    /**
     * The hour that lies near the events at the offset at hand, by the log alone: the last whose cutoff has been passed. Before the first cutoff
     * it is that one's hour, which is recorded before any record is applied. {@link CutoffTable#NO_HOUR} if there is none.
     */
    long hourNearby() {
        return lateThrough == CutoffTable.NO_HOUR ? recorded.firstHour() : lateThrough;
    }

    /** What becomes of a late event of this hour at the offset at hand. */
    Standing standing(long hour) {
        if (hour <= closedForGood) {
            return new Standing.Refused(new Refusal(
                    QuarantineReason.LATE,
                    "its hour is " + UsageHour.ofNumber(hour) + " and is closed for good: its ids were dropped"));
        }
        return hour >= acceptsFrom
                ? new Standing.Accepted(revisionOf(hour))
                : new Standing.Refused(new Refusal(
                        QuarantineReason.LATE,
                        "its hour is " + UsageHour.ofNumber(hour) + " and accepts no more late usage"));
    }

    /** The revision of this hour that is running at the offset at hand: 0 until its cutoff, then one more with every hour that ends. */
    int revisionOf(long hour) {
        return hour <= lateThrough ? Math.toIntExact(lateThrough + 1 - hour) : 0;
    }

    /** The last hour whose cutoff has been passed, or {@link CutoffTable#NO_HOUR}. */
    long lateThrough() {
        return lateThrough;
    }

    /** The first hour that accepts usage at the offset at hand. */
    long acceptsFrom() {
        return acceptsFrom;
    }

    /** The last hour whose ids may leave memory, or {@link CutoffTable#NO_HOUR}. */
    long memoryBeginsAfter() {
        return lateThrough == CutoffTable.NO_HOUR ? CutoffTable.NO_HOUR : lateThrough - hoursInMemory;
    }

    /** The last cutoff's offset, or zero. */
    long lastOffset() {
        return recorded.lastOffset();
    }

    /** The last hour that has a cutoff, or {@link CutoffTable#NO_HOUR}. */
    long lastHour() {
        return recorded.lastHour();
    }

    /** Whether a cutoff lies between these offsets, so that the second has passed it and the first has not. */
    boolean liesBetween(long from, long to) {
        return recorded.lastHourPassedAt(to) != recorded.lastHourPassedAt(from);
    }
}
