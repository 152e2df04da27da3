package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PackageTerms;
import io.hourledger.contracts.usage.PackageTerms.OrderSays;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.marketplace.OrderLookup;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.hourledger.pusher.order.RequestedInstances.State;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Opens a package that waits for a person, who says which pay-per-use instance it is for, and what it contains. One that is open already is
 * moved, as long as nothing was drawn from it.
 */
public final class PackageResolution {

    private final RequestedInstances requests;
    private final OrderedProducts products;
    private final PackageOpening opening;
    private final PackageCorrection correction;
    private final Catalogue catalogue;
    private final LedgerQueries queries;

    PackageResolution(
            RequestedInstances requests,
            OrderedProducts products,
            PackageOpening opening,
            PackageCorrection correction,
            Catalogue catalogue,
            LedgerQueries queries) {
        this.requests = requests;
        this.products = products;
        this.opening = opening;
        this.correction = correction;
        this.catalogue = catalogue;
        this.queries = queries;
    }

    /**
     * What a person says of one item of a package.
     *
     * @param productId the item
     * @param instanceId the pay-per-use instance that it is for
     * @param amount what it contains; null for what order and catalogue say
     */
    public record Choice(String productId, String instanceId, @Nullable BigDecimal amount) {}

    /** What came of it. */
    public sealed interface Outcome {

        record Opened() implements Outcome {}

        /** Nothing with this id waits. */
        record NotWaiting(String why) implements Outcome {}

        /** Nothing was done. */
        record Impossible(String why) implements Outcome {}
    }

    /** Opens the package, with one choice for each of its items. */
    public Outcome resolve(String packageInstanceId, List<Choice> choices, DecidedBy by) {
        Optional<Requested> requested =
                requests.ofInstance(packageInstanceId).filter(any -> any.state() != State.RELEASED);
        if (requested.isEmpty()) {
            return new Outcome.NotWaiting("no unopened instance has the id " + packageInstanceId);
        }
        if (choices.isEmpty()
                || choices.stream().map(Choice::instanceId).distinct().count() < choices.size()) {
            return new Outcome.Impossible("each item of a package is for an instance of its own");
        }
        return switch (products.order(requested.get())) {
            case OrderLookup.Answer.Found(MarketplaceOrder order) -> resolve(requested.get(), order, choices, by);
            case OrderLookup.Answer.Refused(String code, String message) ->
                new Outcome.Impossible("its order cannot be looked at: query order: " + code + " " + message);
            case OrderLookup.Answer.NotAllowed(String code, String _) ->
                new Outcome.Impossible("its order cannot be looked at: our access key is not accepted: " + code);
            case OrderLookup.Answer.Unavailable(String why) ->
                new Outcome.Impossible("its order cannot be looked at now; try again: " + why);
        };
    }

    private Outcome resolve(Requested requested, MarketplaceOrder order, List<Choice> choices, DecidedBy by) {
        List<PackageItem> items = new ArrayList<>();
        for (Choice choice : choices) {
            Optional<String> mistake = mistakeIn(choice, requested, order);
            if (mistake.isPresent()) {
                return new Outcome.Impossible(mistake.get());
            }
            switch (size(choice, requested, order)) {
                case PackageSize.Known(BigDecimal amount) ->
                    items.add(new PackageItem(choice.productId(), new InstanceId(choice.instanceId()), amount));
                case PackageSize.Unclear(String why) -> {
                    return new Outcome.Impossible(why);
                }
            }
        }
        Optional<String> notAllItems = requested.state() == State.OPEN
                ? Optional.empty()
                : NamedItems.mistakeIn(choices.stream().map(Choice::productId).toList(), itemsOf(requested, order));
        if (notAllItems.isPresent()) {
            return new Outcome.Impossible(notAllItems.get());
        }
        if (requested.state() == State.OPEN) {
            return correction
                    .move(requested, items, by)
                    .<Outcome>map(Outcome.Impossible::new)
                    .orElseGet(Outcome.Opened::new);
        }
        return switch (opening.add(requested, items, by)) {
            case PackageOpening.Result.Added _ -> new Outcome.Opened();
            case PackageOpening.Result.GivenBack _ ->
                new Outcome.NotWaiting("the order was released before it was opened");
            case PackageOpening.Result.Unclear(String why) -> new Outcome.Impossible(why);
            case PackageOpening.Result.TestFlagDiffers(String why) -> new Outcome.Impossible(why);
            case PackageOpening.Result.NotYet(String why) -> new Outcome.Impossible(why);
        };
    }

