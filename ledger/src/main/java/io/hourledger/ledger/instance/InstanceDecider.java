package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.AboutHour;
import io.hourledger.contracts.instance.InstanceCommand.AboutRecord;
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
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one place where commands become events: a function of state, command and the seller's settings, and of nothing else. */
public final class InstanceDecider {

    private final SellerPolicy policy;

    public InstanceDecider(SellerPolicy policy) {
        this.policy = policy;
    }

    /**
     * Decides with all of the instance's history in mind.
     *
     * @param state null if the instance is unknown
     * @param memory of the same instance
     */
    public Decision decide(@Nullable InstanceState state, InstanceCommand command, HistoryLookup memory) {
        InstanceState remembering = state == null
                ? null
                : recallFor(state, command)
                        .map(forgotten -> memory.recall(state, forgotten))
                        .orElse(state);
        return decide(remembering, command);
    }

    /**
     * @param state null if the instance is unknown
     */
    public Decision decide(@Nullable InstanceState state, InstanceCommand command) {
        if (command instanceof OpenInstance open) {
            return OpenInstanceRules.decide(state, open);
        }
        if (state == null) {
            return new Decision.UnknownInstance();
        }
        if (command instanceof MeterHour meter) {
            return MeterHourRules.decide(state, meter, policy);
        }
        if (command instanceof ReportUsageRecord report) {
            return UsageRecordRules.decide(state, report);
        }
        if (command instanceof RefuseUsageRecord refuse) {
            return UsageRecordRules.decide(state, refuse);
        }
        if (command instanceof MarkUsageRecordUnknown doubt) {
            return UsageRecordRules.decide(state, doubt);
        }
        if (command instanceof AboutHour about) {
            return decideHeld(state, about);
        }
        if (command instanceof AboutRecord about) {
            return decideByPerson(state, about);
        }
        return decideLife(state, command);
    }

    private Decision decideHeld(InstanceState state, AboutHour command) {
        if (command instanceof EnterRecount recount) {
            return WithheldUsageRules.decide(state, recount, policy);
        }
        if (command instanceof BillWithheldUsage bill) {
            return WithheldUsageRules.decide(state, bill, policy);
        }
        if (command instanceof WriteOffWithheldUsage writeOff) {
            return WithheldUsageRules.decide(state, writeOff);
        }
        throw noRuleFor(command);
    }

    private Decision decideByPerson(InstanceState state, AboutRecord command) {
        if (command instanceof DisputeUsageRecord dispute) {
            return UsageRecordRules.decide(state, dispute);
        }
        if (command instanceof ReissueUsageRecord reissue) {
            return UsageRecordRules.decide(state, reissue, policy);
        }
        if (command instanceof WriteOffUsageRecord writeOff) {
            return UsageRecordRules.decide(state, writeOff);
        }
        if (command instanceof SettleUsageRecord settle) {
            return UsageRecordRules.decide(state, settle);
        }
        throw noRuleFor(command);
    }

    private static Decision decideLife(InstanceState state, InstanceCommand command) {
        if (command instanceof ReleaseInstance release) {
            return ReleaseRules.decide(state, release);
        }
        if (command instanceof FreezeInstance freeze) {
            return LifecycleRules.decide(state, freeze);
        }
        if (command instanceof UnfreezeInstance unfreeze) {
            return LifecycleRules.decide(state, unfreeze);
        }
        if (command instanceof ExpireInstance expire) {
            return LifecycleRules.decide(state, expire);
        }
        if (command instanceof RenewInstance renew) {
            return LifecycleRules.decide(state, renew);
        }
        if (command instanceof UpgradeInstance upgrade) {
            return LifecycleRules.decide(state, upgrade);
        }
        if (command instanceof AddPackage add) {
            return PackageRules.decide(state, add);
        }
        if (command instanceof NoticePackageUsedUp notice) {
            return PackageRules.decide(state, notice);
        }
        if (command instanceof WriteOffRemainder writeOff) {
            return WithheldUsageRules.decide(state, writeOff);
        }
        throw noRuleFor(command);
    }

    private static IllegalArgumentException noRuleFor(InstanceCommand command) {
        return new IllegalArgumentException("a command that no rule knows: " + command);
    }

    /** What must be recalled from the stream before a command can be decided; empty if the state remembers enough. */
    public static Optional<Recall> recallFor(InstanceState state, InstanceCommand command) {
        RecentHours recent = state.recent();
        if (command instanceof AboutHour about && !recent.remembers(about.hour())) {
            return Optional.of(new Recall.OfHour(about.hour()));
        }
        if (command instanceof AboutRecord about
                && recent.forgotAny()
                && recent.hourOfRecord(about.meteringSn()).isEmpty()) {
            return Optional.of(new Recall.OfRecord(about.meteringSn()));
        }
        if (command instanceof AddPackage add
                && state.packages().forgotten() > 0
                && state.packages().find(add.packageInstanceId()).isEmpty()) {
            return Optional.of(new Recall.OfPackage(add.packageInstanceId()));
        }
        return Optional.empty();
    }

    /** Something older than the state remembers. */
    public sealed interface Recall {
        /** Everything about an hour. */
        record OfHour(UsageHour hour) implements Recall {}

        /** Everything about the hour for which a record was built. */
        record OfRecord(MeteringSn meteringSn) implements Recall {}

        /** Whether a package was ever added. */
        record OfPackage(String packageInstanceId) implements Recall {}
    }
}
