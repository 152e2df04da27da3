package io.hourledger.pusher.order;

import io.hourledger.contracts.usage.PackageTerms;
import io.hourledger.contracts.usage.Product;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an ordered item of a package contains, by the order and the catalogue. */
sealed interface PackageSize {

    /**
     * @param amount in the meter's unit
     */
    record Known(BigDecimal amount) implements PackageSize {}

    /** A person must say. */
    record Unclear(String why) implements PackageSize {}

    /**
     * @param ordered the number in the order; null if it has none
     */
    static PackageSize of(Product product, @Nullable String ordered) {
        PackageTerms terms = Objects.requireNonNull(product.packageTerms());
        return switch (terms.orderSays()) {
            case AMOUNT -> byAmount(product.productId(), terms.amount(), ordered);
            case COUNT -> byCount(product.productId(), Objects.requireNonNull(terms.amount()), ordered);
        };
    }

    private static PackageSize byAmount(String productId, @Nullable BigDecimal usual, @Nullable String ordered) {
        if (ordered == null) {
            return usual == null
                    ? new Unclear("neither order nor catalogue says what package " + productId + " contains")
                    : new Known(usual);
        }
        Optional<BigDecimal> said = amount(ordered);
        if (said.isEmpty()) {
            return new Unclear("the order says of what package " + productId + " contains: '" + ordered + "'");
        }
        return usual == null || usual.compareTo(said.get()) == 0
                ? new Known(said.get())
                : new Unclear("package " + productId + " contains "
                        + said.get().toPlainString() + " by the order, and " + usual.toPlainString()
                        + " by the catalogue");
    }

    private static PackageSize byCount(String productId, BigDecimal each, @Nullable String ordered) {
        if (ordered == null) {
            return new Unclear("the order does not say how many of package " + productId + " were bought");
        }
        return amount(ordered)
                .filter(count -> count.scale() == 0)
                .<PackageSize>map(count -> new Known(PackageTerms.checked(each.multiply(count))))
                .orElseGet(() -> new Unclear(
                        "the order says of how many of package " + productId + " were bought: '" + ordered + "'"));
    }

    private static Optional<BigDecimal> amount(String text) {
        try {
            return Optional.of(PackageTerms.checked(new BigDecimal(text)));
        } catch (IllegalArgumentException | ArithmeticException noAmount) {
            return Optional.empty();
        }
    }
}
