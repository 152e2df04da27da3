package io.hourledger.contracts.instance;

/** Names the line of the marketplace's order that asked for an instance. */
public record OrderLine(String orderId, String orderLineId) {

    /** Stands for order and line of an instance that was opened without a marketplace. */
    public static final String NO_ORDER = "no-marketplace";
}
