package io.hourledger.pusher.koogallery.callback;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.koogallery.callback.Call.InvalidCallException;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.RequestedInstances;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an instance can go on as another product (koogallery.md, section 4.4): the marketplace asks before it sells the change. Usage is
 * metered, so any amount of it fits into any product of the same meter that is paid for in the same way.
 */
final class ChangeCheck {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeCheck.class);

    private final RequestedInstances requests;
    private final PackageInstances packages;
    private final Catalogue catalogue;
    private final LedgerQueries queries;

    ChangeCheck(RequestedInstances requests, PackageInstances packages, Catalogue catalogue, LedgerQueries queries) {
        this.requests = requests;
        this.packages = packages;
        this.catalogue = catalogue;
        this.queries = queries;
    }

    /**
     * Changes nothing.
     *
     * @throws InvalidCallException if it lacks what it needs
     */
    CallbackAnswer answer(Call call) {
        String instanceId = call.required("instanceId", Callbacks.ID_CHARS);
        String productId = call.part("productInfo")
                .orElseThrow(() -> new InvalidCallException("productInfo is missing, or is no JSON object"))
                .required("productId", Callbacks.ID_CHARS);
        Optional<InstanceView> instance = queries.instance(new InstanceId(instanceId));
        if (instance.isEmpty()) {
            return ofNoInstance(instanceId);
        }
        Optional<String> objection = objection(instance.get(), productId);
        if (objection.isEmpty()) {
            return CallbackAnswer.of(ResultCode.SUCCESS);
        }
        LOG.atInfo()
                .addKeyValue("instance", instanceId)
                .addKeyValue("product", productId)
                .addKeyValue("why", objection.get())
                .log("the marketplace was told that a change cannot be done");
        return CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, objection.get());
    }

    private CallbackAnswer ofNoInstance(String instanceId) {
        if (!packages.servedBy(instanceId).isEmpty()) {
            return CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "a package cannot go on as another product");
        }
        return requests.anyNotOpen(List.of(instanceId))
                ? CallbackAnswer.of(ResultCode.INTERNAL_ERROR, "the instance is not open yet")
                : CallbackAnswer.of(ResultCode.NO_SUCH_INSTANCE);
    }

    /** Why the change cannot be done; empty if it can. */
    private Optional<String> objection(InstanceView instance, String productId) {
        Product now = instance.origin().product();
        Optional<Product> target = catalogue.product(productId);
        if (instance.releasedAt() != null) {
            return Optional.of("the instance has ended");
        }
        if (target.isEmpty()) {
            return Optional.of("product " + productId + " is not in the catalogue");
        }
        ChargingMode mode = target.get().chargingMode();
        if (mode != now.chargingMode()) {
            return Optional.of(
                    "product " + productId + " is sold as " + mode + ", the instance as " + now.chargingMode());
        }
        return target.get().meter().equals(now.meter())
                ? Optional.empty()
                : Optional.of("product " + productId + " has the meter "
                        + target.get().meter() + ", the instance " + now.meter());
    }
}
