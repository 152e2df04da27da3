package io.hourledger.benchmarks.gallery;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/**
 * Usage records to push: one of each instance in each hour.
 *
 * @param instances of them the first {@code unknown} are not known to the marketplace, so a call with one of their records is refused
 * @param hours the last of them ends at {@link #END}
 */
record RecordLoad(int instances, int hours, int unknown) {

    /** When the hours are over. */
    static final Instant END = Instant.parse("2026-09-01T12:00:00Z");

    static final String METER = "egress";
    static final Product PRODUCT =
            new Product("bench-egress", METER, ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    /** For all services of the bench. */
    static final String CATALOGUE =
            """
            {"version": 1,
             "meters": [{"name": "%s", "eventType": "bench.usage", "aggregation": "SUM", "valueField": "amount",
                         "unit": "MB", "unitFactor": "1"}],
             "products": [{"productId": "%s", "meter": "%s", "chargingMode": "ON_DEMAND",
                           "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
            """
                    .formatted(METER, PRODUCT.productId(), METER);

    long records() {
        return (long) instances * hours;
    }

    /** Records that a correct marketplace accepts. */
    long good() {
        return (long) (instances - unknown) * hours;
    }

    UsageHour hour(int number) {
        return UsageHour.ofNumber(UsageHour.of(END).number() - hours + number);
    }

    /** Spread, so that bad records lie among good ones whatever order they are sent in. */
    boolean isUnknown(int instance) {
        return unknown > 0 && instance % (instances / unknown) == 0 && instance / (instances / unknown) < unknown;
    }

    static String id(int instance) {
        return "bench-%07d".formatted(instance);
    }
}
