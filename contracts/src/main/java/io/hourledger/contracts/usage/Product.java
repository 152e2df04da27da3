package io.hourledger.contracts.usage;

/**
 * One billing item of the marketplace. A buyer's order for it makes one instance.
 *
 * @param productId the marketplace's id of the product
 * @param meter the name of the one meter that measures it
 */
public record Product(
        String productId, String meter, ChargingMode chargingMode, PricingMode pricingMode, BillingCycle billingCycle) {

    public Product {
        if (productId.isBlank() || meter.isBlank()) {
            throw new IllegalArgumentException("a product needs an id and a meter: " + productId);
        }
    }
}
