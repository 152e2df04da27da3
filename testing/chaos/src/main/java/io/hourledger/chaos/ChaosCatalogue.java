package io.hourledger.chaos;

/**
 * What the load is metered by: sums of values with at most 4 decimals, so that nothing is carried and every difference shows, and a count.
 * One meter has a filter, which takes more in the second version.
 */
final class ChaosCatalogue {

    static final String VALUE_FIELD = "units";
    static final String REGION_FIELD = "region";

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
                "where": {"%s": %s}}],
             "products": [
               {"productId": "%s", "meter": "volume", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "calls", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "hits", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
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
                        LoadMeter.VOLUME.product(),
                        LoadMeter.CALLS.product(),
                        LoadMeter.HITS.product());
    }
}
