package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PackageTerms;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.marketplace.MarketplaceOrder;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pay-per-use instance that an ordered package is for, and what the package contains. The instance has the same buyer and the same
 * meter, and must be the only one that fits. What order and catalogue cannot tell for sure is never guessed.
 */
final class PackagePlacement {

    /** A buyer has few instances of one meter; of one who has more nobody looks through all. */
    private static final int MOST_INSTANCES = 1000;

    private final RequestedInstances requests;
    private final BuyerInstances instances;
    private final Catalogue catalogue;
    private final LedgerQueries queries;

    PackagePlacement(
            RequestedInstances requests, BuyerInstances instances, Catalogue catalogue, LedgerQueries queries) {
        this.requests = requests;
        this.instances = instances;
        this.catalogue = catalogue;
        this.queries = queries;
    }

    /** Where a package belongs. */
    sealed interface Place {

        record Found(PackageItem item) implements Place {}

        /** A person must say. */
        record Unclear(String why) implements Place {}

        /** Ask again later. */
        record NotYet(String why) implements Place {}
    }

    Place find(Requested requested, OrderedProducts.Answer.Found found) {
        Product product = found.product();
        Size size = size(product, found.size());
        if (size.amount() == null) {
            return new Place.Unclear(size.unclearBecause());
        }
        String buyer = found.order().buyerId();
        if (buyer == null) {
            return new Place.Unclear("the order of package " + product.productId() + " names no buyer");
        }
        Optional<String> missing = notOpenOfTheSameOrder(found.order(), product.meter());
        if (missing.isPresent()) {
            return new Place.NotYet(
                    "product " + missing.get() + " of the same order, whose usage the package is for, is not open");
        }
        List<String> ids = instances.of(buyer, product.meter(), requested.test(), MOST_INSTANCES);
        List<InstanceId> open = queries
                .instances(ids.stream().map(InstanceId::new).toList())
                .values()
                .stream()
                .filter(PackagePlacement::canDraw)
                .map(InstanceView::instanceId)
                .toList();
        if (open.size() != 1 || ids.size() == MOST_INSTANCES) {
            return new Place.Unclear("package " + product.productId() + " could be for " + open.size()
                    + " open pay-per-use instances of buyer " + buyer + " with meter " + product.meter()
                    + ", and must be for one");
        }
        return new Place.Found(new PackageItem(product.productId(), open.getFirst(), size.amount()));
    }

    private static boolean canDraw(InstanceView instance) {
        return instance.releasedAt() == null && instance.origin().product().chargingMode() == ChargingMode.ON_DEMAND;
    }

    /** A package bought together with pay per use is for that, so it waits for it. */
    private Optional<String> notOpenOfTheSameOrder(MarketplaceOrder order, String meter) {
        return order.lines().stream()
                .filter(line -> line.chargingMode().equals(ChargingMode.ON_DEMAND.name()))
                .flatMap(line -> line.productIds().stream())
                .filter(productId -> catalogue
                        .product(productId)
                        .filter(product -> product.meter().equals(meter))
                        .isPresent())
                .filter(productId -> !requests.hasItem(order.orderId(), productId))
                .findFirst();
    }

    /**
     * What a package contains.
     *
     * @param amount null if that is not sure
     */
    private record Size(@Nullable BigDecimal amount, String unclearBecause) {

        static Size unclear(String why) {
            return new Size(null, why);
        }
    }

    private static Size size(Product product, @Nullable String ordered) {
        BigDecimal usual = Objects.requireNonNull(product.packageTerms()).amount();
        if (ordered == null) {
            return usual == null
                    ? Size.unclear("neither order nor catalogue says what package " + product.productId() + " contains")
                    : new Size(usual, "");
        }
        Optional<BigDecimal> said = amount(ordered);
        if (said.isEmpty()) {
            return Size.unclear(
                    "the order says of what package " + product.productId() + " contains: '" + ordered + "'");
        }
        return usual == null || usual.compareTo(said.get()) == 0
                ? new Size(said.get(), "")
                : Size.unclear("package " + product.productId() + " contains "
                        + said.get().toPlainString() + " by the order, and " + usual.toPlainString()
                        + " by the catalogue");
    }

    private static Optional<BigDecimal> amount(String text) {
        try {
            return Optional.ofNullable(new PackageTerms(true, new BigDecimal(text)).amount());
        } catch (IllegalArgumentException | ArithmeticException noAmount) {
            return Optional.empty();
        }
    }
}
