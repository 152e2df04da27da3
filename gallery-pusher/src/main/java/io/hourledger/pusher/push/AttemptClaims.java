package io.hourledger.pusher.push;

import io.hourledger.pusher.push.AdaptiveRateLimiter.Permit;
import io.hourledger.pusher.push.PushQueue.Busy;
import io.hourledger.pusher.push.PushQueue.Lane;
import io.hourledger.pusher.push.PushQueue.Most;
import io.hourledger.pusher.push.PushQueue.Turn;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Chooses the records of the next call and stores its attempt. What is claimed stays this process's until it is released. Used under the
 * lock that guards claiming.
 */
final class AttemptClaims {

    /** Probes rotate over at most so many records: each that was refused alone travels alone from then on. */
    private static final int MOST_ASKED_WITH = 16;

    /** While both wait, every so-many-th call carries a part of a refused call, and the others what was never tried. */
    private static final int PARTS_EVERY = 4;

    private final PushQueue queue;
    private final AttemptStore attempts;
    private final SellerLease lease;
    private final RollbackDetector rollback;
    private final BatchSize batchSize;
    private final PartSize partSize;
    private final PushSettings settings;

    private final Set<String> busyRecords = new HashSet<>();
    private final Set<Long> busySets = new HashSet<>();
    private final Set<Long> busyAttempts = new HashSet<>();
    private final Set<String> askedWith = new HashSet<>();
    private int calls;

    AttemptClaims(
            PushQueue queue,
            AttemptStore attempts,
            SellerLease lease,
            RollbackDetector rollback,
            BatchSize batchSize,
            PartSize partSize,
            PushSettings settings) {
        this.queue = queue;
        this.attempts = attempts;
        this.lease = lease;
        this.rollback = rollback;
        this.batchSize = batchSize;
        this.partSize = partSize;
        this.settings = settings;
    }

    /**
     * Claims the records that are due and stores their attempt. Empty if none is due, or the attempt must not be made.
     *
     * @param current the lease
     * @param permit what the call may be: a probe carries one record
     * @param leftAside records that no call may carry now
     */
    Optional<Attempt> claim(SellerLease.Held current, Permit permit, Collection<String> leftAside) {
        Lane first =
                calls % settings.calls().lateEvery() == settings.calls().lateEvery() - 1 ? Lane.LATE : Lane.IN_TIME;
        Turn turn = calls % PARTS_EVERY == PARTS_EVERY - 1 ? Turn.PARTS : Turn.UNTRIED;
        Busy taken = new Busy(busyRecords, busySets).and(leftAside);
        List<PendingRecord> due = permit.isProbe() ? probe(first, turn, taken) : queue.due(first, turn, most(), taken);
        if (due.isEmpty()) {
            return Optional.empty();
        }
        Optional<Attempt> stored;
        try {
            stored = attempts.store(
                    lease, current, rollback, due, settings.lease().sendMargin());
        } catch (RuntimeException unsure) {
            rollback.forget();
            throw unsure;
        }
        stored.ifPresent(attempt -> {
            calls++;
            busyAttempts.add(attempt.id());
            due.forEach(record -> busyRecords.add(record.meteringSn()));
            setsOf(due).forEach(busySets::add);
        });
        return stored;
    }

    private static Stream<Long> setsOf(List<PendingRecord> records) {
        return records.stream().map(PendingRecord::suspectSet).flatMap(Stream::ofNullable);
    }

    private Most most() {
        int records = batchSize.most();
        return new Most(records, Math.min(records, partSize.most()));
    }

    /** One record to ask with, and another one each time: no record that is at fault itself stands for all others. */
    private List<PendingRecord> probe(Lane first, Turn turn, Busy taken) {
        if (askedWith.size() >= MOST_ASKED_WITH) {
            askedWith.clear();
        }
        List<PendingRecord> due = queue.due(first, turn, Most.ONE, taken.and(askedWith));
        if (due.isEmpty() && !askedWith.isEmpty()) {
            askedWith.clear();
            due = queue.due(first, turn, Most.ONE, taken);
        }
        due.forEach(record -> askedWith.add(record.meteringSn()));
        return due;
    }

    /** The attempt and its records are no longer under way here. */
    void release(Attempt attempt) {
        attempt.records().forEach(record -> busyRecords.remove(record.meteringSn()));
        setsOf(attempt.records()).forEach(busySets::remove);
        busyAttempts.remove(attempt.id());
    }

    /** Ids of the attempts under way in this process. */
    Set<Long> busyAttempts() {
        return Collections.unmodifiableSet(busyAttempts);
    }
}
