package io.hourledger.pusher.push;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.pusher.push.PushOutcome.Pause;
import io.hourledger.pusher.push.PushQueue.NextTry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes an attempt's outcomes to the ledger and the records off the queue, in one transaction: both happen or neither. */
final class OutcomeRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomeRecorder.class);

    private static final int LEDGER_ATTEMPTS = 5;

    /** Halved so often, a call of 1000 records is one of 16. */
    private static final int TRIES_AT_ONCE = 6;

    private final Ledger ledger;
    private final PushQueue queue;
    private final AttemptStore attempts;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final IntervalFunction backOff;
    private final PushMetrics metrics;
    private final RollbackDetector rollback;
    private final Retry ledgerAway;

    OutcomeRecorder(
            Ledger ledger,
            PushQueue queue,
            AttemptStore attempts,
            TransactionTemplate transaction,
            Clock businessTime,
            IntervalFunction backOff,
            PushMetrics metrics,
            RollbackDetector rollback) {
        this.ledger = ledger;
        this.queue = queue;
        this.attempts = attempts;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.backOff = backOff;
        this.metrics = metrics;
        this.rollback = rollback;
        this.ledgerAway = Retry.of(
                "ledger",
                RetryConfig.custom()
                        .maxAttempts(LEDGER_ATTEMPTS)
                        .intervalFunction(backOff)
                        .retryExceptions(
                                LedgerUnavailableException.class, DataAccessException.class, TransactionException.class)
                        .build());
    }

    /** Once for each attempt, however often it is asked. Throws if the ledger stays away; then nothing has happened. */
    void settle(long attemptId, List<PendingRecord> records, List<PushOutcome> outcomes) {
        ledgerAway.executeRunnable(() -> settleAtOnce(attemptId, records, outcomes));
    }

    /** As {@link #settle}, with one try. */
    void settleAtOnce(long attemptId, List<PendingRecord> records, List<PushOutcome> outcomes) {
        long began = System.nanoTime();
        if (Boolean.TRUE.equals(transaction.execute(tx -> inTransaction(tx, attemptId, records, outcomes)))) {
            metrics.outcomes(outcomes);
            metrics.settled(Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /**
     * The ledger decides first: nothing is written before it appends, so an instance that others append to meanwhile costs a new decision and
     * not a new transaction.
     */
    private boolean inTransaction(
            TransactionStatus tx, long attemptId, List<PendingRecord> records, List<PushOutcome> outcomes) {
        if (!attempts.isUnsettled(attemptId)) {
            return false;
        }
        Instant now = businessTime.instant();
        List<PendingRecord> told = new ArrayList<>();
        List<InstanceCommand> commands = new ArrayList<>();
        List<NextTry> again = new ArrayList<>();
        List<PendingRecord> whileFrozen = new ArrayList<>();
        Set<Long> faultFound = new HashSet<>();
        Pauses pauses = new Pauses(backOff);
        for (int i = 0; i < records.size(); i++) {
            PendingRecord record = records.get(i);
            switch (outcomes.get(i)) {
                case PushOutcome.Again next -> {
                    again.add(nextTry(record, next, pauses));
                    if (next.pause() == Pause.WHILE_FROZEN) {
                        whileFrozen.add(record);
                    }
                }
                case PushOutcome.Reported _ -> tell(record, reported(record, now), told, commands);
                case PushOutcome.Refused refused -> tell(record, refused(record, refused, now), told, commands);
                case PushOutcome.OutcomeUnknown unknown -> tell(record, unknown(record, unknown, now), told, commands);
            }
            Long set = record.suspectSet();
            if (set != null && outcomes.get(i).holdsFault()) {
                faultFound.add(set);
            }
        }
        List<Decision> decisions = List.of();
        if (!commands.isEmpty()) {
            decisions = ledger.handleAll(commands);
        }
        if (!attempts.settle(attemptId)) {
            tx.setRollbackOnly();
            return false;
        }
        holdWhatTheLedgerRefused(told, commands, decisions);
        queue.remove(told.stream().map(PendingRecord::meteringSn).toList());
        queue.tryAgain(attemptId, again);
        queue.clearTheRestOf(faultFound, restOfSet(outcomes));
        queue.waitWhileFrozen(whileFrozen);
        rollback.countOutcome();
        return true;
    }

    private static PushQueue.RestOfSet restOfSet(List<PushOutcome> outcomes) {
        boolean backsOff = outcomes.stream()
                .anyMatch(outcome -> outcome instanceof PushOutcome.Again again && again.pause() == Pause.GROWING);
        return backsOff ? PushQueue.RestOfSet.BACKS_OFF : PushQueue.RestOfSet.DUE_AT_ONCE;
    }

    private static NextTry nextTry(PendingRecord record, PushOutcome.Again again, Pauses pauses) {
        int tries = again.pause() == Pause.NONE ? record.tries() : record.tries() + 1;
        int paused = again.pause() == Pause.AFTER_SOME_TRIES ? tries - TRIES_AT_ONCE : tries;
        return new NextTry(
                record.meteringSn(),
                record.arrival().or(again.arrival()),
                tries,
                again.grouping(),
                again.pause() == Pause.NONE || paused <= 0 ? Duration.ZERO : pauses.after(paused));
    }

    /** The waits of one call's records, a random one for each number of tries: what travelled together comes back together. */
    private record Pauses(IntervalFunction backOff, Map<Integer, Duration> byTries) {

        Pauses(IntervalFunction backOff) {
            this(backOff, new HashMap<>());
        }

        Duration after(int tries) {
            return byTries.computeIfAbsent(tries, n -> Duration.ofMillis(backOff.apply(n)));
        }
    }

    private static void tell(
            PendingRecord record, InstanceCommand command, List<PendingRecord> told, List<InstanceCommand> commands) {
        told.add(record);
        commands.add(command);
    }

    private static InstanceCommand reported(PendingRecord record, Instant now) {
        return new ReportUsageRecord(instance(record), sn(record), now);
    }

    private static InstanceCommand refused(PendingRecord record, PushOutcome.Refused refused, Instant now) {
        LOG.atWarn()
                .addKeyValue("instance", record.instanceId())
                .addKeyValue("meteringSn", record.meteringSn())
                .addKeyValue("code", refused.code())
                .addKeyValue("detail", refused.detail())
                .log("usage record refused");
        return new RefuseUsageRecord(instance(record), sn(record), refused.code(), refused.detail(), now);
    }

    private static InstanceCommand unknown(PendingRecord record, PushOutcome.OutcomeUnknown unknown, Instant now) {
        LOG.atError()
                .addKeyValue("instance", record.instanceId())
                .addKeyValue("meteringSn", record.meteringSn())
                .addKeyValue("why", unknown.why())
                .log("usage record unknown, a person must settle it");
        return new MarkUsageRecordUnknown(instance(record), sn(record), unknown.why(), now);
    }

    private static InstanceId instance(PendingRecord record) {
        return new InstanceId(record.instanceId());
    }

    private static MeteringSn sn(PendingRecord record) {
        return new MeteringSn(record.meteringSn());
    }

    /** The ledger says something else than the marketplace: such a record is never sent again, and a person must look. */
    private void holdWhatTheLedgerRefused(
            List<PendingRecord> told, List<InstanceCommand> commands, List<Decision> decisions) {
        for (int i = 0; i < told.size(); i++) {
            PendingRecord record = told.get(i);
            String command = commands.get(i).getClass().getSimpleName();
            switch (decisions.get(i)) {
                case Decision.Refused refused -> hold(record, command, refused.rule(), refused.detail());
                case Decision.UnknownInstance _ ->
                    hold(record, command, "unknown-instance", "the ledger has no such instance");
                case Decision.Done _, Decision.AlreadyDone _ -> {
                    // the ledger has the outcome
                }
            }
        }
    }

    private void hold(PendingRecord record, String command, String rule, String detail) {
        queue.hold(record.meteringSn(), rule, command + ": " + detail);
        LOG.atError()
                .addKeyValue("instance", record.instanceId())
                .addKeyValue("meteringSn", record.meteringSn())
                .addKeyValue("rule", rule)
                .addKeyValue("detail", detail)
                .log("the ledger would not take a usage record's outcome");
    }
}
