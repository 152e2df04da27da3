package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.push.AdaptiveRateLimiter.Permit;
import io.hourledger.pusher.push.CallEffect.Stop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One push at a time, step by step: claim, store the attempt, send it, store the answer, tell the ledger. Every step leaves the tables so
 * that the same or another pusher can go on from there: what was sent and not answered goes again, identical; what was answered and not
 * settled is judged again from the stored answer.
 *
 * <p>Several threads may run it at once. They claim one after another; what they have claimed stays theirs until it is settled.
 */
final class Pusher {

    private static final Logger LOG = LoggerFactory.getLogger(Pusher.class);

    private final SellerLease lease;
    private final AttemptStore attempts;
    private final Marketplace marketplace;
    private final PushAnswerPolicy assess;
    private final OutcomeRecorder settlement;
    private final AdaptiveRateLimiter rate;
    private final Clock machineTime;
    private final PushSettings settings;
    private final PushMetrics metrics;
    private final RollbackDetector rollback;
    private final BooleanSupplier queueHasWhatCanBeInTime;
    private final BatchSize batchSize;
    private final PartSize partSize;
    private final CallFeedback feedback;
    private final AttemptClaims claims;
    private final AttemptRecovery recovery;

    private final ReentrantLock claiming = new ReentrantLock();
    private final Semaphore callsInFlight;
    private boolean pastUnknown;
    private OptionalLong suspension = OptionalLong.empty();
    private long preparedEpoch = -1;
    private long allComparedInEpoch = -1;

    /** How a step went. */
    sealed interface Progress {

        /** A call was made and settled. */
        record Pushed(int records) implements Progress {}

        /** No record is due. */
        record NothingDue() implements Progress {}

        /**
         * Ask again after this.
         *
         * @param why nothing is pushed now, for a person
         */
        record NotYet(Duration pause, String why) implements Progress {}
    }

    /** What a thread does next. */
    private sealed interface Next {}

    /** Nothing is sent now. */
    private record Idle(Progress progress) implements Next {}

    /** An attempt of its own, and the right to send it. */
    private record Claimed(Attempt attempt, Permit permit) implements Next {}

    /** One of the calls that may be under way at once; given back when the answer is there, or when it is closed. */
    private static final class CallSlot implements AutoCloseable {
        private final Semaphore slots;
        private boolean taken = true;

        /** Waits for it; before anything is claimed, since what is claimed must be sent inside the lease. */
        CallSlot(Semaphore slots) {
            this.slots = slots;
            slots.acquireUninterruptibly();
        }

        @Override
        public void close() {
            if (taken) {
                taken = false;
                slots.release();
            }
        }
    }

    /**
     * @param rollback knows what was sent, also when the database does not
     * @param queueHasWhatCanBeInTime whether the work table holds what was issued before our start and can still be in time: until then a call
     *     would carry what is late already
     */
    Pusher(
            SellerLease lease,
            PushQueue queue,
            AttemptStore attempts,
            Marketplace marketplace,
            PushAnswerPolicy assess,
            OutcomeRecorder settlement,
            AdaptiveRateLimiter rate,
            Clock machineTime,
            Clock businessTime,
            PushSettings settings,
            PushMetrics metrics,
            RollbackDetector rollback,
            BooleanSupplier queueHasWhatCanBeInTime) {
        this.lease = lease;
        this.attempts = attempts;
        this.marketplace = marketplace;
        this.assess = assess;
        this.settlement = settlement;
        this.rate = rate;
        this.machineTime = machineTime;
        this.settings = settings;
        this.metrics = metrics;
        this.rollback = rollback;
        this.queueHasWhatCanBeInTime = queueHasWhatCanBeInTime;
        this.callsInFlight = new Semaphore(settings.calls().inFlight());
        this.batchSize =
                new BatchSize(settings.calls().maxRecords(), settings.rate().raiseEvery(), System::nanoTime);
        this.partSize = new PartSize(settings.calls().maxRecords());
        this.feedback = new CallFeedback(businessTime, batchSize);
        this.claims = new AttemptClaims(queue, attempts, lease, rollback, batchSize, partSize, settings);
        this.recovery = new AttemptRecovery(
                attempts,
                marketplace.answers(),
                assess,
                feedback,
                settlement,
                rollback,
                metrics,
                machineTime,
                settings.backOff().longest());
    }

