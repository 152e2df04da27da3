package io.hourledger.contracts.usage;

import org.jspecify.annotations.Nullable;

/**
 * One billing item of the marketplace. A buyer's order for it makes one instance.
 *
 * @param productId the marketplace's id of the product
 * @param meter the name of the one meter that measures it
 * @param packageTerms what it contains if it is a package; null for all others
 */
public record Product(
        String productId,
        String meter,
        ChargingMode chargingMode,
        PricingMode pricingMode,
        BillingCycle billingCycle,
        @Nullable PackageTerms packageTerms) {

    /** One that is no package. */
    public Product(
            String productId,
            String meter,
            ChargingMode chargingMode,
            PricingMode pricingMode,
            BillingCycle billingCycle) {
        this(productId, meter, chargingMode, pricingMode, billingCycle, null);
    }

    public Product {
        if (productId.isBlank() || meter.isBlank()) {
            throw new IllegalArgumentException("a product needs an id and a meter: " + productId);
        }
    }
}
