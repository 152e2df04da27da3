package io.hourledger.pusher.order;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the product that an order line sells; what query order and catalogue cannot tell for sure is never guessed. An order that sells a
 * stop-when-used-up package is held with all its lines: billed as if it sold none, the buyer would pay for the same usage twice.
 */
public final class OrderedProducts {

    private static final Logger LOG = LoggerFactory.getLogger(OrderedProducts.class);

    private final OrderLookup orders;
    private final Catalogue catalogue;

    OrderedProducts(OrderLookup orders, Catalogue catalogue) {
        this.orders = orders;
        this.catalogue = catalogue;
        catalogue.products().stream()
                .filter(product -> product.chargingMode() == ChargingMode.ON_DEMAND_PKG)
                .forEach(product -> LOG.atError()
                        .addKeyValue("product", product.productId())
                        .log("stop-when-used-up packages are not supported yet; orders for this one are held"));
    }

    /** What is known of an order line. */
    public sealed interface Answer {

        /** What a person should know about it. */
        String why();

        record Found(MarketplaceOrder order, Product product) implements Answer {
            @Override
            public String why() {
                return "it sells product " + product.productId();
            }
        }

        /** Ask again later. */
        record NotNow(String why) implements Answer {}

        /** A person must look. */
        record Held(String why) implements Answer {}

        /** The call names a product that the line does not sell. */
        record NotOnTheLine(String productId) implements Answer {
            @Override
            public String why() {
                return "product " + productId + " is not on the order line";
            }
        }
    }

    /**
     * Asks the marketplace once for the order, and the catalogue for its product.
     *
     * @param productHint the product that the call named; empty if it named none
     */
    public Answer find(String orderId, String orderLineId, String productHint) {
        return switch (orders.query(orderId, orderLineId)) {
            case OrderLookup.Answer.Found(MarketplaceOrder order) -> ofOrder(order, orderLineId, productHint);
            case OrderLookup.Answer.Refused(String code, String message) ->
                new Answer.Held("query order: " + code + " " + message);
            case OrderLookup.Answer.NotAllowed(String code, String _) ->
                new Answer.Held("query order does not accept our access key: " + code);
            case OrderLookup.Answer.Unavailable(String why) -> new Answer.NotNow(why);
        };
    }

    private Answer ofOrder(MarketplaceOrder order, String orderLineId, String productHint) {
        Optional<MarketplaceOrder.Line> line = order.line(orderLineId);
        if (line.isEmpty()) {
            return new Answer.Held("the order has no line " + orderLineId);
        }
        Optional<MarketplaceOrder.Line> sold = order.lines().stream()
                .filter(any -> any.chargingMode().equals(ChargingMode.ON_DEMAND_PKG.name()))
                .findFirst();
        if (sold.isPresent()) {
            return new Answer.Held(
                    "order line " + sold.get().orderLineId() + " sells a stop-when-used-up package (product "
                            + String.join(", ", sold.get().productIds())
                            + ", ON_DEMAND_PKG), which is not supported yet: have the order refunded and withdraw the product"
                            + " from sale");
        }
        Optional<String> productId = productId(line.get(), productHint);
        if (productId.isEmpty()) {
            return new Answer.Held("the order line has "
                    + line.get().productIds().size() + " products and the call does not tell which is meant");
        }
        if (!line.get().productIds().contains(productId.get())) {
            return new Answer.NotOnTheLine(productId.get());
        }
        Optional<Product> product = catalogue.product(productId.get());
        if (product.isEmpty()) {
            return new Answer.Held("product " + productId.get() + " is not in the catalogue");
        }
        if (!product.get().chargingMode().name().equals(line.get().chargingMode())) {
            return new Answer.Held("product " + productId.get() + " is sold as "
                    + line.get().chargingMode() + ", the catalogue says "
                    + product.get().chargingMode());
        }
        return new Answer.Found(order, product.get());
    }

    private static Optional<String> productId(MarketplaceOrder.Line line, String productHint) {
        if (!productHint.isEmpty()) {
            return Optional.of(productHint);
        }
        return line.productIds().size() == 1 ? Optional.of(line.productIds().get(0)) : Optional.empty();
    }
}
