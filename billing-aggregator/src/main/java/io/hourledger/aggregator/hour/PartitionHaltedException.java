package io.hourledger.aggregator.hour;

/** A partition cannot go on until a person has decided how; the message is a sentence for that person. It is no bug. */
public final class PartitionHaltedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HaltReason reason;

    public PartitionHaltedException(HaltReason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public HaltReason reason() {
        return reason;
    }
}
