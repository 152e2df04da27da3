package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.AnswerReader;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.push.AttemptStore.Unsettled;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles attempts that nobody is at work on: those with an answer are assessed from it, those without one are given up and go again. One
 * that cannot be settled is left aside with its records, and tried again now and then; the other records go on. Used under the lock that
 * guards claiming.
 */
final class AttemptRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(AttemptRecovery.class);

    /** If more attempts than this cannot be settled, it is not them, and no further ones are made. */
    private static final int MOST_LEFT_ASIDE = 10;

    private final AttemptStore attempts;
    private final AnswerReader answers;
    private final PushAnswerPolicy assess;
    private final CallFeedback feedback;
    private final OutcomeRecorder settlement;
    private final RollbackDetector rollback;
    private final PushMetrics metrics;
    private final Clock machineTime;
    private final Duration lookAgainEvery;

    private boolean leftovers;
    private Map<Long, List<String>> leftAside = Map.of();
    private long lookAgainAt;

    /**
     * @param lookAgainEvery how long, in elapsed time, an attempt that could not be settled waits
     */
    AttemptRecovery(
            AttemptStore attempts,
            AnswerReader answers,
            PushAnswerPolicy assess,
            CallFeedback feedback,
            OutcomeRecorder settlement,
            RollbackDetector rollback,
            PushMetrics metrics,
            Clock machineTime,
            Duration lookAgainEvery) {
        this.attempts = attempts;
        this.answers = answers;
        this.assess = assess;
        this.feedback = feedback;
        this.settlement = settlement;
        this.rollback = rollback;
        this.metrics = metrics;
        this.machineTime = machineTime;
        this.lookAgainEvery = lookAgainEvery;
    }

    /** There may be attempts that nobody is at work on. */
    void lookForLeftovers() {
        leftovers = true;
    }

    /**
     * Settles what can be settled now.
     *
     * @param busy ids of the attempts under way in this process
     */
    void settleLeftovers(Collection<Long> busy) {
        boolean lookAgain = !leftAside.isEmpty() && System.nanoTime() - lookAgainAt >= 0;
        if (!leftovers && !lookAgain) {
            return;
        }
        Map<Long, List<String>> notSettled = new HashMap<>();
        for (Unsettled unsettled : attempts.unsettled(busy)) {
            try {
                if (!settle(unsettled)) {
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
        lookAgainAt = System.nanoTime() + lookAgainEvery.toNanos();
    }

    /** How many attempts could not be settled. */
    int leftAside() {
        return leftAside.size();
    }

    /** Whether so many could not be settled that no further attempt may be made. */
    boolean isStuck() {
        return leftAside.size() > MOST_LEFT_ASIDE;
    }

    /** The records of the attempts that could not be settled. */
    List<String> recordsLeftAside() {
        return leftAside.values().stream().flatMap(List::stream).toList();
    }

    /** False if its pusher lives after all, and stored an answer just now. */
    private boolean settle(Unsettled unsettled) {
        HttpResult result = unsettled.result().orElse(null);
        if (result == null) {
            if (!attempts.abandon(unsettled.id())) {
                return false;
            }
            result = new HttpResult.Silence("its pusher stopped before an answer was stored");
            LOG.atWarn()
                    .addKeyValue("attempt", unsettled.id())
                    .addKeyValue("records", unsettled.records().size())
                    .log("an attempt was left without an answer; its records go again as they are");
        }
        List<PushOutcome> outcomes = assess.outcomes(
                answers.read(result, machineTime.instant()),
                unsettled.records(),
                unsettled.meteringSns().size(),
                feedback.history());
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
}
