package io.hourledger.pusher.marketplace;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An order as the marketplace tells it.
 *
 * @param buyerId the customer who ordered; null in debug orders that name none
 */
public record MarketplaceOrder(String orderId, Type type, @Nullable String buyerId, List<Line> lines) {

    /** What an order is for. */
    public enum Type {
        NEW,
        TRIAL,
        TRIAL_TO_FORMAL,
        UNSUBSCRIBE,
        RENEW,
        CHANGE,
        /** The marketplace did not say. */
        NOT_TOLD,
        /** A word that no document has. */
        UNDOCUMENTED
    }

    /**
     * One line of it.
     *
     * @param chargingMode ON_DEMAND, ONE_TIME, PERIOD or ON_DEMAND_PKG, as it came
     * @param items its billing items
     */
    public record Line(String orderLineId, String chargingMode, List<Item> items) {

        public List<String> productIds() {
            return items.stream().map(Item::productId).toList();
        }

        public Optional<Item> item(String productId) {
            return items.stream()
                    .filter(item -> item.productId().equals(productId))
                    .findFirst();
        }
    }

    /**
     * A billing item.
     *
     * @param size how much of it was ordered, as the order says it; null if the order does not
     */
    public record Item(String productId, @Nullable String size) {}

    public Optional<Line> line(String orderLineId) {
        return lines.stream()
                .filter(line -> line.orderLineId().equals(orderLineId))
                .findFirst();
    }
}
