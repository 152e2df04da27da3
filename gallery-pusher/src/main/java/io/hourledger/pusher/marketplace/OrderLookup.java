package io.hourledger.pusher.marketplace;

/** Where an order is looked up. */
public interface OrderLookup {

    /** Asks once for one line of an order, for a bounded time. Never throws for what the network or the marketplace does. */
    Answer query(String orderId, String orderLineId);

    /** Asks in the same way for an order with all its lines. */
    Answer queryWhole(String orderId);

    /** What was said of an order. */
    sealed interface Answer {

        record Found(MarketplaceOrder order) implements Answer {}

        /** The marketplace knows no such order, or thinks the question wrong. */
        record Refused(String code, String message) implements Answer {}

        /** Our access key is not accepted: every question would end like this one. */
        record NotAllowed(String code, String message) implements Answer {}

        /** Ask again later. */
        record Unavailable(String why) implements Answer {}
    }
}
