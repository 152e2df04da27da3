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
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.instance.SellerPolicy.FreezeAtRenewal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        Product product = command.product();
        if (product != null && mistakeIn(state, product) instanceof Decision.Refused refused) {
            return refused;
        }
        List<InstanceEvent> events = new ArrayList<>();
        events.add(
                new InstanceRenewed(state.instanceId(), command.orderId(), command.expiresAt(), command.renewedAt()));
        if (!command.termRuns() && state.life().pausedBy(WithholdReason.EXPIRED)) {
            // the event of a renewal ends an expiry; this one begins again at once
            events.add(new InstanceExpired(state.instanceId(), command.renewedAt()));
        }
        if (endsFreeze(state, command, policy)) {
            events.add(new InstanceUnfrozen(state.instanceId(), command.renewedAt()));
        }
        if (product != null
                && !product.productId().equals(state.origin().product().productId())) {
            events.add(upgraded(state, command.orderId(), product, command.renewedAt()));
        }
        String term = InstanceState.term(command.orderId(), command.expiresAt());
        return unlessDone(state, state.laterOrders().contains(term), List.copyOf(events));
    }

    /** V2.0 has no call that expires: a freeze is the expiry, and renewing unfreezes (koogallery.md, 4.1 and 4.4). V1.0 has calls for each. */
    private static boolean endsFreeze(InstanceState state, RenewInstance command, SellerPolicy policy) {
        return command.mayEndFreeze()
                && command.termRuns()
                && policy.freezeAtRenewal() == FreezeAtRenewal.ENDS
                && state.life().pausedBy(WithholdReason.FROZEN);
    }

    static Decision decide(InstanceState state, UpgradeInstance command) {
        return mistakeIn(state, command.product()) instanceof Decision.Refused refused
                ? refused
                : unlessDone(
                        state,
                        state.laterOrders().contains(command.orderId()),
                        upgraded(state, command.orderId(), command.product(), command.upgradedAt()));
    }

    /** Why the instance cannot go on as this product; null if it can. */
    private static @Nullable Decision mistakeIn(InstanceState state, Product product) {
        if (product.chargingMode() == ChargingMode.ON_DEMAND_PKG) {
            return OpenInstanceRules.aPackageIsNoInstance(product);
        }
        String meter = state.origin().product().meter();
        return product.meter().equals(meter)
                ? null
                : new Decision.Refused(
                        "one-meter",
                        "an instance has one meter, here " + meter + ", and product " + product.productId() + " has "
                                + product.meter());
    }

    private static InstanceUpgraded upgraded(InstanceState state, String orderId, Product product, Instant at) {
        return new InstanceUpgraded(
                state.instanceId(),
                orderId,
                product.productId(),
                product.chargingMode().name(),
                product.pricingMode().name(),
                product.billingCycle().name(),
                at);
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
