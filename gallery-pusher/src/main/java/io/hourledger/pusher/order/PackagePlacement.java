package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PackageTerms;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.ProductHistory.Period;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import io.hourledger.pusher.order.OrderedProducts.OrderedItem;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the pay-per-use instance that each item of an ordered package is for. The catalogue names the products that it serves; the instance is
 * the same buyer's, and must be the only one of these products that lived at the call or since. So a package that fits two stays with a person
 * when one of them ends. What order and catalogue cannot tell for sure is never guessed.
 */
final class PackagePlacement {

    /** A buyer has few instances of one meter; of one who has more nobody looks through all. */
    private static final int MOST_INSTANCES = 1000;

    /** Each is looked up at the marketplace; of more a person must look. */
    private static final int MOST_WAITING = 20;

    private final RequestedInstances requests;
    private final OrderedProducts orders;
    private final BuyerInstances instances;
    private final LedgerQueries queries;
    private final Duration orderWait;
    private final Clock businessTime;

    /**
     * @param orderWait how long after its call a package waits for other calls of the same order, if no query order tells what is in it
     */
    PackagePlacement(
            RequestedInstances requests,
            OrderedProducts orders,
            BuyerInstances instances,
            LedgerQueries queries,
            Duration orderWait,
            Clock businessTime) {
        this.requests = requests;
        this.orders = orders;
        this.instances = instances;
        this.queries = queries;
        this.orderWait = orderWait;
        this.businessTime = businessTime;
    }

    /** Where a package belongs. */
    sealed interface Place {

        /** Each item has an instance of its own. */
        record Found(List<PackageItem> items) implements Place {}

        /** A person must say. */
        record Unclear(String why) implements Place {}

        /** Ask again later. */
        record NotYet(String why) implements Place {}
    }

    Place find(Requested requested, OrderedProducts.Answer.FoundPackage found) {
        String buyer = found.order().buyerId();
        if (buyer == null) {
            return new Place.Unclear("the order of the package names no buyer");
        }
        List<PackageItem> items = new ArrayList<>();
        for (OrderedItem item : found.items()) {
            switch (find(requested, found.order(), buyer, item)) {
                case Place.Found(List<PackageItem> one) -> items.addAll(one);
                case Place.Unclear unclear -> {
                    return unclear;
                }
                case Place.NotYet notYet -> {
                    return notYet;
                }
            }
        }
        return items.stream().map(PackageItem::instanceId).distinct().count() < items.size()
                ? new Place.Unclear("two items of the package fit the same instance, and each must have its own")
                : new Place.Found(items);
    }

    private Place find(Requested requested, MarketplaceOrder order, String buyer, OrderedItem item) {
        Product product = item.product();
        PackageTerms terms = Objects.requireNonNull(product.packageTerms());
        PackageSize size = PackageSize.of(product, item.size());
        if (size instanceof PackageSize.Unclear(String why)) {
            return new Place.Unclear(why);
        }
        Optional<String> missing = stillToCome(requested, order, terms);
        if (missing.isPresent()) {
            return new Place.NotYet(missing.get());
        }
        // before those that are open: what is opened meanwhile stands in one of the two lists
        List<Requested> notOpen = requests.notOpenBefore(requested, MOST_WAITING);
        List<String> ids = instances.of(requested, buyer, product.meter(), MOST_INSTANCES);
        List<InstanceView> possible = queries
                .instances(ids.stream().map(InstanceId::new).toList())
                .values()
                .stream()
                .filter(instance -> couldBeServedSince(instance, terms, requested.firstCalledAt()))
                .toList();
        if (possible.size() != 1 || ids.size() == MOST_INSTANCES || !isServed(possible.getFirst(), terms)) {
            return new Place.Unclear("package " + product.productId() + " could be for " + possible.size()
                    + " pay-per-use instances of buyer " + buyer + " with product "
                    + String.join(" or ", terms.servedProducts()) + ", and must be for one that lives");
        }
        Optional<String> before = askedForBefore(notOpen, buyer, product.meter());
        if (before.isPresent()) {
            return new Place.NotYet(before.get());
        }
        return new Place.Found(List.of(new PackageItem(
                product.productId(), possible.getFirst().instanceId(), ((PackageSize.Known) size).amount())));
    }

