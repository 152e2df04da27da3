package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.ledger.api.DatabaseFailure;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.store.EventTable.Stored;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The ledger on PostgreSQL. One command or many go the same way: Axon's command bus, in one unit of work and one transaction. What is here is
 * that a lost race is decided anew, and an outage is said as one.
 */
public final class PostgresLedger implements Ledger {

    private static final int ATTEMPTS = 10;
    private static final long FIRST_PAUSE_NANOS = 2_000_000;

    private final EventTable table;
    private final AxonCommands axon;
    private final WriterMetrics metrics;

    /** A ledger whose metrics nobody asks for. */
    public PostgresLedger(EventTable table, InstanceDecider decider, PlatformTransactionManager transactions) {
        this(table, decider, transactions, new SimpleMeterRegistry());
    }

    public PostgresLedger(
            EventTable table,
            InstanceDecider decider,
            PlatformTransactionManager transactions,
            MeterRegistry registry) {
        this.table = table;
        this.metrics = new WriterMetrics(registry);
        this.axon = new AxonCommands(table, decider, transactions, registry);
    }

    @Override
    public List<Decision> handleAll(List<? extends InstanceCommand> commands) {
        if (commands.isEmpty()) {
            return List.of();
        }
        boolean ofCaller = TransactionSynchronizationManager.isActualTransactionActive();
        List<Decision> all = attempt(
                commands.size(), () -> axon.handleAll(commands, ofCaller ? this::refuseIfTooOld : stored -> {}));
        all.forEach(this::count);
        return all;
    }

    private void count(Decision decision) {
        if (!decision.events().isEmpty()) {
            metrics.appended(decision.events().size());
        }
    }

    private List<Decision> attempt(int commands, Supplier<List<Decision>> attempt) {
        long began = System.nanoTime();
        try {
            return attempt(attempt);
        } catch (LedgerUnavailableException unavailable) {
            metrics.gaveUp();
            throw unavailable;
        } finally {
            metrics.handling(commands).record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
        }
    }

    private List<Decision> attempt(Supplier<List<Decision>> attempt) {
        RuntimeException last = null;
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                return attempt.get();
            } catch (DataAccessException | TransactionException failed) {
                last = failed;
                switch (DatabaseFailure.of(failed)) {
                    case LOST_RACE -> {
                        metrics.conflict();
                        stepAside(i);
                    }
                    case OUTAGE ->
                        throw new LedgerUnavailableException("the ledger's database did not take the events", failed);
                    case DATA_OR_BUG -> throw failed;
                }
            }
        }
        throw new LedgerUnavailableException(
                "other writers were faster " + ATTEMPTS + " times", java.util.Objects.requireNonNull(last));
    }

    /** Elapsed time: longer each time and never the same for two writers, so that one of them gets through. */
    private static void stepAside(int attempt) {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(FIRST_PAUSE_NANOS << attempt));
    }

    /**
     * A savepoint keeps the number of its transaction. So a caller's transaction that began to write before another one appended can never
     * append behind it, however often that is tried: only a new transaction can.
     */
    private void refuseIfTooOld(Map<String, Stored> stored) {
        table.currentTransaction()
                .ifPresent(current -> stored.forEach((instance, state) -> {
                    if (Long.compareUnsigned(Long.parseUnsignedLong(state.transactionId()), current) > 0) {
                        metrics.conflict();
                        throw new LedgerUnavailableException(
                                "another writer has appended to instance " + instance
                                        + " since this transaction began to write; it must begin anew",
                                new ConcurrentWriteException());
                    }
                }));
    }
}
