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
import io.hourledger.pusher.push.PushQueue.NextTry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes an attempt's outcomes to the ledger and the records off the queue, in one transaction: both happen or neither. */
final class OutcomeRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomeRecorder.class);

    private static final int LEDGER_ATTEMPTS = 5;

    private final Ledger ledger;
    private final PushQueue queue;
    private final TransactionTemplate transaction;
    private final Clock businessTime;
    private final IntervalFunction backOff;
    private final PushMetrics metrics;
    private final CrashPoint faults;
    private final RollbackDetector rollback;
    private final Retry ledgerAway;

    OutcomeRecorder(
            Ledger ledger,
            PushQueue queue,
            TransactionTemplate transaction,
            Clock businessTime,
            IntervalFunction backOff,
            PushMetrics metrics,
            CrashPoint faults,
            RollbackDetector rollback) {
        this.ledger = ledger;
        this.queue = queue;
        this.transaction = transaction;
        this.businessTime = businessTime;
        this.backOff = backOff;
        this.metrics = metrics;
        this.faults = faults;
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
        if (Boolean.TRUE.equals(transaction.execute(tx -> inTransaction(attemptId, records, outcomes)))) {
            metrics.outcomes(outcomes);
            metrics.settled(Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private boolean inTransaction(long attemptId, List<PendingRecord> records, List<PushOutcome> outcomes) {
        if (!queue.settle(attemptId)) {
            return false;
        }
        Instant now = businessTime.instant();
        List<PendingRecord> told = new ArrayList<>();
        List<InstanceCommand> commands = new ArrayList<>();
        List<NextTry> again = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            PendingRecord record = records.get(i);
            PushOutcome outcome = outcomes.get(i);
            if (outcome instanceof PushOutcome.Again next) {
                again.add(nextTry(record, next));
            } else {
                told.add(record);
                commands.add(command(record, outcome, now));
            }
        }
        if (!commands.isEmpty()) {
            holdWhatTheLedgerRefused(told, commands, ledger.handleAll(commands));
        }
        faults.reached(CrashPoint.Step.LEDGER_TOLD);
        queue.remove(told.stream().map(PendingRecord::meteringSn).toList());
        queue.tryAgain(again);
        rollback.countOutcome();
        return true;
    }

    private NextTry nextTry(PendingRecord record, PushOutcome.Again again) {
        int tries = again.backOff() ? record.tries() + 1 : record.tries();
        return new NextTry(
                record.meteringSn(),
                record.arrival().or(again.arrival()),
                tries,
                again.groupLimit() == null ? record.groupLimit() : again.groupLimit(),
                again.backOff() ? Duration.ofMillis(backOff.apply(tries)) : Duration.ZERO);
    }

    private static InstanceCommand command(PendingRecord record, PushOutcome outcome, Instant now) {
        InstanceId instance = new InstanceId(record.instanceId());
        MeteringSn sn = new MeteringSn(record.meteringSn());
        if (outcome instanceof PushOutcome.Reported) {
            return new ReportUsageRecord(instance, sn, now);
        }
        if (outcome instanceof PushOutcome.Refused refused) {
            LOG.atWarn()
                    .addKeyValue("instance", record.instanceId())
                    .addKeyValue("meteringSn", record.meteringSn())
                    .addKeyValue("code", refused.code())
                    .addKeyValue("detail", refused.detail())
                    .log("usage record refused");
            return new RefuseUsageRecord(instance, sn, refused.code(), refused.detail(), now);
        }
        if (outcome instanceof PushOutcome.Doubted doubted) {
            LOG.atError()
                    .addKeyValue("instance", record.instanceId())
                    .addKeyValue("meteringSn", record.meteringSn())
                    .addKeyValue("why", doubted.why())
                    .log("usage record unknown, a person must settle it");
            return new MarkUsageRecordUnknown(instance, sn, doubted.why(), now);
        }
        throw new IllegalStateException("an outcome the ledger is not told: " + outcome);
    }

    /** The ledger says something else than the marketplace: such a record is never sent again, and a person must look. */
    private void holdWhatTheLedgerRefused(
            List<PendingRecord> told, List<InstanceCommand> commands, List<Decision> decisions) {
        for (int i = 0; i < told.size(); i++) {
            Decision decision = decisions.get(i);
            String rule;
            String detail;
            if (decision instanceof Decision.Refused refused) {
                rule = refused.rule();
                detail = refused.detail();
            } else if (decision instanceof Decision.UnknownInstance) {
                rule = "unknown-instance";
                detail = "the ledger has no such instance";
            } else {
                continue;
            }
            PendingRecord record = told.get(i);
            queue.hold(record.meteringSn(), rule, commands.get(i).getClass().getSimpleName() + ": " + detail);
            LOG.atError()
                    .addKeyValue("instance", record.instanceId())
                    .addKeyValue("meteringSn", record.meteringSn())
                    .addKeyValue("rule", rule)
                    .addKeyValue("detail", detail)
                    .log("the ledger would not take a usage record's outcome");
        }
    }
}
