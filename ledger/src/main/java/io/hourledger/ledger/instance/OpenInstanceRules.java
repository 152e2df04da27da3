package io.hourledger.ledger.instance;

import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.contracts.instance.ProductTerms;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import java.util.List;
import java.util.Objects;

/** An instance is opened once, for one product of one order: for debugging or for real, and never as both. */
final class OpenInstanceRules {

    private OpenInstanceRules() {}

    static Decision decideFirst(OpenInstance command) {
        if (command.product().chargingMode() == ChargingMode.ON_DEMAND_PKG) {
            return aPackageIsNoInstance(command.product());
        }
        return new Decision.Done(List.of(opened(command)));
    }

    static Decision decide(InstanceState state, OpenInstance command) {
        if (command.product().chargingMode() == ChargingMode.ON_DEMAND_PKG) {
            return aPackageIsNoInstance(command.product());
        }
        Origin origin = state.origin();
        boolean same = origin.order().orderId().equals(command.order().orderId())
                && Objects.equals(origin.order().account(), command.order().account())
                && origin.test() == command.test()
                && origin.product().productId().equals(command.product().productId());
        return same
                ? new Decision.AlreadyDone()
                : new Decision.Refused(
                        "opened-otherwise",
                        "instance " + state.instanceId() + " was opened for product "
                                + origin.product().productId() + (origin.test() ? " of debugging order " : " of order ")
                                + origin.order().orderId() + " of seller account "
                                + origin.order().account());
    }

    /** Its usage would be drawn from nothing, while the instance that it was bought for would be billed by unit price. */
    static Decision aPackageIsNoInstance(Product product) {
        return new Decision.Refused(
                "package-is-no-instance",
                "product " + product.productId()
                        + " is a stop-when-used-up package: it is added to an instance, and is none");
    }

    private static InstanceOpened opened(OpenInstance command) {
        return new InstanceOpened(
                command.instanceId().value(),
                command.order(),
                ProductTerms.of(command.product()),
                command.buyerId(),
                command.test(),
                command.openedAt(),
                command.unsold() == null ? null : command.unsold().who(),
                command.unsold() == null ? null : command.unsold().why());
    }
}
