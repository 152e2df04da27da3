package io.hourledger.ledger.store;

/** The ledger holds an event that only a newer version of this software can read. It waits for that version, and is not at fault. */
public final class NewerEventException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    NewerEventException(String sentence) {
        super(sentence);
    }
}