    /** Claims the records that are due, if a call may go now, and pushes them to their end. */
    Progress push() {
        try (CallSlot slot = new CallSlot(callsInFlight)) {
            return switch (next()) {
                case Claimed claimed -> push(claimed, slot);
                case Idle(Progress progress) -> progress;
            };
        }
    }

    private Next next() {
        claiming.lock();
        try {
            SellerLease.Held current = lease.current().orElse(null);
            if (current == null) {
                return notYet("the lease of the account is not ours");
            }
            if (!queueHasWhatCanBeInTime.getAsBoolean()) {
                return notYet("records of before the start that can be in time are not on the queue yet");
            }
            prepare(current);
            if (!isSureOfThePast()) { // also of an account that may not send: the others wait until its calls are
                // compared
                return notYet("it is not known whether the database has all that was sent, see the log");
            }
            if (isSuspended()) {
                return notYet("pushing is suspended");
            }
            Optional<String> notOurs = rollback.whyNotToSend();
            if (notOurs.isPresent()) {
                return notYet(notOurs.get());
            }
            Optional<String> alone = rollback.whySuspendedAlone();
            if (alone.isPresent()) {
                return notYet("this account is suspended by " + alone.get());
            }
            List<String> others = accountsNotCompared(current);
            if (!others.isEmpty()) {
                return notYet("what was sent for " + String.join(", ", others)
                        + " is not compared with the database yet, so it may have gone back");
            }
            return switch (rate.acquire()) {
                case AdaptiveRateLimiter.Wait(Duration pause, String why) -> new Idle(new Progress.NotYet(pause, why));
                case Permit permit -> claim(current, permit);
            };
        } finally {
            claiming.unlock();
        }
    }

    /** Asked until all are, and once for each epoch: a database goes back for all accounts at once, and ends all leases. */
    private List<String> accountsNotCompared(SellerLease.Held held) {
        if (allComparedInEpoch == held.epoch()) {
            return List.of();
        }
        List<String> accounts = rollback.accountsNotCompared();
        if (accounts.isEmpty()) {
            allComparedInEpoch = held.epoch();
        }
        return accounts;
    }

    private Idle notYet(String why) {
        return new Idle(new Progress.NotYet(settings.idlePoll(), why));
    }

    /** Unless something was claimed, the permit is given back, whatever happens. */
    private Next claim(SellerLease.Held current, Permit permit) {
        boolean goesOn = false;
        try {
            recovery.settleLeftovers(claims.busyAttempts());
            if (recovery.isStuck()) {
                return notYet(recovery.leftAside() + " attempts cannot be settled, see the log");
            }
            Optional<Attempt> attempt = claims.claim(current, permit, recovery.recordsLeftAside());
            if (attempt.isEmpty()) {
                return new Idle(new Progress.NothingDue());
            }
            goesOn = true;
            return new Claimed(attempt.get(), permit);
        } finally {
            if (!goesOn) {
                permit.close();
            }
        }
    }

    private Progress push(Claimed claimed, CallSlot slot) {
        Attempt attempt = claimed.attempt();
        boolean settled = false;
        try (Permit permit = claimed.permit()) {
            send(attempt, permit, slot);
            settled = true;
        } finally {
            if (!settled) {
                rollback.forget();
            }
            handBack(attempt, settled);
        }
        return new Progress.Pushed(attempt.records().size());
    }

    /** Not between another thread's look at the leftovers and its claim: an attempt that was not settled keeps its records until it is. */
    private void handBack(Attempt attempt, boolean settled) {
        claiming.lock();
        try {
            claims.release(attempt);
            if (!settled) {
                recovery.lookForLeftovers();
            }
        } finally {
            claiming.unlock();
        }
    }

