package io.hourledger.contracts.usage;

import io.hourledger.contracts.marketplace.BillableAmount;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What a package is.
 *
 * @param stopWhenUsedUp whether the service stops when the package is used up. Of the other kind the marketplace itself takes usage off
 * @param amount what one package contains, in the meter's unit; null if only the order says
 */
public record PackageTerms(boolean stopWhenUsedUp, @Nullable BigDecimal amount) {

    public PackageTerms {
        if (amount != null) {
            amount = BillableAmount.canonical(amount);
            if (amount.signum() <= 0 || amount.scale() > BillableAmount.SCALE) {
                throw new IllegalArgumentException(
                        "a package contains an amount above zero with at most 4 decimals, not " + amount);
            }
        }
    }
}
