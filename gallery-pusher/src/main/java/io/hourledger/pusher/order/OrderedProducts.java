package io.hourledger.pusher.order;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import io.hourledger.pusher.marketplace.OrderLookups;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the product that an order line sells; what order and catalogue cannot tell for sure is never guessed. */
public final class OrderedProducts {

    private final OrderLookups orders;
    private final OrdersInCalls inCalls;
    private final NamedProducts named;
    private final Catalogue catalogue;

    OrderedProducts(OrderLookups orders, OrdersInCalls inCalls, NamedProducts named, Catalogue catalogue) {
        this.orders = orders;
        this.inCalls = inCalls;
        this.named = named;
        this.catalogue = catalogue;
    }

    /** What an order line is looked at for. */
    sealed interface Purpose {

        /** An instance is opened. */
        record Opening() implements Purpose {}

        /**
         * An instance goes on as what the line sells.
         *
         * @param meter the instance's, which stays
         */
        record Change(String meter) implements Purpose {}
    }

    /**
     * What is asked of an order line.
     *
     * @param account the seller account whose order it is
     * @param instanceId the instance that it is for
     * @param test whether it is for debugging: what debugging calls say of an order answers no real question
     * @param orderLineId {@link OrdersInCalls#NO_LINE} if the order has no lines
     * @param productHint the product that the call named; empty if it named none
     */
    record Question(
            String account,
            boolean test,
            String instanceId,
            String orderId,
            String orderLineId,
            String productHint,
            Purpose purpose) {

        private OrdersInCalls.Order inCalls() {
            return new OrdersInCalls.Order(account, orderId, test);
        }
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

        /** The same, of what is a package as the order says. */
        default Answer aboutPackage() {
            return this;
        }

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

        /**
         * Ask again later.
         *
         * @param isPackage whether it is known to be a package
         */
        record NotNow(String why, boolean isPackage) implements Answer {

            NotNow(String why) {
                this(why, false);
            }

            @Override
            public Answer aboutPackage() {
                return new NotNow(why, true);
            }
        }

        /**
         * A person must look.
         *
         * @param isPackage whether it is known to be a package
         */
        record Held(String why, boolean isPackage) implements Answer {

            Held(String why) {
                this(why, false);
            }

            @Override
            public Answer aboutPackage() {
                return new Held(why, true);
            }
        }

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
     * Asks the marketplace for the order line, and the catalogue for its product; of a package also for the whole order. What calls of the
     * first generation order stands in them. What those cannot tell, a person may have named.
     */
    Answer find(Question question) {
        return find(question, () -> named.of(question.instanceId, question.orderId, question.orderLineId));
    }

    /**
     * The same.
     *
     * @param personsWord the product that a person names; empty if nobody does
     */
    Answer find(Question question, Supplier<Optional<String>> personsWord) {
        if (question.orderLineId.equals(OrdersInCalls.NO_LINE)) {
            return ofCalls(question.inCalls(), question.productHint);
        }
        return switch (orders.of(question.account).query(question.orderId, question.orderLineId)) {
            case OrderLookup.Answer.Found(MarketplaceOrder order) -> ofOrder(order, question, personsWord);
            case OrderLookup.Answer.Refused(String code, String message) ->
                new Answer.Held("query order: " + code + " " + message);
            case OrderLookup.Answer.NotAllowed(String code, String _) ->
                new Answer.Held("query order does not accept our access key: " + code);
            case OrderLookup.Answer.Unavailable(String why) -> new Answer.NotNow(why);
        };
    }

    private Answer ofOrder(MarketplaceOrder order, Question question, Supplier<Optional<String>> personsWord) {
        Optional<MarketplaceOrder.Line> found = order.line(question.orderLineId);
        if (found.isEmpty()) {
            return new Answer.Held("the order has no line " + question.orderLineId);
        }
        Answer answer = ofLine(order, found.get(), question, personsWord);
        return isPackage(found.get()) ? answer.aboutPackage() : answer;
    }

    private static boolean isPackage(MarketplaceOrder.Line line) {
        return line.chargingMode().equals(ChargingMode.ON_DEMAND_PKG.name());
    }

    private Answer ofLine(
            MarketplaceOrder order,
            MarketplaceOrder.Line line,
            Question question,
            Supplier<Optional<String>> personsWord) {
        Optional<String> productId = productId(line, question);
        // each item of a package is for an instance of its own, so the call need not name one
        boolean isClear =
                productId.isPresent() || (isPackage(line) && !line.productIds().isEmpty());
        Optional<String> unclear = unclear(order.type(), line, isClear, question.purpose);
        if (unclear.isPresent()) {
            productId = personsWord.get();
            if (productId.isEmpty()) {
                return new Answer.Held(unclear.get());
            }
        }
        List<OrderedItem> items = new ArrayList<>();
        for (String meant : productId.map(List::of).orElseGet(line::productIds)) {
            Optional<MarketplaceOrder.Item> item = line.item(meant);
            if (item.isEmpty()) {
                return new Answer.NotOnTheLine(meant);
            }
            Optional<Product> product = catalogue.product(meant);
            if (product.isEmpty()) {
                return new Answer.Held("product " + meant + " is not in the catalogue");
            }
            if (!product.get().chargingMode().name().equals(line.chargingMode())) {
                return soldOtherwise(product.get(), line.chargingMode());
            }
            items.add(new OrderedItem(product.get(), item.get().size()));
        }
        return isPackage(line)
                ? ofPackage(question.account, order.orderId(), items)
                : new Answer.Found(
                        order, items.getFirst().product(), items.getFirst().size());
    }

    /** The order of one line does not tell what was bought together with it. */
    private Answer ofPackage(String account, String orderId, List<OrderedItem> items) {
        return switch (orders.of(account).queryWhole(orderId)) {
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
            return orders.of(requested.account()).queryWhole(requested.orderId());
        }
        OrdersInCalls.Order told = new OrdersInCalls.Order(requested.account(), requested.orderId(), requested.test());
        return inCalls.of(told).stream()
                .filter(item -> item.productId().equals(requested.productHint()))
                .<OrderLookup.Answer>map(item -> new OrderLookup.Answer.Found(inCalls(told, item.buyerId())))
                .findFirst()
                .orElseGet(() -> new OrderLookup.Answer.Refused("", "no call named a product of the order"));
    }

    /** What calls have told of an order so far, product by product. */
    private MarketplaceOrder inCalls(OrdersInCalls.Order told, @Nullable String buyerId) {
        return new MarketplaceOrder(
                told.orderId(),
                MarketplaceOrder.Type.NOT_TOLD,
                buyerId,
                inCalls.of(told).stream()
                        .map(item -> new MarketplaceOrder.Line(
                                OrdersInCalls.NO_LINE,
                                catalogue
                                        .product(item.productId())
                                        .map(product -> product.chargingMode().name())
                                        .orElse(""),
                                List.of(new MarketplaceOrder.Item(item.productId(), item.size()))))
                        .toList());
    }

    /** Why order and catalogue do not tell what to do, so that only a person can; empty if they do. */
    private static Optional<String> unclear(
            MarketplaceOrder.Type type, MarketplaceOrder.Line line, boolean productIsKnown, Purpose purpose) {
        Optional<String> ofType = unclearType(type, line.chargingMode(), purpose);
        if (ofType.isPresent() || productIsKnown) {
            return ofType;
        }
        return Optional.of("the order line has " + line.productIds().size() + " products ("
                + String.join(", ", line.productIds()) + ") and the call does not tell which is meant");
    }

    /** An order that tells no type is taken for what the call says that it is. */
    private static Optional<String> unclearType(MarketplaceOrder.Type type, String chargingMode, Purpose purpose) {
        return switch (purpose) {
            case Purpose.Opening _ ->
                switch (type) {
                    case NEW, NOT_TOLD -> Optional.empty();
                    case TRIAL ->
                        isPaidByUse(chargingMode)
                                ? Optional.of("the order is a trial of what is paid by use (" + chargingMode
                                        + "), and no document says whether its usage is billed")
                                : Optional.empty();
                    case TRIAL_TO_FORMAL, UNSUBSCRIBE, RENEW, CHANGE, UNDOCUMENTED ->
                        Optional.of("the order is of type " + type + ", which opens no instance");
                };
            case Purpose.Change _ ->
                switch (type) {
                    case CHANGE, RENEW, NOT_TOLD -> Optional.empty();
                    case NEW, TRIAL, TRIAL_TO_FORMAL, UNSUBSCRIBE, UNDOCUMENTED ->
                        Optional.of("the order is of type " + type + ", which changes no product");
                };
        };
    }

    private static boolean isPaidByUse(String chargingMode) {
        return chargingMode.equals(ChargingMode.ON_DEMAND.name())
                || chargingMode.equals(ChargingMode.ON_DEMAND_PKG.name());
    }

    private Answer ofCalls(OrdersInCalls.Order told, String productHint) {
        List<OrdersInCalls.Item> items = inCalls.of(told);
        List<OrdersInCalls.Item> meant = items.stream()
                .filter(item -> productHint.isEmpty() || item.productId().equals(productHint))
                .toList();
        if (meant.size() != 1) {
            return new Answer.Held("calls named " + items.size() + " products of order " + told.orderId());
        }
        OrdersInCalls.Item item = meant.getFirst();
        Optional<Product> product = catalogue.product(item.productId());
        if (product.isEmpty()) {
            return new Answer.Held("product " + item.productId() + " is not in the catalogue");
        }
        String mode = product.get().chargingMode().name();
        if (item.chargingMode() != null && !item.chargingMode().equals(mode)) {
            Answer otherwise = soldOtherwise(product.get(), item.chargingMode());
            return isPackage(product.get()) ? otherwise.aboutPackage() : otherwise;
        }
        if (item.size() != null && containsWhatTheOrderSays(product.get())) {
            return new Answer.Held("the call orders " + item.size() + " of package " + item.productId()
                            + "; no document says whether that is what it contains, and the catalogue does not")
                    .aboutPackage();
        }
        MarketplaceOrder order = inCalls(told, item.buyerId());
        return isPackage(product.get())
                ? new Answer.FoundPackage(order, List.of(new OrderedItem(product.get(), item.size())))
                : new Answer.Found(order, product.get(), item.size());
    }

    private static boolean isPackage(Product product) {
        return product.chargingMode() == ChargingMode.ON_DEMAND_PKG;
    }

    private static boolean containsWhatTheOrderSays(Product product) {
        return product.packageTerms() != null && product.packageTerms().amount() == null;
    }

    private static Answer soldOtherwise(Product product, String chargingMode) {
        return new Answer.Held("product " + product.productId() + " is sold as " + chargingMode
                + ", the catalogue says " + product.chargingMode());
    }

    private Optional<String> productId(MarketplaceOrder.Line line, Question question) {
        if (!question.productHint.isEmpty()) {
            return Optional.of(question.productHint);
        }
        if (line.productIds().size() == 1) {
            return Optional.of(line.productIds().getFirst());
        }
        return switch (question.purpose) {
            case Purpose.Opening _ -> Optional.empty();
            case Purpose.Change(String meter) -> theOneOfMeter(line.productIds(), meter);
        };
    }

    /** An instance has one meter for its life, so of several items only the one of its meter can be meant; if all are known, and just one is. */
    private Optional<String> theOneOfMeter(List<String> productIds, String meter) {
        List<Product> known = productIds.stream()
                .map(catalogue::product)
                .flatMap(Optional::stream)
                .toList();
        List<Product> fitting = known.stream()
                .filter(product ->
                        product.meter().equals(meter) && product.chargingMode() != ChargingMode.ON_DEMAND_PKG)
                .toList();
        return known.size() == productIds.size() && fitting.size() == 1
                ? Optional.of(fitting.getFirst().productId())
                : Optional.empty();
    }
}
