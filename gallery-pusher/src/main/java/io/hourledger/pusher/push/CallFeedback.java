package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.push.AdaptiveRateLimiter.Permit;
import io.hourledger.pusher.push.CallEffect.Stop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what an answer means for the calls that follow: to the rate, to the size of a call, and to how the last calls went. Keeps what the
 * marketplace said last, for health. Several threads may use it at once.
 */
final class CallFeedback {

    private static final Logger LOG = LoggerFactory.getLogger(CallFeedback.class);

    private final Clock businessTime;
    private final BatchSize batchSize;
    private final LoneFailures loneFailures = new LoneFailures();
    private final SuspectSets suspectSets = new SuspectSets();
    private volatile RecentCallHistory history = RecentCallHistory.GOOD;
    private volatile @Nullable Instant lastAcceptedAt;
    private volatile long lastAcceptedNanos = System.nanoTime();
    private volatile @Nullable String lastAnswer;
    private volatile @Nullable Stop stop;

    CallFeedback(Clock businessTime, BatchSize batchSize) {
        this.businessTime = businessTime;
        this.batchSize = batchSize;
    }

    /** How the last calls went. */
    RecentCallHistory history() {
        return history;
    }

    /**
     * How the calls before this one went, and how often its one record failed alone. That it is the last suspect of a refused call whose
     * others were accepted since counts as a failure alone.
     */
    RecentCallHistory historyBefore(PushAnswer answer, Attempt attempt) {
        if (attempt.records().size() > 1 || !PushAnswerPolicy.mayBeOfOneRecord(answer)) {
            return history;
        }
        PendingRecord record = attempt.records().get(0);
        int alone = loneFailures.failed(record.meteringSn(), answer.word());
        boolean failedBefore = suspectSets.isLast(record) && history.acceptedSinceTrouble();
        return history.withFailedAlone(failedBefore ? Math.max(alone, 2) : alone);
    }

    /** Learns who is left of a refused call's records. */
    void learn(Attempt attempt, List<PushOutcome> outcomes) {
        suspectSets.learn(attempt.id(), attempt.records(), outcomes);
    }

    /**
     * Applies the effect of an attempt's answer.
     *
     * @param permit of the call
     * @param took how long its answer took
     */
    void apply(CallEffect effect, PushAnswer answer, Attempt attempt, Permit permit, Duration took) {
        lastAnswer = answer.toString();
        switch (effect) {
            case CallEffect.Accepted _ -> accepted(permit, took);
            case CallEffect.GoOn _ -> {
                permit.answered(took);
                change(RecentCallHistory::afterRefused);
            }
            case CallEffect.NotMade _ -> permit.unused();
            case CallEffect.OtherKey _ -> permit.answered(took);
            case CallEffect.SlowDown(Duration pause) -> permit.throttled(took, pause);
            case CallEffect.Struggle(Duration pause) -> {
                permit.struggled(took, answer.word(), pause);
                unclear(answer, attempt);
            }
            case CallEffect.FewerRecords(int tooMany) -> {
                permit.answered(took);
                fewerRecords(tooMany);
            }
            case CallEffect.NotAllowed _ -> {
                permit.notAllowed(took);
                notAllowed(answer, attempt);
            }
            case Stop stopped -> {
                permit.stopped(took);
                stopped(stopped);
            }
        }
    }

    private void accepted(Permit permit, Duration took) {
        permit.accepted(took);
        stop = null;
        loneFailures.accepted();
        change(RecentCallHistory::afterAccepted);
        lastAcceptedAt = businessTime.instant();
        lastAcceptedNanos = System.nanoTime();
    }

    private void unclear(PushAnswer answer, Attempt attempt) {
        change(RecentCallHistory::afterTrouble);
        LOG.atWarn()
                .addKeyValue("attempt", attempt.id())
                .addKeyValue("records", attempt.records().size())
                .addKeyValue("answer", answer.toString())
                .log("no clear answer; the identical records go again");
    }

    private void fewerRecords(int tooMany) {
        batchSize.tooMany(tooMany);
        LOG.atWarn().addKeyValue("records", batchSize.current()).log("the marketplace takes fewer records in a call");
    }

    private void notAllowed(PushAnswer answer, Attempt attempt) {
        change(
                attempt.records().size() == 1
                        ? RecentCallHistory::afterLoneNotAllowed
                        : RecentCallHistory::afterTrouble);
        LOG.atWarn()
                .addKeyValue("attempt", attempt.id())
                .addKeyValue("records", attempt.records().size())
                .addKeyValue("answer", answer.toString())
                .log("a call was not allowed; single records tell whether it is our key or one of them");
    }

    private void stopped(Stop stopped) {
        stop = stopped;
        change(RecentCallHistory::afterLoneNotAllowed);
        LOG.atError()
                .addKeyValue("code", stopped.code())
                .addKeyValue("message", stopped.message())
                .log(
                        "the marketplace accepts nothing from us: pushing stops, records stay, a person must look at key and rights");
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
}
