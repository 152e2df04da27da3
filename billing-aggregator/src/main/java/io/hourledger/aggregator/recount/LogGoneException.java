package io.hourledger.aggregator.recount;

/** The log does not hold an offset that is needed. Never leaves this package: callers get {@link Recount.LogGone}. */
final class LogGoneException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LogGoneException(String message) {
        super(message);
    }
}
