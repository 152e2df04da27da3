package io.hourledger.contracts.instance;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;

/** The product of an instance as events keep it: a copy, so that no change of the catalogue's form changes an event's. */
public record ProductTerms(
        String productId, String meter, String chargingMode, String pricingMode, String billingCycle) {

    public static ProductTerms of(Product product) {
        return new ProductTerms(
                product.productId(),
                product.meter(),
                product.chargingMode().name(),
                product.pricingMode().name(),
                product.billingCycle().name());
    }

    public Product toProduct() {
        return new Product(
                productId,
                meter,
                ChargingMode.valueOf(chargingMode),
                PricingMode.valueOf(pricingMode),
                BillingCycle.valueOf(billingCycle));
    }
}
