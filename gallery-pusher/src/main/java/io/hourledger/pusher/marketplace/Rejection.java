package io.hourledger.pusher.marketplace;

/** What it means that the marketplace did not take a record. The adapter decides it from the marketplace's code. */
public enum Rejection {

    /** The marketplace has a record with this serial number or window already. */
    DUPLICATE,

    /**
     * The refusal looks at nothing but the record itself, so every earlier attempt of the identical record was refused as well.
     */
    ALWAYS_REFUSED,

    /** The refusal depends on the day, the instance or the seller, so an earlier attempt may have been taken. */
    REFUSED_TODAY,

    /** The record's instance is in no state to be billed; when it was frozen and is not any more, the record may be taken. */
    WHILE_FROZEN,

    /** It is our key's fault, never the record's, however often it is refused: the record stays until it is taken. */
    OF_OUR_KEY,

    /** The code is documented nowhere, so nobody knows what became of the record. */
    UNDOCUMENTED;

    /** Whether the record was refused, and nothing is left to doubt in this answer. */
    public boolean isRefusal() {
        return this == ALWAYS_REFUSED || this == REFUSED_TODAY || this == WHILE_FROZEN;
    }
}
