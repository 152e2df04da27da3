package io.hourledger.pusher.push;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How pushing goes, for health and for people.
 *
 * @param lease who may push for the account
 * @param queue what is to be pushed
 * @param limits how fast and how much at once
 * @param lastAcceptedAt business time of the last accepted call of this process
 * @param inShadow whether nothing is reported, since another system does, until a person says from when
 * @param halt why nothing is pushed
 */
public record PushStatus(
        Lease lease, Queue queue, Limits limits, @Nullable Instant lastAcceptedAt, boolean inShadow, Halt halt) {

    /**
     * Who may push for the account.
     *
     * @param held whether this process may
     * @param text the same in words, for people
     * @param owner the name of this process to other pushers
     */
    public record Lease(boolean held, String text, String owner) {}

    /**
     * What is to be pushed.
     *
     * @param oldestUnreportedBegin begin of the oldest record without an outcome
     * @param inTime records that can still be in time
     * @param late records that are late already
     * @param needReview records that only a person can settle
     */
    public record Queue(@Nullable Instant oldestUnreportedBegin, long inTime, long late, long needReview) {}

    /** How many calls are made in a second, and how many records one carries at most. */
    public record Limits(double callsPerSecond, int mostRecordsInACall) {}

    /**
     * Why nothing is pushed; each part is null if it is no reason.
     *
     * @param stoppedBecause what the marketplace said that accepts nothing from us
     * @param suspendedBecause why pushing is suspended
     * @param supersededBecause why this database may not push: another one is in force, or nobody knows yet
     * @param stalled why pushing counts as standing still
     */
    public record Halt(
            @Nullable String stoppedBecause,
            @Nullable String suspendedBecause,
            @Nullable String supersededBecause,
            @Nullable Stalled stalled) {

        /** Whether nothing keeps records from being pushed. */
        public boolean isNone() {
            return stoppedBecause == null && suspendedBecause == null && supersededBecause == null && stalled == null;
        }
    }

    /**
     * Why pushing counts as standing still.
     *
     * @param since how long nothing was accepted although records are due, or how long nobody could see whether any are
     * @param waitsFor what the threads that push waited for when they were last heard of
     * @param lastAnswer what the marketplace, or the way to it, said last
     * @param whatToDo for a person
     */
    public record Stalled(Duration since, String waitsFor, @Nullable String lastAnswer, String whatToDo) {}
}
