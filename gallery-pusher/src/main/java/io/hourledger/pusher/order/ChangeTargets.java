package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Product;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the product that a change leads to: of an upgrade in its order, of a renewal in the call itself or in its order. */
public final class ChangeTargets {

    private final OrderedProducts products;

    ChangeTargets(OrderedProducts products) {
        this.products = products;
    }

    /** What a change leads to. */
    public sealed interface Target {

        /**
         * It can be done.
         *
         * @param product null if the product stays
         */
        record Known(@Nullable Product product) implements Target {}

        /** Ask again later. */
        record NotNow(String why) implements Target {}

        /** A person must look. */
        record Held(String why) implements Target {}
    }

    /**
     * The instance that changes.
     *
     * @param account the seller account that it is of
     * @param meter the meter that it has for its life
     * @param test whether it is for debugging
     */
    public record Changing(String account, InstanceId instance, String meter, boolean test) {}

    /** Asks the marketplace, and never within a transaction. */
    public Target of(Changing changing, DeferredChange change) {
        return switch (change.kind()) {
            case FREEZE, UNFREEZE, EXPIRE -> new Target.Known(null);
            case RENEW -> change.orderLineId() == null ? named(change.productId()) : ordered(changing, change);
            case UPGRADE -> ordered(changing, change);
        };
    }

    private Target ordered(Changing changing, DeferredChange change) {
        OrderedProducts.Question question = new OrderedProducts.Question(
                changing.account,
                changing.test,
                changing.instance.value(),
                Objects.requireNonNull(change.orderId()),
                Objects.requireNonNull(change.orderLineId()),
                Objects.requireNonNullElse(change.productId(), ""),
                new OrderedProducts.Purpose.Change(changing.meter));
        return switch (products.find(question)) {
            case OrderedProducts.Answer.Found found -> new Target.Known(found.product());
            case OrderedProducts.Answer.FoundPackage _ ->
                new Target.Held("it is a package, and no instance goes on as one");
            case OrderedProducts.Answer.NotNow notNow -> new Target.NotNow(notNow.why());
            case OrderedProducts.Answer.Held held -> new Target.Held(held.why());
            case OrderedProducts.Answer.NotOnTheLine nonsense -> new Target.Held(nonsense.why());
        };
    }

    private Target named(@Nullable String productId) {
        if (productId == null) {
            return new Target.Known(null);
        }
        return products.inCatalogue(productId)
                .<Target>map(Target.Known::new)
                .orElseGet(() -> new Target.Held("product " + productId + " is not in the catalogue"));
    }
}
