package io.hourledger.aggregator.hour;

/** The store refused what was asked, for its data or for a bug, and kept nothing. Asked the same again it refuses again. */
public final class StoreRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
