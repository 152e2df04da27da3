package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.Instance;
import io.hourledger.ledger.instance.InstanceDecider;
import java.util.List;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.CommandResultMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.commandhandling.callbacks.FutureCallback;
import org.axonframework.common.transaction.Transaction;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.annotation.ClasspathParameterResolverFactory;
import org.axonframework.messaging.annotation.MultiParameterResolverFactory;
import org.axonframework.messaging.annotation.ParameterResolverFactory;
import org.axonframework.messaging.annotation.SimpleResourceParameterResolverFactory;
import org.axonframework.modelling.command.AggregateAnnotationCommandHandler;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * Axon's command bus, repository and event store for {@link Instance}, put together by hand: so nothing that is not named here is started,
 * Axon's update check among it.
 */
final class AxonCommands {

    private final CommandBus bus;

    AxonCommands(EventTable table, InstanceDecider decider, PlatformTransactionManager transactions) {
        ParameterResolverFactory parameters = MultiParameterResolverFactory.ordered(
                ClasspathParameterResolverFactory.forClass(Instance.class),
                new SimpleResourceParameterResolverFactory(List.of(decider, new EventHistory(table))));
        EmbeddedEventStore store = EmbeddedEventStore.builder()
                .storageEngine(new LedgerStorageEngine(table))
                .build();
        EventSourcingRepository<Instance> repository = EventSourcingRepository.builder(Instance.class)
                .eventStore(store)
                .parameterResolverFactory(parameters)
                .build();
        bus = SimpleCommandBus.builder()
                .transactionManager(new SpringTransactions(transactions))
                .build();
        AggregateAnnotationCommandHandler.<Instance>builder()
                .aggregateType(Instance.class)
                .repository(repository)
                .parameterResolverFactory(parameters)
                .commandTargetResolver(AxonCommands::target)
                .build()
                .subscribe(bus);
    }

    /** Which instance a command is for: contracts are plain Java and carry no annotation that would say it. */
    static VersionedAggregateIdentifier target(CommandMessage<?> message) {
        InstanceCommand command = (InstanceCommand) message.getPayload();
        return new VersionedAggregateIdentifier((Object) command.instanceId().value(), null);
    }

    /** Decides on the caller's thread, in a transaction of its own. */
    Decision handle(InstanceCommand command) {
        FutureCallback<InstanceCommand, Decision> answer = new FutureCallback<>();
        bus.dispatch(
                new GenericCommandMessage<InstanceCommand>(
                        new GenericMessage<>(command), Instance.commandName(command)),
                answer);
        CommandResultMessage<? extends Decision> result = answer.getResult();
        if (!result.isExceptional()) {
            return result.getPayload();
        }
        Throwable failure = result.exceptionResult();
        if (failure instanceof AggregateNotFoundException) {
            return new Decision.UnknownInstance();
        }
        if (failure instanceof ConcurrencyException) {
            throw new ConcurrentWriteException();
        }
        if (failure instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        throw new IllegalStateException("a command ended in an error", failure);
    }

    /** Axon's view of Spring's transactions. */
    private record SpringTransactions(PlatformTransactionManager transactions) implements TransactionManager {
        @Override
        public Transaction startTransaction() {
            TransactionStatus status = transactions.getTransaction(new DefaultTransactionDefinition());
            return new Transaction() {
                @Override
                public void commit() {
                    transactions.commit(status);
                }

                @Override
                public void rollback() {
                    if (!status.isCompleted()) {
                        transactions.rollback(status);
                    }
                }
            };
        }
    }
}
