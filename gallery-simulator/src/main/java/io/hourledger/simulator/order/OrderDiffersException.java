package io.hourledger.simulator.order;

/** An order was placed again under the same id with another content. */
public final class OrderDiffersException extends RuntimeException {

    private static final long serialVersionUID = 1;

    OrderDiffersException(String orderId) {
        super("order " + orderId + " is there already and says something else");
    }
}
