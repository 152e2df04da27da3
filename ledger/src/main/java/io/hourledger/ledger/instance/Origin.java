package io.hourledger.ledger.instance;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;

/** What an instance was opened as. */
public record Origin(
        String orderId,
        String orderLineId,
        String productId,
        String meter,
        ChargingMode chargingMode,
        PricingMode pricingMode,
        BillingCycle billingCycle,
        String buyerId,
        boolean test) {}
