package io.hourledger.aggregator.hour;

/** The store refused a checkpoint for its data and kept none of it. A shorter one, without the record at fault, it takes. */
public final class CheckpointRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CheckpointRefusedException(StoreRefusedException refused) {
        super(refused.getMessage(), refused);
    }
}
