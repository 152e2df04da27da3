package io.hourledger.pusher.callback;

import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.Decision;
import io.hourledger.ledger.Ledger;
import io.hourledger.pusher.callback.RequestedInstances.Requested;
import io.hourledger.pusher.callback.RequestedInstances.State;
import io.hourledger.pusher.gallery.GalleryOrder;
import io.hourledger.pusher.gallery.OrderDesk;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Opens what {@code newInstance} asked for. The call carries ids only, so buyer and product come from query order; what that cannot tell
 * for sure is held for a person instead of guessed. Opening again opens nothing new.
 */
final class Opening {

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    /** Debug orders name no customer. */
    private static final String NO_BUYER = "unknown";

    private final RequestedInstances requests;
    private final OrderDesk orders;
    private final Catalogue catalogue;
    private final Ledger ledger;
    private final TransactionTemplate transaction;

    Opening(
            RequestedInstances requests,
            OrderDesk orders,
            Catalogue catalogue,
            Ledger ledger,
            TransactionTemplate transaction) {
        this.requests = requests;
        this.orders = orders;
        this.catalogue = catalogue;
        this.ledger = ledger;
        this.transaction = transaction;
    }

    /** How far an opening got. */
    sealed interface Outcome {

        record Open(String instanceId) implements Outcome {}

        /** It will be tried again, by itself or after a person has looked; the marketplace is told to ask again. */
        record Pending(String instanceId, String why) implements Outcome {}

        /** It was released before it was opened, and stays so. */
        record GivenBack() implements Outcome {}

        /** The call makes no sense. */
        record Nonsense(String why) implements Outcome {}
    }

    Outcome open(Requested requested) {
        if (requested.state() == State.OPEN) {
            return new Outcome.Open(requested.instanceId());
        }
        if (requested.state() == State.RELEASED) {
            return new Outcome.GivenBack();
        }
        OrderDesk.Answer answer = orders.query(requested.orderId(), requested.orderLineId());
        if (answer instanceof OrderDesk.Answer.Found found) {
            return ofOrder(requested, found.order());
        }
        if (answer instanceof OrderDesk.Answer.Refused refused) {
            return held(requested, "query order: " + refused.code() + " " + refused.message());
        }
        if (answer instanceof OrderDesk.Answer.NotAllowed notAllowed) {
            return held(requested, "query order does not accept our access key: " + notAllowed.code());
        }
        String why = ((OrderDesk.Answer.Unavailable) answer).why();
        if (requests.waiting(requested, why)) {
            LOG.atWarn()
                    .addKeyValue("order", requested.orderId())
                    .addKeyValue("why", why)
                    .log("the order could not be looked up; the instance waits");
        }
        return new Outcome.Pending(requested.instanceId(), "the order cannot be looked up yet");
    }

    private Outcome ofOrder(Requested requested, GalleryOrder order) {
        Optional<GalleryOrder.Line> line = order.line(requested.orderLineId());
        if (line.isEmpty()) {
            return held(requested, "the order has no line " + requested.orderLineId());
        }
        Optional<String> productId = productId(requested, line.get());
        if (productId.isEmpty()) {
            return held(
                    requested,
                    "the order line has " + line.get().productIds().size()
                            + " products and the call does not tell which is meant");
        }
        if (!line.get().productIds().contains(productId.get())) {
            return new Outcome.Nonsense("product " + productId.get() + " is not on the order line");
        }
        Optional<Product> product = catalogue.product(productId.get());
        if (product.isEmpty()) {
            return held(requested, "product " + productId.get() + " is not in the catalogue");
        }
        if (!product.get().chargingMode().name().equals(line.get().chargingMode())) {
            return held(
                    requested,
                    "product " + productId.get() + " is sold as " + line.get().chargingMode() + ", the catalogue says "
                            + product.get().chargingMode());
        }
        return inTransaction(requested, order, product.get());
    }

    private static Optional<String> productId(Requested requested, GalleryOrder.Line line) {
        if (!requested.productHint().isEmpty()) {
            return Optional.of(requested.productHint());
        }
        return line.productIds().size() == 1 ? Optional.of(line.productIds().get(0)) : Optional.empty();
    }

    private Outcome inTransaction(Requested requested, GalleryOrder order, Product product) {
        String item = product.chargingMode() == ChargingMode.ON_DEMAND ? product.productId() : requested.orderLineId();
        return Objects.requireNonNull(transaction.execute(tx -> {
            if (requests.lock(requested) == State.RELEASED) {
                return new Outcome.GivenBack();
            }
            String instanceId = requests.claimItem(requested.orderId(), item, requested.instanceId());
            Decision decision = ledger.handle(new OpenInstance(
                    new InstanceId(instanceId),
                    requested.orderId(),
                    requested.orderLineId(),
                    product,
                    Objects.requireNonNullElse(order.buyerId(), NO_BUYER),
                    requested.test(),
                    requested.firstCalledAt()));
            boolean another = !instanceId.equals(requested.instanceId());
            if (decision instanceof Decision.Done || decision instanceof Decision.AlreadyDone || another) {
                requests.opened(requested, instanceId);
                LOG.atInfo()
                        .addKeyValue("instance", instanceId)
                        .addKeyValue("order", requested.orderId())
                        .addKeyValue("product", product.productId())
                        .addKeyValue("test", requested.test())
                        .log("instance opened");
                return new Outcome.Open(instanceId);
            }
            tx.setRollbackOnly();
            return new Outcome.Nonsense("the ledger does not open it: " + decision);
        }));
    }

    private Outcome held(Requested requested, String why) {
        if (requests.held(requested, why)) {
            LOG.atError()
                    .addKeyValue("order", requested.orderId())
                    .addKeyValue("orderLine", requested.orderLineId())
                    .addKeyValue("instance", requested.instanceId())
                    .addKeyValue("why", why)
                    .log("an instance is held and not opened, a person must look");
        }
        return new Outcome.Pending(requested.instanceId(), why);
    }
}
