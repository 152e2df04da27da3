package io.hourledger.ledger.store;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.CarriedCredits;
import io.hourledger.ledger.instance.CarriedCredits.Credit;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The carried credits in the snapshot of an instance: most have none. */
final class CreditCodec {

    private static final int PRODUCT = 3;

    private CreditCodec() {}

    static void write(CarriedCredits credits, ObjectNode state) {
        if (credits.credits().isEmpty()) {
            return;
        }
        ArrayNode written = state.putArray("credits");
        for (Credit credit : credits.credits()) {
            ArrayNode entry = written.addArray()
                    .add(credit.hour().number())
                    .add(credit.revision())
                    .add(credit.amount().toPlainString());
            Product product = credit.product();
            if (product != null) {
                entry.add(product.productId())
                        .add(product.chargingMode().name())
                        .add(product.pricingMode().name())
                        .add(product.billingCycle().name());
            }
        }
    }

    static CarriedCredits read(JsonNode state) {
        JsonNode written = state.get("credits");
        List<Credit> credits = new ArrayList<>();
        if (written != null) {
            String meter = state.get("origin").get("meter").asString();
            for (JsonNode entry : written) {
                credits.add(new Credit(
                        UsageHour.ofNumber(entry.get(0).asLong()),
                        entry.get(1).asInt(),
                        entry.size() > PRODUCT ? product(entry, PRODUCT, meter) : null,
                        new BigDecimal(entry.get(2).asString())));
            }
        }
        return new CarriedCredits(credits);
    }

    /**
     * @param from where the product's members begin in the array
     */
    static Product product(JsonNode array, int from, String meter) {
        return new Product(
                array.get(from).asString(),
                meter,
                ChargingMode.valueOf(array.get(from + 1).asString()),
                PricingMode.valueOf(array.get(from + 2).asString()),
                BillingCycle.valueOf(array.get(from + 3).asString()));
    }
}
