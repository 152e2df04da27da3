package io.hourledger.ledger.instance;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The instance as Axon's aggregate: a shell that asks {@link InstanceDecider} and applies what it decided. Loaded from the state that is kept beside
 * its stream, and from what was appended since; what that state has forgotten it recalls from the stream.
 */
public class Instance {

    private static final String OPEN = "open-instance";
    private static final String CHANGE = "change-instance";

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it
    private @Nullable String instanceId;

    private @Nullable InstanceState state;

    /** For Axon, before the first event. */
    protected Instance() {}

    private Instance(InstanceState state) {
        this.instanceId = state.instanceId();
        this.state = state;
    }

    /** An instance as it was when this state was kept. */
    public static Instance of(InstanceState state) {
        return new Instance(state);
    }

    /**
     * The name under which Axon routes a command. There are two, because Axon creates an instance for the one and loads it for the other.
     * Which rule decides is told apart in {@link InstanceDecider} alone, where the compiler counts the cases.
     */
    public static String commandName(InstanceCommand command) {
        return command instanceof OpenInstance ? OPEN : CHANGE;
    }

    @CommandHandler(commandName = OPEN)
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    Decision open(OpenInstance command, InstanceDecider decider, HistoryLookup history) {
        return decide(command, decider, history);
    }

    @CommandHandler(commandName = CHANGE)
    Decision change(InstanceCommand command, InstanceDecider decider, HistoryLookup history) {
        return decide(command, decider, history);
    }

    @EventSourcingHandler
    void on(InstanceEvent event) {
        instanceId = event.instanceId();
        state = InstanceState.after(state, event);
    }

    private Decision decide(InstanceCommand command, InstanceDecider decider, HistoryLookup history) {
        Decision decision = decider.decide(state, command, history);
        decision.events().forEach(event -> apply(event));
        return decision;
    }
}
