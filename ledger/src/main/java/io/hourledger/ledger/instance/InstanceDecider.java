package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.AboutHour;
import io.hourledger.contracts.instance.InstanceCommand.AboutPackage;
import io.hourledger.contracts.instance.InstanceCommand.AboutRecord;
import io.hourledger.contracts.instance.InstanceCommand.AddPackage;
import io.hourledger.contracts.instance.InstanceCommand.BillWithheldUsage;
import io.hourledger.contracts.instance.InstanceCommand.DisputeUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.EnterRecount;
import io.hourledger.contracts.instance.InstanceCommand.ExpireInstance;
import io.hourledger.contracts.instance.InstanceCommand.ExpirePackage;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.FreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.MarkUsageRecordUnknown;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.NoticePackageUsedUp;
import io.hourledger.contracts.instance.InstanceCommand.NoticeThresholdReached;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.RefuseUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReissueUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReleasePackage;
import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceCommand.RenewPackage;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.SettleUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezePackage;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceCommand.WithdrawPackage;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffRemainder;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffUsageRecord;
import io.hourledger.contracts.instance.InstanceCommand.WriteOffWithheldUsage;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.UsageHour;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one place where commands become events: a function of state, command and the seller's settings, and of nothing else. */
public final class InstanceDecider {

    private final SellerPolicies policies;

    /** Decides by what each seller account has settled. */
    public InstanceDecider(SellerPolicies policies) {
        this.policies = policies;
    }

    /** Decides by one policy, whatever account an instance is of. */
    public InstanceDecider(SellerPolicy policy) {
        this(account -> policy);
    }

    /**
     * Decides with all of the instance's history in view.
     *
     * @param state null if the instance is unknown
     * @param history of the same instance
     */
    public Decision decide(@Nullable InstanceState state, InstanceCommand command, HistoryLookup history) {
        InstanceState recalled = state == null
                ? null
                : recallFor(state, command)
                        .map(forgotten -> history.recall(state, forgotten))
                        .orElse(state);
        return decide(recalled, command);
    }

    /**
     * @param state null if the instance is unknown
     */
    public Decision decide(@Nullable InstanceState state, InstanceCommand command) {
        if (state == null) {
            return command instanceof OpenInstance open
                    ? OpenInstanceRules.decideFirst(open)
                    : new Decision.UnknownInstance();
        }
        SellerPolicy policy = policies.of(state.origin().order().account());
        return switch (command) {
            case OpenInstance open -> OpenInstanceRules.decide(state, open);
            case MeterHour meter -> MeterHourRules.decide(state, meter, policy);
            case ReportUsageRecord report -> UsageRecordRules.decide(state, report);
            case RefuseUsageRecord refuse -> UsageRecordRules.decide(state, refuse);
            case MarkUsageRecordUnknown unknown -> UsageRecordRules.decide(state, unknown);
            case DisputeUsageRecord dispute -> UsageRecordRules.decide(state, dispute);
            case ReissueUsageRecord reissue -> UsageRecordRules.decide(state, reissue, policy);
            case WriteOffUsageRecord writeOff -> UsageRecordRules.decide(state, writeOff);
            case SettleUsageRecord settle -> UsageRecordRules.decide(state, settle);
            case EnterRecount recount -> WithheldUsageRules.decide(state, recount, policy);
            case BillWithheldUsage bill -> WithheldUsageRules.decide(state, bill, policy);
            case WriteOffWithheldUsage writeOff -> WithheldUsageRules.decide(state, writeOff);
            case WriteOffRemainder writeOff -> WithheldUsageRules.decide(state, writeOff);
            case FreezeInstance freeze -> LifecycleRules.decide(state, freeze);
            case UnfreezeInstance unfreeze -> LifecycleRules.decide(state, unfreeze);
            case ExpireInstance expire -> LifecycleRules.decide(state, expire);
            case RenewInstance renew -> LifecycleRules.decide(state, renew, policy);
            case UpgradeInstance upgrade -> LifecycleRules.decide(state, upgrade);
            case ReleaseInstance release -> ReleaseRules.decide(state, release);
            case AddPackage add -> PackageRules.decide(state, add);
            case FreezePackage freeze -> PackageRules.decide(state, freeze);
            case UnfreezePackage unfreeze -> PackageRules.decide(state, unfreeze);
            case ExpirePackage expire -> PackageRules.decide(state, expire);
            case RenewPackage renew -> PackageRules.decide(state, renew, policy);
            case WithdrawPackage withdraw -> PackageRules.decide(state, withdraw);
            case ReleasePackage release -> PackageRules.decide(state, release);
            case NoticePackageUsedUp notice -> PackageRules.decide(state, notice);
            case NoticeThresholdReached notice -> ThresholdRules.decide(state, notice);
        };
    }

    /** What must be recalled from the stream before a command can be decided; empty if the state remembers enough. */
    public static Optional<Recall> recallFor(InstanceState state, InstanceCommand command) {
        return switch (command) {
            case AboutHour about ->
                state.recent().remembers(about.hour())
                        ? Optional.empty()
                        : Optional.of(new Recall.OfHour(about.hour()));
            case AboutRecord about -> recallFor(state.recent(), about.meteringSn());
            case AboutPackage about -> recallFor(state.packages(), about.packageInstanceId());
            case OpenInstance _,
                    ReleaseInstance _,
                    RenewInstance _,
                    UpgradeInstance _,
                    FreezeInstance _,
                    UnfreezeInstance _,
                    ExpireInstance _,
                    NoticeThresholdReached _,
                    WriteOffRemainder _ -> Optional.empty();
        };
    }

    private static Optional<Recall> recallFor(RecentHours recent, MeteringSn meteringSn) {
        return recent.forgotAny() && recent.hourOfRecord(meteringSn).isEmpty()
                ? Optional.of(new Recall.OfRecord(meteringSn))
                : Optional.empty();
    }

    private static Optional<Recall> recallFor(Packages packages, String packageInstanceId) {
        return packages.forgotten() > 0 && packages.find(packageInstanceId).isEmpty()
                ? Optional.of(new Recall.OfPackage(packageInstanceId))
                : Optional.empty();
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
