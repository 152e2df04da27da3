package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.push.AdaptiveRateLimiter.Permit;
import io.hourledger.pusher.push.CallEffect.Stop;
import io.hourledger.pusher.push.CrashPoint.Step;
import io.hourledger.pusher.push.PushQueue.Lane;
import io.hourledger.pusher.push.PushQueue.Unsettled;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
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

    /** If more attempts than this cannot be settled, it is not them, and no further ones are made. */
    private static final int MOST_LEFT_ASIDE = 10;

    /** Probes rotate over at most so many records: each that was refused alone travels alone from then on. */
    private static final int MOST_ASKED_WITH = 16;

    private final SellerLease lease;
    private final PushQueue queue;
    private final Marketplace marketplace;
    private final PushAnswerPolicy assess;
    private final OutcomeRecorder settlement;
    private final AdaptiveRateLimiter rate;
    private final Clock machineTime;
    private final Clock businessTime;
    private final PushSettings settings;
    private final PushMetrics metrics;
    private final CrashPoint faults;
    private final RollbackDetector rollback;

    private final BooleanSupplier workIsComplete;

    private final ReentrantLock claiming = new ReentrantLock();
    private final Semaphore callsInFlight;
    private final Set<String> busyRecords = ConcurrentHashMap.newKeySet();
    private final Set<Long> busyAttempts = ConcurrentHashMap.newKeySet();
    private final Set<String> askedWith = new HashSet<>();
    private final LoneFailures loneFailures = new LoneFailures();
    private final BatchSize batchSize;
    private volatile RecentCallHistory history = RecentCallHistory.GOOD;
    private boolean leftovers;
    private boolean pastUnknown;
    private OptionalLong held = OptionalLong.empty();
    private Map<Long, List<String>> leftAside = Map.of();
    private long lookAgainAt;
    private volatile @Nullable Instant lastAcceptedAt;
    private volatile long lastAcceptedNanos = System.nanoTime();
    private volatile @Nullable String lastAnswer;
    private volatile @Nullable Stop stop;
    private long preparedEpoch = -1;
    private int calls;

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
     * @param workIsComplete whether the work table holds all the ledger's events of before our start: until then an outcome that the
     *     ledger knows might not be read yet
     */
    Pusher(
            SellerLease lease,
            PushQueue queue,
            Marketplace marketplace,
            PushAnswerPolicy assess,
            OutcomeRecorder settlement,
            AdaptiveRateLimiter rate,
            Clock machineTime,
            Clock businessTime,
            PushSettings settings,
            PushMetrics metrics,
            CrashPoint faults,
            RollbackDetector rollback,
            BooleanSupplier workIsComplete) {
        this.lease = lease;
        this.queue = queue;
        this.marketplace = marketplace;
        this.assess = assess;
        this.settlement = settlement;
        this.rate = rate;
        this.machineTime = machineTime;
        this.businessTime = businessTime;
        this.settings = settings;
        this.metrics = metrics;
        this.faults = faults;
        this.rollback = rollback;
        this.workIsComplete = workIsComplete;
        this.callsInFlight = new Semaphore(settings.callsInFlight());
        this.batchSize = new BatchSize(settings.maxRecords(), settings.rate().raiseEvery(), System::nanoTime);
    }

    /** Claims the records that are due, if a call may go now, and pushes them to their end. */
    Progress push() {
        try (CallSlot slot = new CallSlot(callsInFlight)) {
            Next next = next();
            return next instanceof Claimed claimed ? push(claimed, slot) : ((Idle) next).progress();
        }
    }

    private Next next() {
        claiming.lock();
        try {
            SellerLease.Held current = lease.current().orElse(null);
            if (current == null) {
                return notYet("the lease of the account is not ours");
            }
            if (!workIsComplete.getAsBoolean()) {
                return notYet("the ledger's events of before the start are not on the queue yet");
            }
            prepare(current);
            if (!isSureOfThePast()) {
                return notYet("it is not known whether the database has all that was sent, see the log");
            }
            if (isHeld()) {
                return notYet("pushing is held");
            }
            AdaptiveRateLimiter.Acquired acquired = rate.acquire();
            if (acquired instanceof AdaptiveRateLimiter.Wait wait) {
                return new Idle(new Progress.NotYet(wait.pause(), wait.why()));
            }
            return claim(current, (Permit) acquired);
        } finally {
            claiming.unlock();
        }
    }

    private Idle notYet(String why) {
        return new Idle(new Progress.NotYet(settings.idlePoll(), why));
    }

    /** Unless something was claimed, the permit is given back, whatever happens. */
    private Next claim(SellerLease.Held current, Permit permit) {
        boolean goesOn = false;
        try {
            settleLeftovers();
            if (leftAside.size() > MOST_LEFT_ASIDE) {
                return notYet(leftAside.size() + " attempts cannot be settled, see the log");
            }
            Optional<Attempt> attempt = storeAttempt(current, permit);
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
            attempt.records().forEach(record -> busyRecords.remove(record.meteringSn()));
            busyAttempts.remove(attempt.id());
            leftovers |= !settled;
        } finally {
            claiming.unlock();
        }
    }

    /** The account is new to us: nobody knows what its last owner has used up, or left behind. */
    private void prepare(SellerLease.Held held) {
        if (held.epoch() != preparedEpoch) {
            preparedEpoch = held.epoch();
            rate.startEmpty();
            leftovers = true;
            rollback.forget();
        }
    }

    /** A hold that was just put in may mean that the database is another: what was sent is compared once more. */
    private boolean isHeld() {
        OptionalLong before = held;
        held = rollback.openHold();
        if (held.isPresent() && !held.equals(before)) {
            rollback.forget();
        }
        return held.isPresent();
    }

    /** Unless it is known that the database has all that was sent, or what it lacks, nothing more is sent. */
    private boolean isSureOfThePast() {
        try {
            rollback.makeSure();
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

    /**
     * Attempts that nobody is at work on: those with an answer are judged from it, those without one are given up and go again. One that
     * cannot be settled is left aside with its records, and tried again now and then; the other records go on.
     */
    private void settleLeftovers() {
        boolean lookAgain = !leftAside.isEmpty() && System.nanoTime() - lookAgainAt >= 0;
        if (!leftovers && !lookAgain) {
            return;
        }
        Map<Long, List<String>> notSettled = new HashMap<>();
        for (Unsettled unsettled : queue.unsettled(busyAttempts)) {
            try {
                if (!settleLeftover(unsettled)) {
                    notSettled.put(unsettled.id(), unsettled.meteringSns());
                }
            } catch (RuntimeException broken) {
                notSettled.put(unsettled.id(), unsettled.meteringSns());
                if (!leftAside.containsKey(unsettled.id())) {
                    metrics.notSettled();
                    LOG.atError()
                            .addKeyValue("attempt", unsettled.id())
                            .addKeyValue("records", unsettled.records().size())
                            .setCause(broken)
                            .log("an attempt cannot be settled; its records wait, the others go on");
                }
            }
        }
        leftAside = Map.copyOf(notSettled);
        leftovers = false;
        lookAgainAt = System.nanoTime() + settings.longestBackOff().toNanos();
    }
    /** False if its pusher lives after all, and stored an answer just now. */
    private boolean settleLeftover(Unsettled unsettled) {
        HttpResult result = unsettled.result().orElse(null);
        if (result == null) {
            if (!queue.abandon(unsettled.id())) {
                return false;
            }
            result = new HttpResult.Silence("its pusher stopped before an answer was stored");
            LOG.atWarn()
                    .addKeyValue("attempt", unsettled.id())
                    .addKeyValue("records", unsettled.records().size())
                    .log("an attempt was left without an answer; its records go again as they are");
        }
        List<PushOutcome> outcomes = assess.outcomes(
                marketplace.answers().read(result, machineTime.instant()),
                unsettled.records(),
                unsettled.meteringSns().size(),
                history);
        settlement.settleAtOnce(unsettled.id(), unsettled.records(), outcomes);
        if (unsettled.sentPlace() != null) {
            rollback.settled(unsettled.id(), unsettled.epoch(), unsettled.sentPlace(), words(unsettled, outcomes));
        }
        return true;
    }

    /** In the order of the call; of records whose outcome the ledger has from elsewhere nothing is said. */
    private static List<String> words(Unsettled unsettled, List<PushOutcome> outcomes) {
        Map<String, String> bySn = new HashMap<>();
        for (int i = 0; i < unsettled.records().size(); i++) {
            bySn.put(unsettled.records().get(i).meteringSn(), outcomes.get(i).word());
        }
        return unsettled.meteringSns().stream()
                .map(sn -> bySn.getOrDefault(sn, "none"))
                .toList();
    }

    private Optional<Attempt> storeAttempt(SellerLease.Held current, Permit permit) {
        Lane first = calls % settings.lateEvery() == settings.lateEvery() - 1 ? Lane.LATE : Lane.IN_TIME;
        List<PendingRecord> due = permit.isProbe() ? probe(first) : queue.due(first, batchSize.most(), takenRecords());
        if (due.isEmpty()) {
            return Optional.empty();
        }
        faults.reached(Step.CLAIMED);
        Optional<Attempt> stored;
        try {
            stored = queue.storeAttempt(lease, current, rollback, due, settings.sendMargin());
        } catch (RuntimeException unsure) {
            rollback.forget();
            throw unsure;
        }
        stored.ifPresent(attempt -> {
            calls++;
            busyAttempts.add(attempt.id());
            due.forEach(record -> busyRecords.add(record.meteringSn()));
        });
        return stored;
    }

    /** One record to ask with, and another one each time: no record that is at fault itself stands for all others. */
    private List<PendingRecord> probe(Lane first) {
        if (askedWith.size() >= MOST_ASKED_WITH) {
            askedWith.clear();
        }
        Set<String> notThese = takenRecords();
        notThese.addAll(askedWith);
        List<PendingRecord> due = queue.due(first, 1, notThese);
        if (due.isEmpty() && !askedWith.isEmpty()) {
            askedWith.clear();
            due = queue.due(first, 1, takenRecords());
        }
        due.forEach(record -> askedWith.add(record.meteringSn()));
        return due;
    }

    /** Records of calls under way and of attempts left aside. */
    private Set<String> takenRecords() {
        Set<String> taken = new HashSet<>(busyRecords);
        leftAside.values().forEach(taken::addAll);
        return taken;
    }

    /** What the answer says of way, key and rate is heeded before anything is stored: it stays true whatever becomes of the database. */
    private void send(Attempt attempt, Permit permit, CallSlot slot) {
        faults.reached(Step.ATTEMPT_STORED);
        OptionalLong place = writeDown(attempt);
        faults.reached(Step.WRITTEN_DOWN);
        long began = System.nanoTime();
        HttpResult result = place.isPresent()
                ? marketplace.usage().push(attempt.body(), attempt.latestSendNanos())
                : new HttpResult.NotWrittenDown("it was not written down outside the database");
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        slot.close();
        PushAnswer answer = marketplace.answers().read(result, machineTime.instant());
        RecentCallHistory before = history(answer, attempt);
        heed(answer, assess.effect(answer, attempt.records().size(), before), attempt, permit, took);
        metrics.answer(answer.word(), attempt.records().size(), took);
        faults.reached(Step.SENT);
        if (!queue.storeAnswer(attempt.id(), result, place)) {
            rollback.forget();
            LOG.atWarn()
                    .addKeyValue("attempt", attempt.id())
                    .addKeyValue("answer", answer.word())
                    .log(
                            "an answer came for an attempt that another pusher has given up, or that the database lost; it decides nothing");
            return;
        }
        faults.reached(Step.ANSWER_STORED);
        List<PushOutcome> outcomes =
                assess.outcomes(answer, attempt.records(), attempt.records().size(), before);
        settlement.settle(attempt.id(), attempt.records(), outcomes);
        place.ifPresent(sent -> rollback.settled(
                attempt.id(),
                attempt.epoch(),
                sent,
                outcomes.stream().map(PushOutcome::word).toList()));
        faults.reached(Step.SETTLED);
    }

    private RecentCallHistory history(PushAnswer answer, Attempt attempt) {
        if (attempt.records().size() > 1 || !PushAnswerPolicy.mayBeOfOneRecord(answer)) {
            return history;
        }
        return history.withFailedAlone(
                loneFailures.failed(attempt.records().get(0).meteringSn(), answer.word()));
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

    private void heed(PushAnswer answer, CallEffect effect, Attempt attempt, Permit permit, Duration took) {
        lastAnswer = answer.toString();
        if (effect instanceof CallEffect.Accepted) {
            permit.accepted(took);
            stop = null;
            loneFailures.accepted();
            change(RecentCallHistory::afterAccepted);
            lastAcceptedAt = businessTime.instant();
            lastAcceptedNanos = System.nanoTime();
        } else if (effect instanceof CallEffect.GoOn) {
            permit.answered(took);
        } else if (effect instanceof CallEffect.NotMade) {
            permit.unused();
        } else if (effect instanceof CallEffect.SlowDown slowDown) {
            permit.throttled(took, slowDown.pause());
        } else if (effect instanceof CallEffect.Struggle struggle) {
            permit.struggled(took, answer.word(), struggle.pause());
            change(RecentCallHistory::afterTrouble);
            LOG.atWarn()
                    .addKeyValue("attempt", attempt.id())
                    .addKeyValue("records", attempt.records().size())
                    .addKeyValue("answer", answer.toString())
                    .log("no clear answer; the identical records go again");
        } else if (effect instanceof CallEffect.FewerRecords fewer) {
            permit.answered(took);
            batchSize.tooMany(fewer.tooMany());
            LOG.atWarn()
                    .addKeyValue("records", batchSize.current())
                    .log("the marketplace takes fewer records in a call");
        } else if (effect instanceof CallEffect.NotAllowed) {
            permit.notAllowed(took);
            change(
                    attempt.records().size() == 1
                            ? RecentCallHistory::afterLoneNotAllowed
                            : RecentCallHistory::afterTrouble);
            LOG.atWarn()
                    .addKeyValue("attempt", attempt.id())
                    .addKeyValue("records", attempt.records().size())
                    .addKeyValue("answer", answer.toString())
                    .log("a call was not allowed; single records tell whether it is our key or one of them");
        } else if (effect instanceof Stop stopped) {
            permit.stopped(took);
            stop = stopped;
            change(RecentCallHistory::afterLoneNotAllowed);
            LOG.atError()
                    .addKeyValue("code", stopped.code())
                    .addKeyValue("message", stopped.message())
                    .log(
                            "the marketplace accepts nothing from us: pushing stops, records stay, a person must look at key and rights");
        } else {
            throw new IllegalStateException("an effect that nobody heeds: " + effect);
        }
    }

    private synchronized void change(UnaryOperator<RecentCallHistory> change) {
        history = change.apply(history);
    }

    /** Business time of the last accepted call of this process. */
    Optional<Instant> lastAcceptedAt() {
        return Optional.ofNullable(lastAcceptedAt);
    }

    /** Elapsed time of the last accepted call of this process, or of its start. */
    long lastAcceptedNanos() {
        return lastAcceptedNanos;
    }

    /** What the marketplace, or the way to it, said last. */
    Optional<String> lastAnswer() {
        return Optional.ofNullable(lastAnswer);
    }

    /** Why nothing is pushed at the moment, if the marketplace accepts nothing from us. */
    Optional<Stop> stop() {
        return Optional.ofNullable(stop);
    }

    int mostRecordsInACall() {
        return batchSize.current();
    }
}
