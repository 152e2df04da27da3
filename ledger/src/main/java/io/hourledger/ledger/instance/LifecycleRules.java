package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.ExpireInstance;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceExpired;
import io.hourledger.contracts.instance.InstanceEvent.InstanceFrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceRenewed;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUnfrozen;
import io.hourledger.contracts.instance.InstanceEvent.InstanceUpgraded;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.ledger.instance.SellerPolicy.FreezeAtRenewal;
import java.util.List;

/** An instance is frozen, unfrozen, expired, renewed and upgraded until it ends; each of these once. */
final class LifecycleRules {

    private LifecycleRules() {}

    static Decision decide(InstanceState state, FreezeInstance command) {
        return unlessDone(
                state,
                state.life().pausedBy(WithholdReason.FROZEN),
                new InstanceFrozen(state.instanceId(), command.frozenAt()));
    }

    static Decision decide(InstanceState state, UnfreezeInstance command) {
        return unlessDone(
                state,
                !state.life().pausedBy(WithholdReason.FROZEN),
                new InstanceUnfrozen(state.instanceId(), command.unfrozenAt()));
    }

    static Decision decide(InstanceState state, ExpireInstance command) {
        return unlessDone(
                state,
                state.life().pausedBy(WithholdReason.EXPIRED),
                new InstanceExpired(state.instanceId(), command.expiredAt()));
    }

    static Decision decide(InstanceState state, RenewInstance command, SellerPolicy policy) {
        InstanceRenewed renewed =
                new InstanceRenewed(state.instanceId(), command.orderId(), command.expiresAt(), command.renewedAt());
        List<InstanceEvent> events = endsFreeze(state, command, policy)
                ? List.of(renewed, new InstanceUnfrozen(state.instanceId(), command.renewedAt()))
                : List.of(renewed);
        return unlessDone(state, state.laterOrders().contains(command.orderId()), events);
    }

    /** V2.0 has no call that expires: a freeze is the expiry, and renewing unfreezes (koogallery.md, 4.1 and 4.4). */
    private static boolean endsFreeze(InstanceState state, RenewInstance command, SellerPolicy policy) {
        boolean termRuns = command.expiresAt() == null || command.expiresAt().isAfter(command.renewedAt());
        return policy.freezeAtRenewal() == FreezeAtRenewal.ENDS
                && termRuns
                && state.life().pausedBy(WithholdReason.FROZEN);
    }

    static Decision decide(InstanceState state, UpgradeInstance command) {
        if (command.product().chargingMode() == ChargingMode.ON_DEMAND_PKG) {
            return OpenInstanceRules.aPackageIsNoInstance(command.product());
        }
        if (!command.product().meter().equals(state.origin().product().meter())) {
            return new Decision.Refused(
                    "one-meter",
                    "an instance has one meter, here "
                            + state.origin().product().meter() + ", and product "
                            + command.product().productId() + " has "
                            + command.product().meter());
        }
        return unlessDone(
                state,
                state.laterOrders().contains(command.orderId()),
                new InstanceUpgraded(
                        state.instanceId(),
                        command.orderId(),
                        command.product().productId(),
                        command.product().chargingMode().name(),
                        command.product().pricingMode().name(),
                        command.product().billingCycle().name(),
                        command.upgradedAt()));
    }

    private static Decision unlessDone(InstanceState state, boolean done, InstanceEvent event) {
        return unlessDone(state, done, List.of(event));
    }

    private static Decision unlessDone(InstanceState state, boolean done, List<InstanceEvent> events) {
        if (done) {
            return new Decision.AlreadyDone();
        }
        return state.life().releasedAt() == null
                ? new Decision.Done(events)
                : new Decision.Refused("released", "instance " + state.instanceId() + " has ended");
    }
}
