package io.hourledger.ledger.store;

/** A reader of the ledger can take the events of so many instances no more that it is at fault itself: it stands, and nothing is put aside. */
final class ReaderAtFaultException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /**
     * @param last the last of what it cannot take
     */
    ReaderAtFaultException(DeadLetter last) {
        super("more instances than may be put aside, or all that were tried; of " + last.instanceId() + ": "
                + last.cause());
    }
}
