package io.hourledger.chaos;

/** What the load is metered by: a sum of values with at most 4 decimals, so that nothing is carried and every difference shows, and a count. */
final class ChaosCatalogue {

    static final String SUM_PRODUCT = "chaos-volume";
    static final String COUNT_PRODUCT = "chaos-calls";
    static final String SUM_TYPE = "chaos.volume";
    static final String COUNT_TYPE = "chaos.call";
    static final String VALUE_FIELD = "units";

    static final String JSON =
            """
            {"version": 1,
             "meters": [
               {"name": "volume", "eventType": "%s", "aggregation": "SUM", "valueField": "%s", "unit": "unit", "unitFactor": "1"},
               {"name": "calls", "eventType": "%s", "aggregation": "COUNT", "valueField": null, "unit": "call", "unitFactor": "1"}],
             "products": [
               {"productId": "%s", "meter": "volume", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"},
               {"productId": "%s", "meter": "calls", "chargingMode": "ON_DEMAND", "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
            """
                    .formatted(SUM_TYPE, VALUE_FIELD, COUNT_TYPE, SUM_PRODUCT, COUNT_PRODUCT);

    private ChaosCatalogue() {}
}
