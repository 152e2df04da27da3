package io.hourledger.chaos;

import java.time.Duration;

/**
 * What the load is metered by: sums of values with at most 4 decimals, so that nothing is carried and every difference shows, and a count.
 * One meter has a filter, which takes more in the second version. One counts accounts, one takes a percentile, and one
 * weighs levels.
 */
final class ChaosCatalogue {

    static final String VALUE_FIELD = "units";
    static final String REGION_FIELD = "region";
    static final String ACCOUNT_FIELD = "account";

    /** So that many levels reach into the next hour, and none further. */
    static final Duration LEVEL_HOLDS_FOR = Duration.ofMinutes(45);

    static final String FIRST = version(1, "\"eu\"");
    static final String SECOND = version(2, "[\"eu\", \"us\"]");

    private ChaosCatalogue() {}

    private static String version(int number, String regions) {
        return """
            {"version": %d,
             "meters": [
               {"name": "volume", "eventType": "%s", "aggregation": "SUM", "valueField": "%s", "unit": "unit", "unitFactor": "1"},
               {"name": "calls", "eventType": "%s", "aggregation": "COUNT", "valueField": null, "unit": "call", "unitFactor": "1"},
               {"name": "hits", "eventType": "%s", "aggregation": "SUM", "valueField": "%s", "unit": "unit", "unitFactor": "1",
                "where": {"%s": %s}},
               {"name": "accounts", "eventType": "%s", "aggregation": "UNIQUE", "valueField": "%s", "unit": "account", "unitFactor": "1"},
               {"name": "bandwidth", "eventType": "%s", "aggregation": "PERCENTILE", "valueField": "%s", "unit": "unit", "unitFactor": "1",
                "percentile": "95", "fiveMinutes": "SUM"},
               {"name": "levels", "eventType": "%s", "aggregation": "TIME_WEIGHTED_SUM", "valueField": "%s", "unit": "unit-hours",
                "unitFactor": "1", "holdFor": "%s"}],
             "products": [
               {"productId": "%s", "meter": "volume", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "calls", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "hits", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "accounts", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "bandwidth", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "levels", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
            """
                .formatted(
                        number,
                        LoadMeter.VOLUME.eventType(),
                        VALUE_FIELD,
                        LoadMeter.CALLS.eventType(),
                        LoadMeter.HITS.eventType(),
                        VALUE_FIELD,
                        REGION_FIELD,
                        regions,
                        LoadMeter.ACCOUNTS.eventType(),
                        ACCOUNT_FIELD,
                        LoadMeter.BANDWIDTH.eventType(),
                        VALUE_FIELD,
                        LoadMeter.LEVELS.eventType(),
                        VALUE_FIELD,
                        LEVEL_HOLDS_FOR,
                        LoadMeter.VOLUME.product(),
                        LoadMeter.CALLS.product(),
                        LoadMeter.HITS.product(),
                        LoadMeter.ACCOUNTS.product(),
                        LoadMeter.BANDWIDTH.product(),
                        LoadMeter.LEVELS.product());
    }
}
