package io.hourledger.cli.catalogue;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.Product;
import java.util.Locale;

/** Says meters and products as finance reads them. Two have the same words if and only if they bill alike. */
final class CatalogueWords {

    private CatalogueWords() {}

    static String of(Meter meter) {
        String what = meter.aggregation() == Aggregation.COUNT
                ? "the number of " + meter.eventType() + " events"
                : "the " + meter.aggregation().name().toLowerCase(Locale.ROOT) + " of data." + meter.valueField()
                        + " of " + meter.eventType() + " events";
        return what + ", times " + meter.unitFactor().stripTrailingZeros().toPlainString() + " " + meter.unit();
    }

    static String of(Product product) {
        return "measured by " + product.meter() + ", charged " + product.chargingMode() + ", priced "
                + product.pricingMode() + ", billed " + product.billingCycle();
    }
}
