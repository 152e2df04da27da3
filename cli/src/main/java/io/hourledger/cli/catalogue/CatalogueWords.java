package io.hourledger.cli.catalogue;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms;
import io.hourledger.contracts.usage.Product;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says meters and products as finance reads them. Two have the same words if and only if they bill alike. */
final class CatalogueWords {

    private CatalogueWords() {}

    static String of(Meter meter) {
        String field = "data." + meter.valueField() + " of " + meter.eventType() + " events";
        String what =
                switch (meter.terms()) {
                    case MeterTerms.None() ->
                        meter.aggregation() == Aggregation.COUNT
                                ? "the number of " + meter.eventType() + " events"
                                : "the " + meter.aggregation().name().toLowerCase(Locale.ROOT) + " of " + field;
                    case MeterTerms.Unique(int mostValues) ->
                        "the number of different " + field + " (at most " + mostValues
                                + " in each revision of an hour)";
                    case MeterTerms.Percentile(BigDecimal percentile, Aggregation fiveMinutes) ->
                        "the percentile " + percentile.toPlainString() + " of the five-minute "
                                + fiveMinutes.name().toLowerCase(Locale.ROOT) + " of " + field;
                    case MeterTerms.TimeWeighted(Duration holdFor) ->
                        "the sum of " + field
                                + " times the hours for which each holds: until the next one, and at most "
                                + holdFor.toString().substring(2).toLowerCase(Locale.ROOT);
                };
        String filter = meter.filter().isEmpty()
                ? ""
                : meter.filter().json().entrySet().stream()
                        .map(member -> "data." + member.getKey() + " is "
                                + member.getValue().stream()
                                        .map(value -> value instanceof String ? "\"" + value + "\"" : value.toString())
                                        .collect(Collectors.joining(" or ")))
                        .collect(Collectors.joining(" and ", " whose ", ""));
        return what + filter + ", times "
                + meter.unitFactor().stripTrailingZeros().toPlainString() + " " + meter.unit();
    }

    static String of(Product product) {
        return "measured by " + product.meter() + ", charged " + product.chargingMode() + ", priced "
                + product.pricingMode() + ", billed " + product.billingCycle();
    }
}
