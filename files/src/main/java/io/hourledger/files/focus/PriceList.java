package io.hourledger.files.focus;

import io.hourledger.contracts.usage.PricingMode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a unit of each product costs, as the seller says. Prices are never guessed: a product that is not listed, or has no whole price, stops the
 * file.
 */
public final class PriceList {

    private final String currency;
    private final Map<String, ProductPrice> prices;

    private PriceList(String currency, Map<String, ProductPrice> prices) {
        this.currency = currency;
        this.prices = prices;
    }

    /**
     * A slice of usage and its price.
     *
     * @param upTo where the slice ends, itself included; null for the last one
     */
    record Tier(@Nullable BigDecimal upTo, BigDecimal unitPrice) {}

    /** The price of one product. */
    record ProductPrice(PricingMode mode, List<Tier> tiers) {

        /**
         * What a record costs, exactly.
         *
         * @param before what the instance used of the product in the same month before this record; only tiered prices look at it
         */
        BigDecimal of(BigDecimal amount, BigDecimal before) {
            return switch (mode) {
                case FIXED -> amount.multiply(tiers.getFirst().unitPrice);
                case VOLUME -> amount.multiply(tierOf(amount).unitPrice);
                case TIERED -> upTo(before.add(amount)).subtract(upTo(before));
            };
        }

        /** The one price of all units of a record; null if they have several. */
        @Nullable BigDecimal unitPrice(BigDecimal amount, BigDecimal before) {
            return switch (mode) {
                case FIXED -> tiers.getFirst().unitPrice;
                case VOLUME -> tierOf(amount).unitPrice;
                case TIERED -> {
                    Tier last = tierOf(before.add(amount));
                    BigDecimal whole = amount.multiply(last.unitPrice);
                    yield whole.compareTo(of(amount, before)) == 0 ? last.unitPrice : null;
                }
            };
        }

        private Tier tierOf(BigDecimal amount) {
            return tiers.stream()
                    .filter(tier -> tier.upTo == null || amount.compareTo(tier.upTo) <= 0)
                    .findFirst()
                    .orElseThrow();
        }

        private BigDecimal upTo(BigDecimal amount) {
            BigDecimal cost = BigDecimal.ZERO;
            BigDecimal from = BigDecimal.ZERO;
            for (Tier tier : tiers) {
                BigDecimal to = tier.upTo == null ? amount : amount.min(tier.upTo);
                if (to.compareTo(from) > 0) {
                    cost = cost.add(to.subtract(from).multiply(tier.unitPrice));
                    from = to;
                }
            }
            return cost;
        }
    }

    /**
     * Reads a list such as
     * {@code {"currency": "CNY", "products": [{"productId": "p", "mode": "TIERED", "tiers": [{"upTo": "3", "unitPrice": "0.3"}, {"unitPrice": "0.2"}]}]}}.
     * Numbers are strings, so that no reader rounds them.
     *
     * @throws IllegalArgumentException with a sentence for a person
     */
    public static PriceList read(byte[] json) {
        try {
            JsonNode file = new JsonMapper().readTree(json);
            String currency = file.path("currency").asString("");
            if (!currency.matches("[A-Z]{3}")) {
                throw new IllegalArgumentException("a price list needs a currency of ISO 4217, such as CNY");
            }
            Map<String, ProductPrice> prices = new LinkedHashMap<>();
            for (JsonNode product : file.path("products")) {
                String id = product.path("productId").asString("");
                if (id.isBlank() || prices.put(id, price(id, product)) != null) {
                    throw new IllegalArgumentException("a product of the price list has no id, or stands twice: " + id);
                }
            }
            return new PriceList(currency, prices);
        } catch (JacksonException unreadable) {
            throw new IllegalArgumentException(
                    "the price list is no JSON: " + unreadable.getOriginalMessage(), unreadable);
        }
    }

    private static ProductPrice price(String id, JsonNode product) {
        PricingMode mode = mode(id, product.path("mode").asString("FIXED"));
        List<Tier> tiers = new ArrayList<>();
        for (JsonNode tier : product.path("tiers")) {
            BigDecimal upTo = tier.has("upTo") ? number(id, tier.path("upTo")) : null;
            tiers.add(new Tier(upTo, number(id, tier.path("unitPrice"))));
        }
        if (product.has("unitPrice")) {
            tiers.add(new Tier(null, number(id, product.path("unitPrice"))));
        }
        boolean whole = !tiers.isEmpty() && tiers.getLast().upTo == null;
        for (int i = 0; whole && i < tiers.size() - 1; i++) {
            BigDecimal end = tiers.get(i).upTo;
            BigDecimal next = tiers.get(i + 1).upTo;
            whole = end != null && end.signum() > 0 && (next == null || next.compareTo(end) > 0);
        }
        if (!whole || (mode == PricingMode.FIXED && tiers.size() != 1)) {
            throw new IllegalArgumentException("the prices of " + id
                    + " are not whole: a fixed one is one unitPrice; tiers rise, and the last has no upTo");
        }
        return new ProductPrice(mode, List.copyOf(tiers));
    }

    private static PricingMode mode(String id, String text) {
        try {
            return PricingMode.valueOf(text);
        } catch (IllegalArgumentException unknown) {
            throw new IllegalArgumentException(
                    "the mode of " + id + " is FIXED, TIERED or VOLUME, not " + text, unknown);
        }
    }

    private static BigDecimal number(String id, JsonNode node) {
        try {
            return new BigDecimal(node.isString() ? node.asString() : "none");
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(
                    "a price of " + id + " is a string with a number, such as \"0.3\"", none);
        }
    }

    String currency() {
        return currency;
    }

    ProductPrice of(String productId) {
        ProductPrice price = prices.get(productId);
        if (price == null) {
            throw new IllegalArgumentException("the price list has no price of product " + productId);
        }
        return price;
    }
}
