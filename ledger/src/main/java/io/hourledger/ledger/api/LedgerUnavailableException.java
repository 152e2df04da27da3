package io.hourledger.ledger.api;

/** The ledger's store did not take the events, or the instance was too contended; nothing has happened. */
public final class LedgerUnavailableException extends RuntimeException {

    public LedgerUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
