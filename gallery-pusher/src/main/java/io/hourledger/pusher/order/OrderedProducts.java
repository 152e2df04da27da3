package io.hourledger.pusher.order;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Product;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the product that an order line sells; what order and catalogue cannot tell for sure is never guessed. */
public final class OrderedProducts {

    private final OrderLookup orders;
    private final OrdersInCalls inCalls;
    private final Catalogue catalogue;

    OrderedProducts(OrderLookup orders, OrdersInCalls inCalls, Catalogue catalogue) {
        this.orders = orders;
        this.inCalls = inCalls;
        this.catalogue = catalogue;
    }

    /** What is known of an order line. */
    public sealed interface Answer {

        /** What a person should know about it. */
        String why();

        /**
         * The product, and the order that it stands in.
         *
         * @param size how much was ordered, as the order says it; null if the order does not
         */
        record Found(MarketplaceOrder order, Product product, @Nullable String size) implements Answer {
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

    /** The product of this name. */
    Optional<Product> inCatalogue(String productId) {
        return catalogue.product(productId);
    }

    /**
     * Asks the marketplace once for the order, and the catalogue for its product. What calls of the first generation order stands in them.
     *
     * @param orderLineId {@link OrdersInCalls#NO_LINE} if the order has no lines
     * @param productHint the product that the call named; empty if it named none
     */
    public Answer find(String orderId, String orderLineId, String productHint) {
        if (orderLineId.equals(OrdersInCalls.NO_LINE)) {
            return ofCalls(orderId, productHint);
        }
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
        Optional<String> productId = productId(line.get(), productHint);
        if (productId.isEmpty()) {
            return new Answer.Held("the order line has "
                    + line.get().productIds().size() + " products ("
                    + String.join(", ", line.get().productIds()) + ") and the call does not tell which is meant");
        }
        if (!line.get().productIds().contains(productId.get())) {
            return new Answer.NotOnTheLine(productId.get());
        }
        Optional<Product> product = catalogue.product(productId.get());
        if (product.isEmpty()) {
            return new Answer.Held("product " + productId.get() + " is not in the catalogue");
        }
        if (!product.get().chargingMode().name().equals(line.get().chargingMode())) {
            return soldOtherwise(product.get(), line.get().chargingMode());
        }
        return new Answer.Found(
                order,
                product.get(),
                line.get().item(productId.get()).orElseThrow().size());
    }

    private Answer ofCalls(String orderId, String productHint) {
        List<OrdersInCalls.Item> items = inCalls.of(orderId);
        List<OrdersInCalls.Item> meant = items.stream()
                .filter(item -> productHint.isEmpty() || item.productId().equals(productHint))
                .toList();
        if (meant.size() != 1) {
            return new Answer.Held("calls named " + items.size() + " products of order " + orderId);
        }
        OrdersInCalls.Item item = meant.getFirst();
        Optional<Product> product = catalogue.product(item.productId());
        if (product.isEmpty()) {
            return new Answer.Held("product " + item.productId() + " is not in the catalogue");
        }
        String mode = product.get().chargingMode().name();
        if (item.chargingMode() != null && !item.chargingMode().equals(mode)) {
            return soldOtherwise(product.get(), item.chargingMode());
        }
        if (item.size() != null && containsWhatTheOrderSays(product.get())) {
            return new Answer.Held("the call orders " + item.size() + " of package " + item.productId()
                    + "; no document says whether that is what it contains, and the catalogue does not");
        }
        return new Answer.Found(
                new MarketplaceOrder(
                        orderId,
                        "NEW",
                        item.buyerId(),
                        List.of(new MarketplaceOrder.Line(
                                OrdersInCalls.NO_LINE,
                                mode,
                                List.of(new MarketplaceOrder.Item(item.productId(), item.size()))))),
                product.get(),
                item.size());
    }

    private static boolean containsWhatTheOrderSays(Product product) {
        return product.packageTerms() != null && product.packageTerms().amount() == null;
    }

    private static Answer soldOtherwise(Product product, String chargingMode) {
        return new Answer.Held("product " + product.productId() + " is sold as " + chargingMode
                + ", the catalogue says " + product.chargingMode());
    }

    private static Optional<String> productId(MarketplaceOrder.Line line, String productHint) {
        if (!productHint.isEmpty()) {
            return Optional.of(productHint);
        }
        return line.productIds().size() == 1 ? Optional.of(line.productIds().get(0)) : Optional.empty();
    }
}
