package io.hourledger.ledger.instance;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.BillWithheldUsage;
import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.EnterRecount;
import io.hourledger.contracts.instance.InstanceCommand.ExpireInstance;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.NoticePackageUsedUp;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffRemainder;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffWithheldUsage;
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

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    Decision handle(OpenInstance command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(AddPackage command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(BillWithheldUsage command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(DisputeUsageRecord command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(MarkUsageRecordUnknown command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(EnterRecount command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(ExpireInstance command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(FreezeInstance command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(MeterHour command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(NoticePackageUsedUp command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(RefuseUsageRecord command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(ReissueUsageRecord command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(ReleaseInstance command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(RenewInstance command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(ReportUsageRecord command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(SettleUsageRecord command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(UnfreezeInstance command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(UpgradeInstance command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(WriteOffRemainder command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(WriteOffUsageRecord command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @CommandHandler
    Decision handle(WriteOffWithheldUsage command, InstanceDecider decider, HistoryLookup memory) {
        return decide(command, decider, memory);
    }

    @EventSourcingHandler
    void on(InstanceEvent event) {
        instanceId = event.instanceId();
        state = InstanceState.after(state, event);
    }

    private Decision decide(InstanceCommand command, InstanceDecider decider, HistoryLookup memory) {
        Decision decision = decider.decide(state, command, memory);
        if (decision instanceof Decision.Done done) {
            done.events().forEach(event -> apply(event));
        }
        return decision;
    }
}
