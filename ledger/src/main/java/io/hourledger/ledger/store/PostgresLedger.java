package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.api.DatabaseFailure;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.store.EventTable.Append;
import io.hourledger.ledger.store.EventTable.Stored;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The ledger on PostgreSQL. Many commands share one transaction and a handful of statements: all states are read at once, the instances decide
 * in memory, all events are appended at once, all states are kept at once. A single command outside of a transaction goes to Axon's command
 * bus, which meets the same events, states and conflicts.
 */
public final class PostgresLedger implements Ledger {

    private static final int ATTEMPTS = 10;
    private static final long FIRST_PAUSE_NANOS = 2_000_000;

    private final EventTable table;
    private final InstanceDecider decider;
    private final TransactionTemplate transaction;
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
        this.decider = decider;
        this.axon = new AxonCommands(table, decider, transactions);
        this.transaction = new TransactionTemplate(transactions);
        // In a caller's transaction an attempt is a savepoint, so that a lost race does not take the caller's work with
        // it.
        this.transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
    }

    @Override
    public Decision handle(InstanceCommand command) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            return handleAll(List.of(command)).get(0);
        }
        Decision decision = attempt(1, () -> axon.handle(command));
        count(decision);
        return decision;
    }

    @Override
    public List<Decision> handleAll(List<? extends InstanceCommand> commands) {
        if (commands.isEmpty()) {
            return List.of();
        }
        boolean ofCaller = TransactionSynchronizationManager.isActualTransactionActive();
        List<Decision> all = attempt(commands.size(), () -> {
            List<Decision> decisions = transaction.execute(status -> decideAndKeep(commands, ofCaller));
            return java.util.Objects.requireNonNull(decisions);
        });
        all.forEach(this::count);
        return all;
    }

    private void count(Decision decision) {
        if (!decision.events().isEmpty()) {
            metrics.appended(decision.events().size());
        }
    }

    private interface Attempt<T> {
        T run();
    }

    private <T> T attempt(int commands, Attempt<T> attempt) {
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

    private <T> T attempt(Attempt<T> attempt) {
        RuntimeException last = null;
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                return attempt.run();
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

    private List<Decision> decideAndKeep(List<? extends InstanceCommand> commands, boolean ofCaller) {
        TreeSet<String> ids = new TreeSet<>();
        commands.forEach(command -> ids.add(command.instanceId().value()));
        Map<String, Stored> stored = table.load(ids);
        if (ofCaller) {
            refuseIfTooOld(stored);
        }
        SortedMap<String, Working> working = new TreeMap<>();
        ids.forEach(id -> working.put(id, new Working(id, stored.get(id))));
        List<Decision> decisions = new ArrayList<>(commands.size());
        for (InstanceCommand command : commands) {
            Working instance = java.util.Objects.requireNonNull(
                    working.get(command.instanceId().value()));
            decisions.add(instance.decide(command));
        }
        List<Append> appends = working.values().stream()
                .filter(instance -> !instance.fresh.isEmpty())
                .map(Working::append)
                .toList();
        if (!appends.isEmpty() && !table.append(appends)) {
            throw new ConcurrentWriteException();
        }
        return decisions;
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

    /** An instance while a batch of commands is being decided. */
    private final class Working {
        private final String id;
        private final @Nullable Stored stored;
        private final List<InstanceEvent> fresh = new ArrayList<>();
        private final BatchHistory memory = new BatchHistory(table, fresh);
        private @Nullable InstanceState state;

        Working(String id, @Nullable Stored stored) {
            this.id = id;
            this.stored = stored;
            this.state = stored == null ? null : stored.state();
        }

        Decision decide(InstanceCommand command) {
            Decision decision = decider.decide(state, command, memory);
            for (InstanceEvent event : decision.events()) {
                state = InstanceState.after(state, event);
                fresh.add(event);
            }
            return decision;
        }

        Append append() {
            return new Append(
                    id,
                    stored == null ? EventTable.NO_EVENT : stored.sequenceNumber(),
                    stored == null ? "0" : stored.transactionId(),
                    stored == null ? null : stored.digest(),
                    fresh,
                    java.util.Objects.requireNonNull(state));
        }
    }
}