    /** The account is new to us: nobody knows what its last owner has used up, or left behind. */
    private void prepare(SellerLease.Held held) {
        if (held.epoch() != preparedEpoch) {
            preparedEpoch = held.epoch();
            rate.startEmpty();
            recovery.lookForLeftovers();
            rollback.forget();
        }
    }

    /** A suspension that was just entered may mean that the database is another: what was sent is compared once more. */
    private boolean isSuspended() {
        OptionalLong before = suspension;
        suspension = rollback.openSuspension();
        if (suspension.isPresent() && !suspension.equals(before)) {
            rollback.forget();
        }
        return suspension.isPresent();
    }

    /** Unless it is known that the database has all that was sent, or what it lacks, nothing more is sent. */
    private boolean isSureOfThePast() {
        try {
            rollback.makeSure();
            rollback.writeDecisions();
            pastUnknown = false;
            return true;
        } catch (RuntimeException noAnswer) {
            if (!pastUnknown) {
                LOG.atError()
                        .setCause(noAnswer)
                        .log(
                                "it cannot be known now whether the database has all that was sent; nothing is pushed until it is");
            }
            pastUnknown = true;
            return false;
        }
    }

    /** What the answer says of way, key and rate is applied before anything is stored: it stays true whatever becomes of the database. */
    private void send(Attempt attempt, Permit permit, CallSlot slot) {
        OptionalLong place = writeDown(attempt);
        long began = System.nanoTime();
        HttpResult result = place.isPresent()
                ? marketplace.usage().push(attempt.body(), attempt.latestSendNanos())
                : new HttpResult.NotMade("it was not written down outside the database");
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        slot.close();
        PushAnswer answer = marketplace.answers().read(result, machineTime.instant());
        RecentCallHistory before = feedback.historyBefore(answer, attempt);
        feedback.apply(assess.effect(answer, attempt.records().size(), before), answer, attempt, permit, took);
        metrics.answer(answer.word(), attempt.records().size(), took);
        if (!attempts.storeAnswer(attempt.id(), result, place)) {
            rollback.forget();
            LOG.atWarn()
                    .addKeyValue("attempt", attempt.id())
                    .addKeyValue("answer", answer.word())
                    .log(
                            "an answer came for an attempt that another pusher has given up, or that the database lost; it decides nothing");
            return;
        }
        List<PushOutcome> outcomes =
                assess.outcomes(answer, attempt.records(), attempt.records().size(), before);
        partSize.learn(attempt.records(), outcomes);
        feedback.learn(attempt, outcomes);
        settlement.settle(attempt.id(), attempt.records(), outcomes);
        place.ifPresent(sent -> rollback.settled(
                attempt.id(),
                attempt.epoch(),
                sent,
                outcomes.stream().map(PushOutcome::word).toList()));
    }

    /** Where the attempt stands outside the database; empty if it must not be sent. */
    private OptionalLong writeDown(Attempt attempt) {
        try {
            return rollback.written(attempt);
        } catch (RuntimeException noAnswer) {
            LOG.atError()
                    .addKeyValue("attempt", attempt.id())
                    .setCause(noAnswer)
                    .log(
                            "a call could not be written down outside the database, so it is not made; its records go again");
            return OptionalLong.empty();
        }
    }

    /** Business time of the last accepted call of this process. */
    Optional<Instant> lastAcceptedAt() {
        return feedback.lastAcceptedAt();
    }

    /** Elapsed time of the last accepted call of this process, or of its start. */
    long lastAcceptedNanos() {
        return feedback.lastAcceptedNanos();
    }

    /** What the marketplace, or the way to it, said last. */
    Optional<String> lastAnswer() {
        return feedback.lastAnswer();
    }

    /** Why nothing is pushed at the moment, if the marketplace accepts nothing from us. */
    Optional<Stop> stop() {
        return feedback.stop();
    }

    int mostRecordsInACall() {
        return batchSize.current();
    }
}
