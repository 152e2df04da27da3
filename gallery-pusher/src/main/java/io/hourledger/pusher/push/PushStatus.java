package io.hourledger.pusher.push;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
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

    /** That of all accounts: sums, and the worst of what is no sum. What only some say is told with their names. */
    static PushStatus together(Map<String, PushStatus> byAccount) {
        if (byAccount.size() == 1) {
            return byAccount.values().iterator().next();
        }
        Collection<PushStatus> all = byAccount.values();
        return new PushStatus(
                new Lease(
                        all.stream().allMatch(status -> status.lease.held),
                        Objects.requireNonNull(joined(byAccount, status -> status.lease.text)),
                        all.iterator().next().lease.owner),
                new Queue(
                        all.stream()
                                .map(status -> status.queue.oldestUnreportedBegin)
                                .filter(Objects::nonNull)
                                .min(Comparator.naturalOrder())
                                .orElse(null),
                        all.stream().mapToLong(status -> status.queue.inTime).sum(),
                        all.stream().mapToLong(status -> status.queue.late).sum(),
                        all.stream()
                                .mapToLong(status -> status.queue.needReview)
                                .sum()),
                new Limits(
                        all.stream()
                                .mapToDouble(status -> status.limits.callsPerSecond)
                                .sum(),
                        all.stream()
                                .mapToInt(status -> status.limits.mostRecordsInACall)
                                .min()
                                .orElse(0)),
                all.stream()
                        .map(PushStatus::lastAcceptedAt)
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                all.stream().anyMatch(PushStatus::inShadow),
                new Halt(
                        joined(byAccount, status -> status.halt.stoppedBecause),
                        joined(byAccount, status -> status.halt.suspendedBecause),
                        joined(byAccount, status -> status.halt.supersededBecause),
                        all.stream()
                                .map(status -> status.halt.stalled)
                                .filter(Objects::nonNull)
                                .max(Comparator.comparing(Stalled::since))
                                .orElse(null)));
    }

    private static @Nullable String joined(
            Map<String, PushStatus> byAccount, Function<PushStatus, @Nullable String> text) {
        List<String> said = new ArrayList<>();
        byAccount.forEach((account, status) -> {
            String of = text.apply(status);
            if (of != null) {
                said.add(account + ": " + of);
            }
        });
        return said.isEmpty() ? null : String.join("; ", said);
    }

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
