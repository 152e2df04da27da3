package io.hourledger.pusher.instances;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.RequestedInstances;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens instances that nobody has ordered: for an app that meters before it sells, for a trial, for a test. Their usage is counted and shown, and
 * never billed, whatever follows: a buyer who orders gets an instance of its own.
 */
final class UnsoldInstances {

    private static final Logger LOG = LoggerFactory.getLogger(UnsoldInstances.class);

    private final Ledger ledger;
    private final Catalogue catalogue;
    private final RequestedInstances requests;
    private final PackageInstances packages;
    private final Clock businessTime;

    UnsoldInstances(
            Ledger ledger,
            Catalogue catalogue,
            RequestedInstances requests,
            PackageInstances packages,
            Clock businessTime) {
        this.ledger = ledger;
        this.catalogue = catalogue;
        this.requests = requests;
        this.packages = packages;
        this.businessTime = businessTime;
    }

    /** What came of it. */
    sealed interface Outcome {

        /** It is open, now or since before. */
        record Open() implements Outcome {}

        /** It cannot be opened so; {@code why} is a sentence. */
        record Impossible(String why) implements Outcome {}
    }

    /**
     * Opens one. Opening the same again changes nothing. An id that the marketplace has given is the buyer's, also before it is open: an instance
     * under it that is not sold could never be opened for the order.
     *
     * @param userId whoever uses it
     */
    Outcome open(InstanceId instanceId, String productId, String userId, DecidedBy by) {
        Optional<Product> product = catalogue.product(productId);
        if (product.isEmpty()) {
            return new Outcome.Impossible("there is no product " + productId + " in the catalogue");
        }
        if (requests.ofInstance(instanceId.value()).isPresent()
                || !packages.servedBy(instanceId.value()).isEmpty()) {
            return new Outcome.Impossible("the marketplace has asked for instance " + instanceId.value()
                    + " by an order; take another id for what is not sold");
        }
        return switch (ledger.handle(
                OpenInstance.unsold(instanceId, product.get(), userId, by, businessTime.instant()))) {
            case Decision.Done _ -> {
                LOG.atInfo()
                        .addKeyValue("instance", instanceId.value())
                        .addKeyValue("product", productId)
                        .addKeyValue("who", by.who())
                        .addKeyValue("why", by.why())
                        .log("an instance without a marketplace is open");
                yield new Outcome.Open();
            }
            case Decision.AlreadyDone _ -> new Outcome.Open();
            case Decision.Refused(String _, String detail) -> new Outcome.Impossible(detail);
            case Decision.UnknownInstance _ ->
                throw new IllegalStateException("opening needs no instance that is known");
        };
    }
}
