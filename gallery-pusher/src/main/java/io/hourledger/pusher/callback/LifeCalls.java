package io.hourledger.pusher.callback;

import static io.hourledger.pusher.callback.Callbacks.ID_CHARS;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.FreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReleaseInstance;
import io.hourledger.contracts.instance.InstanceCommand.RenewInstance;
import io.hourledger.contracts.instance.InstanceCommand.UnfreezeInstance;
import io.hourledger.contracts.instance.InstanceCommand.UpgradeInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.Decision;
import io.hourledger.ledger.InstanceView;
import io.hourledger.ledger.Ledger;
import io.hourledger.ledger.LedgerQueries;
import io.hourledger.pusher.callback.Call.InvalidCallException;
import io.hourledger.pusher.callback.RequestedInstances.Requested;
import io.hourledger.pusher.gallery.OrderDesk;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls about an instance that is open: renewed, frozen, unfrozen, upgraded, released. Each may come again. */
final class LifeCalls {

    private static final Logger LOG = LoggerFactory.getLogger(LifeCalls.class);
    private static final int STATUS_CHARS = 32;

    private final RequestedInstances requests;
    private final OrderDesk orders;
    private final Catalogue catalogue;
    private final Ledger ledger;
    private final LedgerQueries queries;
    private final Clock businessTime;

    LifeCalls(
            RequestedInstances requests,
            OrderDesk orders,
            Catalogue catalogue,
            Ledger ledger,
            LedgerQueries queries,
            Clock businessTime) {
        this.requests = requests;
        this.orders = orders;
        this.catalogue = catalogue;
        this.ledger = ledger;
        this.queries = queries;
        this.businessTime = businessTime;
    }

    CallbackAnswer renew(Call call) {
        return change(
                call,
                new RenewInstance(
                        instanceId(call),
                        call.required("orderId", ID_CHARS),
                        call.requiredTime("expireTime"),
                        businessTime.instant()));
    }

    /** V2.0 says UNFREEZE, V1.0 NORMAL (koogallery.md, section 9). */
    CallbackAnswer changeStatus(Call call) {
        return switch (call.required("status", STATUS_CHARS)) {
            case "FREEZE" -> change(call, new FreezeInstance(instanceId(call), businessTime.instant()));
            case "UNFREEZE", "NORMAL" -> change(call, new UnfreezeInstance(instanceId(call), businessTime.instant()));
            default -> CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "no such status");
        };
    }

    /** The new product stands in the new order only. */
    CallbackAnswer upgrade(Call call) {
        InstanceId instanceId = instanceId(call);
        String orderId = call.required("orderId", ID_CHARS);
        String orderLineId = call.required("orderLineId", ID_CHARS);
        OrderDesk.Answer answer = orders.query(orderId, orderLineId);
        if (!(answer instanceof OrderDesk.Answer.Found found)) {
            LOG.atError()
                    .addKeyValue("instance", instanceId.value())
                    .addKeyValue("order", orderId)
                    .addKeyValue("answer", answer.toString())
                    .log("an upgrade's order could not be looked up; the marketplace or a person must call again");
            return CallbackAnswer.of(ResultCode.INTERNAL_ERROR, "the order cannot be looked up");
        }
        List<String> products =
                found.order().line(orderLineId).map(line -> line.productIds()).orElse(List.of());
        if (products.size() != 1) {
            return CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "the order line does not tell one product");
        }
        Optional<Product> product = catalogue.product(products.get(0));
        if (product.isEmpty()) {
            LOG.atError()
                    .addKeyValue("instance", instanceId.value())
                    .addKeyValue("product", products.get(0))
                    .log("an upgrade to a product that is not in the catalogue");
            return CallbackAnswer.of(ResultCode.INTERNAL_ERROR, "the product is not in the catalogue");
        }
        return change(call, new UpgradeInstance(instanceId, orderId, product.get(), businessTime.instant()));
    }

    /** Usage is metered, so any amount of it fits into any product of the same meter. */
    CallbackAnswer checkChange(Call call) {
        Optional<InstanceView> instance = queries.instance(instanceId(call));
        if (instance.isEmpty()) {
            return CallbackAnswer.of(ResultCode.NO_SUCH_INSTANCE);
        }
        String productId = call.part("productInfo")
                .orElseThrow(() -> new InvalidCallException("productInfo is missing"))
                .required("productId", ID_CHARS);
        boolean possible = catalogue
                .product(productId)
                .filter(product ->
                        product.meter().equals(instance.get().origin().meter()))
                .isPresent();
        return possible
                ? CallbackAnswer.of(ResultCode.SUCCESS)
                : CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "the instance cannot go on as product " + productId);
    }

    CallbackAnswer release(Call call) {
        InstanceId instanceId = instanceId(call);
        if (!ofAnotherWorld(call) && requests.releaseUnopened(instanceId.value())) {
            return CallbackAnswer.of(ResultCode.SUCCESS);
        }
        return change(
                call, new ReleaseInstance(instanceId, call.optional("orderId").orElse(null), businessTime.instant()));
    }

    private CallbackAnswer change(Call call, InstanceCommand command) {
        String instanceId = command.instanceId().value();
        if (ofAnotherWorld(call)) {
            return CallbackAnswer.of(ResultCode.NO_SUCH_INSTANCE, "a debugging call is about debugging instances only");
        }
        Decision decision = ledger.handle(command);
        if (decision instanceof Decision.UnknownInstance) {
            return CallbackAnswer.of(
                    requests.anyNotOpen(List.of(instanceId)) ? ResultCode.IN_PROGRESS : ResultCode.NO_SUCH_INSTANCE);
        }
        if (decision instanceof Decision.Refused refused) {
            LOG.atError()
                    .addKeyValue("instance", instanceId)
                    .addKeyValue("activity", call.activity())
                    .addKeyValue("rule", refused.rule())
                    .addKeyValue("detail", refused.detail())
                    .log("the ledger does not do what the marketplace says");
            return CallbackAnswer.of(ResultCode.INTERNAL_ERROR, refused.detail());
        }
        if (decision instanceof Decision.Done) {
            LOG.atInfo()
                    .addKeyValue("instance", instanceId)
                    .addKeyValue("activity", call.activity())
                    .log("an instance's life went on");
        }
        return CallbackAnswer.of(ResultCode.SUCCESS);
    }

    /** Debugging calls reach the production address; they must not touch what is billed. */
    private boolean ofAnotherWorld(Call call) {
        return call.test()
                && !requests.ofInstance(instanceId(call).value())
                        .map(Requested::test)
                        .orElse(false);
    }

    private static InstanceId instanceId(Call call) {
        return new InstanceId(call.required("instanceId", ID_CHARS));
    }
}
