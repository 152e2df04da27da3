package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.HistoryLookup;
import io.hourledger.ledger.instance.Instance;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.store.EventTable.Stored;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.CommandResultMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.commandhandling.callbacks.FutureCallback;
import org.axonframework.common.lock.NullLockFactory;
import org.axonframework.common.transaction.Transaction;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.Message;
import org.axonframework.messaging.ResultMessage;
import org.axonframework.messaging.annotation.ClasspathParameterResolverFactory;
import org.axonframework.messaging.annotation.MultiParameterResolverFactory;
import org.axonframework.messaging.annotation.ParameterResolverFactory;
import org.axonframework.messaging.annotation.SimpleResourceParameterResolverFactory;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.micrometer.MessageTimerMonitor;
import org.axonframework.modelling.command.AggregateAnnotationCommandHandler;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * Axon's command bus, repository and event store for {@link Instance}, put together by hand: so nothing that is not named here is started,
 * Axon's update check among it.
 *
 * <p>All commands of a call share one unit of work and its transaction. Each is dispatched on the bus, where it gets a unit of work of its own
 * inside of that one, as any command that is dispatched by another. The outer one keeps the instances that were loaded, so that a later
 * command of an instance meets what an earlier one changed; it appends all events at once when it commits.
 */
final class AxonCommands {

    static final String COMMANDS = "ledger.commands";

    private final EventTable table;
    private final PlatformTransactionManager transactions;
    private final CommandBus bus;

    AxonCommands(
            EventTable table,
            InstanceDecider decider,
            PlatformTransactionManager transactions,
            MeterRegistry registry) {
        this.table = table;
        this.transactions = transactions;
        this.bus = SimpleCommandBus.builder().messageMonitor(timer(registry)).build();
        HistoryLookup history = (now, forgotten) ->
                CommandBatch.current(table).history(now.instanceId()).recall(now, forgotten);
        ParameterResolverFactory parameters = MultiParameterResolverFactory.ordered(
                ClasspathParameterResolverFactory.forClass(Instance.class),
                new SimpleResourceParameterResolverFactory(List.of(decider, history)));
        // Writers of this process meet as those of other processes do: the slower one decides anew. A lock would be
        // held
        // over the database's answer, and two batches that name instances in different orders would wait for each
        // other.
        EventSourcingRepository<Instance> repository = EventSourcingRepository.builder(Instance.class)
                .eventStore(new LedgerEventStore(new LedgerStorageEngine(table)))
                .lockFactory(NullLockFactory.INSTANCE)
                .parameterResolverFactory(parameters)
                .build();
        AggregateAnnotationCommandHandler.<Instance>builder()
                .aggregateType(Instance.class)
                .repository(repository)
                .parameterResolverFactory(parameters)
                .commandTargetResolver(AxonCommands::target)
                .build()
                .subscribe(bus);
    }

    /** Axon's own timers, by kind of command. They keep no percentiles: those cost as much as a decision. */
    private static MessageTimerMonitor timer(MeterRegistry registry) {
        return MessageTimerMonitor.builder()
                .meterNamePrefix(COMMANDS)
                .meterRegistry(registry)
                .tagsBuilder(
                        message -> Tags.of("command", message.getPayloadType().getSimpleName()))
                .timerCustomization(timer -> timer.publishPercentiles((double[]) null)
                        .description("from a command's dispatch on the bus to its decision, refusals included"))
                .build();
    }

    /** Which instance a command is for: contracts are plain Java and carry no annotation that would say it. */
    static VersionedAggregateIdentifier target(CommandMessage<?> message) {
        InstanceCommand command = (InstanceCommand) message.getPayload();
        return new VersionedAggregateIdentifier((Object) command.instanceId().value(), null);
    }

    /**
     * Decides on the caller's thread, in a transaction of its own or, if the caller has one, behind a savepoint of that.
     *
     * @param states is told the stored states before the first command is decided, and may refuse them all by an exception
     * @throws ConcurrentWriteException if another writer was faster; nothing has happened
     */
    List<Decision> handleAll(List<? extends InstanceCommand> commands, Consumer<Map<String, Stored>> states) {
        if (CurrentUnitOfWork.isStarted()) {
            // it would be answered before the outer one has kept anything, and what the outer one undoes would be lost
            throw new IllegalStateException(
                    "a command was sent to the ledger inside of another command's unit of work");
        }
        CommandBatch batch = new CommandBatch(table);
        SpringTransaction transaction = SpringTransaction.start(transactions, batch::requireAllAppended);
        try {
            DefaultUnitOfWork<Message<?>> unit = DefaultUnitOfWork.startAndGet(new GenericMessage<>(commands));
            unit.attachTransaction(() -> transaction);
            ResultMessage<List<Decision>> result = unit.executeWithResult(() -> {
                batch.attach();
                states.accept(batch.fetch(commands));
                List<Decision> decisions = new ArrayList<>(commands.size());
                for (InstanceCommand command : commands) {
                    Decision decision = dispatch(command);
                    batch.decided(command.instanceId().value(), decision.events());
                    decisions.add(decision);
                }
                return decisions;
            });
            if (result.isExceptional()) {
                throw unchecked(result.exceptionResult());
            }
            return result.getPayload();
        } finally {
            // Axon's commit lets an Error pass and leaves its transaction open; one in its own handling of an error
            // leaves the
            // unit of work on this thread, and the next call would end in that and keep nothing
            while (CurrentUnitOfWork.isStarted()) {
                CurrentUnitOfWork.clear(CurrentUnitOfWork.get());
            }
            transaction.rollback();
        }
    }

    private Decision dispatch(InstanceCommand command) {
        FutureCallback<InstanceCommand, Decision> answer = new FutureCallback<>();
        bus.dispatch(
                new GenericCommandMessage<InstanceCommand>(
                        new GenericMessage<>(command), Instance.commandName(command)),
                answer);
        CommandResultMessage<? extends Decision> result = answer.getResult();
        if (!result.isExceptional()) {
            return result.getPayload();
        }
        if (result.exceptionResult() instanceof AggregateNotFoundException) {
            return new Decision.UnknownInstance();
        }
        throw unchecked(result.exceptionResult());
    }

    private static RuntimeException unchecked(Throwable failure) {
        return switch (failure) {
            case Error error -> throw error;
            case ConcurrencyException _ -> new ConcurrentWriteException();
            case RuntimeException unexpected -> unexpected;
            default -> new IllegalStateException("a command ended in an error", failure);
        };
    }

    /** Axon's view of one of Spring's transactions. */
    private record SpringTransaction(
            PlatformTransactionManager transactions, TransactionStatus status, Runnable beforeCommit)
            implements Transaction {

        static SpringTransaction start(PlatformTransactionManager transactions, Runnable beforeCommit) {
            // In a caller's transaction an attempt is a savepoint, so that a lost race does not take the caller's work
            // with it.
            return new SpringTransaction(
                    transactions,
                    transactions.getTransaction(
                            new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_NESTED)),
                    beforeCommit);
        }

        @Override
        public void commit() {
            beforeCommit.run();
            transactions.commit(status);
        }

        /** Does nothing if it has ended. */
        @Override
        public void rollback() {
            if (!status.isCompleted()) {
                transactions.rollback(status);
            }
        }
    }
}
