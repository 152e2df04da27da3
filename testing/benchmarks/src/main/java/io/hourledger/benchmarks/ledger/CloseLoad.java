package io.hourledger.benchmarks.ledger;

import io.hourledger.benchmarks.load.Workload;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;

/** The one hour that is closed: every instance has used something in it, three events each on the average. */
final class CloseLoad {

    /** The hour. */
    static final UsageHour HOUR = UsageHour.of(Instant.parse("2026-09-01T08:00:00Z"));

    /** The aggregator's grace by default, so the hour is due this long after its end. */
    static final Duration GRACE = Duration.ofMinutes(2);

    static final int PARTITIONS = 4;
    static final String METER = "egress";
    static final Product PRODUCT =
            new Product("bench-egress", METER, ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    /** Events carry digests in all that is measured, as they should in production. */
    static final String DIGEST_KEY = "a key of the bench, 32 characters and more";

    /** For all services of the bench. */
    static final String CATALOGUE =
            """
            {"version": 1,
             "meters": [{"name": "%s", "eventType": "%s", "aggregation": "SUM", "valueField": "%s",
                         "unit": "MB", "unitFactor": "0.000001"}],
             "products": [{"productId": "%s", "meter": "%s", "chargingMode": "ON_DEMAND",
                           "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
            """
                    .formatted(METER, Workload.EVENT_TYPE, Workload.VALUE_FIELD, PRODUCT.productId(), METER);

    private static final int EVENTS_OF_AN_INSTANCE = 3;
    private static final long SEED = 4;

    private CloseLoad() {}

    static Workload of(int instances) {
        return new Workload((long) instances * EVENTS_OF_AN_INSTANCE, instances, PARTITIONS, HOUR.start(), 1, SEED);
    }
}