    /** Pay per use that was asked for before the package and is not open: once it is, it will have lived when the package was ordered. */
    private Optional<String> askedForBefore(List<Requested> before, String buyer, String meter) {
        return before.stream()
                .filter(other -> couldBeServed(other, buyer, meter))
                .findFirst()
                .map(other -> "instance " + other.instanceId()
                        + " was ordered before the package, is not open, and may be what it is for")
                .or(() -> before.size() < MOST_WAITING
                        ? Optional.empty()
                        : Optional.of("many instances were ordered before the package and are not open,"
                                + " and one of them may be what it is for"));
    }

    /** Whether what waits may become an instance of the buyer, with this meter and pay per use; so it is if nobody can tell. */
    private boolean couldBeServed(Requested waiting, String buyer, String meter) {
        return switch (orders.order(waiting)) {
            case OrderLookup.Answer.Found(MarketplaceOrder order) ->
                buyer.equals(order.buyerId()) && couldBeMeasured(waiting, order, meter);
            case OrderLookup.Answer.Refused _, OrderLookup.Answer.NotAllowed _, OrderLookup.Answer.Unavailable _ ->
                true;
        };
    }

    private boolean couldBeMeasured(Requested waiting, MarketplaceOrder order, String meter) {
        List<String> productIds = waiting.productHint().isEmpty()
                ? order.lines().stream()
                        .filter(line -> line.orderLineId().equals(waiting.orderLineId()))
                        .flatMap(line -> line.productIds().stream())
                        .toList()
                : List.of(waiting.productHint());
        return productIds.isEmpty()
                || productIds.stream().anyMatch(productId -> orders.inCatalogue(productId)
                        .map(product ->
                                product.meter().equals(meter) && product.chargingMode() == ChargingMode.ON_DEMAND)
                        .orElse(true));
    }

    /** Whether usage of the instance can be drawn from such a package now. */
    static boolean isServed(InstanceView instance, PackageTerms terms) {
        return instance.releasedAt() == null
                && instance.origin().product().chargingMode() == ChargingMode.ON_DEMAND
                && terms.servedProducts().contains(instance.origin().product().productId());
    }

    /** Whether it had such a product at that moment or later, and had not ended. */
    private static boolean couldBeServedSince(InstanceView instance, PackageTerms terms, Instant since) {
        Instant releasedAt = instance.releasedAt();
        if (releasedAt != null && releasedAt.isBefore(since)) {
            return false;
        }
        List<Period> products = instance.life().products().periods();
        for (int i = 0; i < products.size(); i++) {
            boolean isOver =
                    i + 1 < products.size() && !products.get(i + 1).from().isAfter(since);
            if (!isOver
                    && terms.servedProducts().contains(products.get(i).product().productId())) {
                return true;
            }
        }
        return false;
    }

    /** What of the same order a package must wait for: one bought together with pay per use may be for that. */
    private Optional<String> stillToCome(Requested requested, MarketplaceOrder order, PackageTerms terms) {
        List<String> bought = order.lines().stream()
                .filter(line -> line.chargingMode().equals(ChargingMode.ON_DEMAND.name()))
                .flatMap(line -> line.productIds().stream())
                .filter(terms.servedProducts()::contains)
                .toList();
        Optional<String> notOpen = bought.stream()
                .filter(productId -> !requests.items().has(requested, productId))
                .findFirst()
                .map(productId ->
                        "product " + productId + " of the same order, whose usage the package may be for, is not open");
        boolean isToldInCalls = requested.orderLineId().equals(OrdersInCalls.NO_LINE);
        if (notOpen.isEmpty()
                && isToldInCalls
                && bought.isEmpty()
                && businessTime.instant().isBefore(requested.firstCalledAt().plus(orderWait))) {
            return Optional.of(
                    "the calls of an order come one by one, and pay per use of the same order may still come");
        }
        return notOpen;
    }
}
