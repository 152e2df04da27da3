package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a package is.
 *
 * @param stopWhenUsedUp whether the service stops when the package is used up. Of the other kind the marketplace itself takes usage off
 * @param servedProducts the pay-per-use products that it is for: an instance of one of them is served by it, and no other
 * @param amount what one package contains, in the meter's unit; null if only the order says
 * @param orderSays what the number in an order means
 */
public record PackageTerms(
        boolean stopWhenUsedUp, List<String> servedProducts, @Nullable BigDecimal amount, OrderSays orderSays) {

    /** Decimals of a usage record, by which a package is drawn down (koogallery.md, section 1.3). */
    private static final int DECIMALS = 4;

    public PackageTerms {
        servedProducts = List.copyOf(servedProducts);
        amount = amount == null ? null : checked(amount);
        if (orderSays == OrderSays.COUNT && amount == null) {
            throw new IllegalArgumentException(
                    "a package whose order says how many were bought needs the \"amount\" that one contains");
        }
    }

    /** What the number in an order means. No document says it (koogallery.md, section 3), so the catalogue does. */
    public enum OrderSays {
        /** What the package contains, in the meter's unit. */
        AMOUNT,
        /** How many packages were bought under one instance id: it contains that many times the amount. */
        COUNT
    }

    /**
     * An amount that a package can contain, without trailing zeros.
     *
     * @throws IllegalArgumentException with a sentence, if usage records could not take it off
     */
    public static BigDecimal checked(BigDecimal amount) {
        BigDecimal stripped = amount.stripTrailingZeros();
        if (stripped.signum() <= 0 || stripped.scale() > DECIMALS) {
            throw new IllegalArgumentException("a package contains an amount above zero with at most " + DECIMALS
                    + " decimals, not " + stripped.toPlainString());
        }
        return stripped.setScale(Math.max(0, stripped.scale()), RoundingMode.UNNECESSARY);
    }
}
