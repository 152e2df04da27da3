package io.hourledger.files.focus;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What a charge costs.
 *
 * @param list at the list price
 * @param billed what the invoice has: nothing if a package paid, or if the marketplace has not accepted the record
 * @param effective null if a package paid: what the package cost is not known here
 * @param unitPrice null if the units have several prices
 */
record FocusCost(
        BigDecimal list,
        BigDecimal billed,
        @Nullable BigDecimal effective,
        @Nullable BigDecimal unitPrice,
        String currency) {

    static FocusCost of(FocusCharge charge, PriceList prices, String productId, BigDecimal before) {
        PriceList.ProductPrice price = prices.of(productId);
        BigDecimal cost = price.of(charge.amount, before);
        boolean prepaid = charge.packageInstance != null;
        BigDecimal billed = charge.isBilled() ? cost : BigDecimal.ZERO;
        return new FocusCost(
                cost,
                prepaid ? BigDecimal.ZERO : billed,
                prepaid ? null : billed,
                price.unitPrice(charge.amount, before),
                prices.currency());
    }
}
