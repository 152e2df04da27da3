package io.hourledger.chaos;

/**
 * A way in which a record of the log cannot be counted.
 *
 * <p>The aggregator must put it into quarantine under {@link #reason()}, and go on with its neighbours.
 */
enum UncountableKind {
    /** The event breaks off in the middle. */
    CUT_OFF("malformed"),
    /** The record's own timestamp lies beyond the year 9999. */
    ABSURD_TIMESTAMP("malformed"),
    OTHER_KEY("key-mismatch"),
    OTHER_PARTITION("wrong-partition"),
    FAR_AHEAD("too-far-ahead"),
    FAR_BEHIND("too-old");

    private final String reason;

    UncountableKind(String reason) {
        this.reason = reason;
    }

    /** The code of the quarantine. */
    String reason() {
        return reason;
    }
}
