package io.hourledger.pusher.order;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.util.ArrayList;
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

    /**
     * A billing item of a package.
     *
     * @param size how much was ordered, as the order says it; null if the order does not
     */
    record OrderedItem(Product product, @Nullable String size) {}

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

        /**
         * A package, and the order that it stands in, with all its lines.
         *
         * @param items the package's billing items that are meant; at least one
         */
        record FoundPackage(MarketplaceOrder order, List<OrderedItem> items) implements Answer {
            @Override
            public String why() {
                return "it sells a package";
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
     * Asks the marketplace for the order line, and the catalogue for its product; of a package also for the whole order. What calls of the first generation order stands in them.
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
        List<String> meant = productHint.isEmpty() ? line.get().productIds() : List.of(productHint);
        boolean isPackage = line.get().chargingMode().equals(ChargingMode.ON_DEMAND_PKG.name());
        if (meant.isEmpty() || (meant.size() > 1 && !isPackage)) {
            return new Answer.Held("the order line has "
                    + line.get().productIds().size() + " products ("
                    + String.join(", ", line.get().productIds()) + ") and the call does not tell which is meant");
        }
        List<OrderedItem> items = new ArrayList<>();
        for (String productId : meant) {
            Optional<MarketplaceOrder.Item> item = line.get().item(productId);
            if (item.isEmpty()) {
                return new Answer.NotOnTheLine(productId);
            }
            Optional<Product> product = catalogue.product(productId);
            if (product.isEmpty()) {
                return new Answer.Held("product " + productId + " is not in the catalogue");
            }
            if (!product.get().chargingMode().name().equals(line.get().chargingMode())) {
                return soldOtherwise(product.get(), line.get().chargingMode());
            }
            items.add(new OrderedItem(product.get(), item.get().size()));
        }
        return isPackage
                ? ofPackage(order.orderId(), items)
                : new Answer.Found(
                        order, items.getFirst().product(), items.getFirst().size());
    }

    /** The order of one line does not tell what was bought together with it. */
    private Answer ofPackage(String orderId, List<OrderedItem> items) {
        return switch (orders.queryWhole(orderId)) {
            case OrderLookup.Answer.Found(MarketplaceOrder whole) -> new Answer.FoundPackage(whole, items);
            case OrderLookup.Answer.Refused(String code, String message) ->
                new Answer.Held("query order does not tell all lines: " + code + " " + message);
            case OrderLookup.Answer.NotAllowed(String code, String _) ->
                new Answer.Held("query order does not accept our access key: " + code);
            case OrderLookup.Answer.Unavailable(String why) -> new Answer.NotNow(why);
        };
    }

    /** The order of a request, with all its lines. */
    OrderLookup.Answer order(Requested requested) {
        if (!requested.orderLineId().equals(OrdersInCalls.NO_LINE)) {
            return orders.queryWhole(requested.orderId());
        }
        return inCalls.of(requested.orderId()).stream()
                .filter(item -> item.productId().equals(requested.productHint()))
                .<OrderLookup.Answer>map(
                        item -> new OrderLookup.Answer.Found(inCalls(requested.orderId(), item.buyerId())))
                .findFirst()
                .orElseGet(() -> new OrderLookup.Answer.Refused("", "no call named a product of the order"));
    }

    /** What calls have told of an order so far, product by product. */
    private MarketplaceOrder inCalls(String orderId, @Nullable String buyerId) {
        return new MarketplaceOrder(
                orderId,
                "NEW",
                buyerId,
                inCalls.of(orderId).stream()
                        .map(item -> new MarketplaceOrder.Line(
                                OrdersInCalls.NO_LINE,
                                catalogue
                                        .product(item.productId())
                                        .map(product -> product.chargingMode().name())
                                        .orElse(""),
                                List.of(new MarketplaceOrder.Item(item.productId(), item.size()))))
                        .toList());
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
        MarketplaceOrder order = inCalls(orderId, item.buyerId());
        return product.get().chargingMode() == ChargingMode.ON_DEMAND_PKG
                ? new Answer.FoundPackage(order, List.of(new OrderedItem(product.get(), item.size())))
                : new Answer.Found(order, product.get(), item.size());
    }

    private static boolean containsWhatTheOrderSays(Product product) {
        return product.packageTerms() != null && product.packageTerms().amount() == null;
    }

    private static Answer soldOtherwise(Product product, String chargingMode) {
        return new Answer.Held("product " + product.productId() + " is sold as " + chargingMode
                + ", the catalogue says " + product.chargingMode());
    }
}
