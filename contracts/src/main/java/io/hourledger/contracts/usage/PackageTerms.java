package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * What a package is.
 *
 * @param stopWhenUsedUp whether the service stops when the package is used up. Of the other kind the marketplace itself takes usage off
 * @param amount what one package contains, in the meter's unit; null if only the order says
 */
public record PackageTerms(boolean stopWhenUsedUp, @Nullable BigDecimal amount) {

    /** Decimals of a usage record, by which a package is drawn down (koogallery.md, section 1.3). */
    private static final int DECIMALS = 4;

    public PackageTerms {
        if (amount != null) {
            amount = amount.stripTrailingZeros();
            if (amount.signum() <= 0 || amount.scale() > DECIMALS) {
                throw new IllegalArgumentException("a package contains an amount above zero with at most " + DECIMALS
                        + " decimals, not " + amount.toPlainString());
            }
            amount = amount.setScale(Math.max(0, amount.scale()), RoundingMode.UNNECESSARY);
        }
    }
}
