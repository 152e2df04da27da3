package io.hourledger.contracts.instance;

import org.jspecify.annotations.Nullable;

/**
 * Names the line of the marketplace's order that asked for an instance.
 *
 * @param account the seller account that the buyer ordered from, which alone may report the usage; null for an instance without a marketplace
 */
public record OrderLine(String orderId, String orderLineId, @Nullable String account) {

    /** Stands for order and line of an instance that was opened without a marketplace. */
    public static final String NO_ORDER = "no-marketplace";

    /** What the seller account of an installation is called if nobody gives it a name. */
    public static final String USUAL_ACCOUNT = "default";

    /** Of an instance that was opened without a marketplace. */
    public static OrderLine none() {
        return new OrderLine(NO_ORDER, NO_ORDER, null);
    }
}