    /** What is opened under the id: the product that the call named, or else all of the order line. */
    private static List<String> itemsOf(Requested requested, MarketplaceOrder order) {
        return requested.productHint().isEmpty()
                ? order.lines().stream()
                        .filter(line -> line.orderLineId().equals(requested.orderLineId()))
                        .flatMap(line -> line.productIds().stream())
                        .toList()
                : List.of(requested.productHint());
    }

    /** What the person says, or else order and catalogue. What a V1.0 call tells of an amount, no document explains. */
    private PackageSize size(Choice choice, Requested requested, MarketplaceOrder order) {
        Product product = catalogue.product(choice.productId()).orElseThrow();
        BigDecimal said = choice.amount();
        if (said == null) {
            boolean isExplained = !requested.orderLineId().equals(OrdersInCalls.NO_LINE)
                    || terms(product).orderSays() == OrderSays.COUNT;
            return PackageSize.of(
                    product,
                    isExplained
                            ? orderedItem(choice, requested, order)
                                    .map(MarketplaceOrder.Item::size)
                                    .orElse(null)
                            : null);
        }
        try {
            return new PackageSize.Known(PackageTerms.checked(said));
        } catch (IllegalArgumentException noAmount) {
            return new PackageSize.Unclear(String.valueOf(noAmount.getMessage()));
        }
    }

    private static Optional<MarketplaceOrder.Item> orderedItem(
            Choice choice, Requested requested, MarketplaceOrder order) {
        return order.lines().stream()
                .filter(line -> line.orderLineId().equals(requested.orderLineId()))
                .flatMap(line -> line.item(choice.productId()).stream())
                .findFirst();
    }

    /** Why the order does not allow it; empty if it does. */
    private Optional<String> mistakeIn(Choice choice, Requested requested, MarketplaceOrder order) {
        Optional<Product> product =
                catalogue.product(choice.productId()).filter(any -> any.chargingMode() == ChargingMode.ON_DEMAND_PKG);
        if (product.isEmpty()) {
            return Optional.of("product " + choice.productId() + " is no package of the catalogue");
        }
        if (orderedItem(choice, requested, order).isEmpty()) {
            return Optional.of("order " + order.orderId() + " has no product " + choice.productId()
                    + " in the line of the package");
        }
        Optional<InstanceView> instance = queries.instance(new InstanceId(choice.instanceId()));
        if (instance.isEmpty()) {
            return Optional.of("there is no instance " + choice.instanceId());
        }
        return mistakeIn(instance.get(), product.get(), requested, order);
    }

    private static Optional<String> mistakeIn(
            InstanceView instance, Product product, Requested requested, MarketplaceOrder order) {
        String id = instance.instanceId().value();
        if (!requested.account().equals(instance.origin().order().account())) {
            return Optional.of("instance " + id + " is of seller account "
                    + Objects.requireNonNullElse(instance.origin().order().account(), "none")
                    + ", and the package was ordered from seller account " + requested.account());
        }
        String buyer = Objects.requireNonNullElse(order.buyerId(), InstanceOpening.NO_BUYER);
        if (!instance.origin().buyerId().equals(buyer)) {
            return Optional.of("instance " + id + " is of buyer "
                    + instance.origin().buyerId() + ", and the package was ordered by buyer " + buyer);
        }
        if (instance.origin().test() != requested.test()) {
            return Optional.of("one of package and instance is for debugging, and the other is not");
        }
        if (instance.releasedAt() != null) {
            return Optional.of("instance " + id + " has ended");
        }
        return PackagePlacement.isServed(instance, terms(product))
                ? Optional.empty()
                : Optional.of("instance " + id + " has product "
                        + instance.origin().product().productId() + ", and package " + product.productId()
                        + " is for " + String.join(" or ", terms(product).servedProducts()));
    }

    private static PackageTerms terms(Product product) {
        return Objects.requireNonNull(product.packageTerms());
    }
}
