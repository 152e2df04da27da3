package io.hourledger.aggregator.hour;

import java.util.Optional;
import java.util.stream.Stream;

/** Why an event is not counted. The stable {@link #code()} is what rows, metrics and pages show. */
public enum QuarantineReason {
    /** Its bytes are not a usage event that a meter of the catalogue reads. */
    MALFORMED("malformed"),
    /** It lies on another partition than Kafka's default partitioner gives its subject; it can be sent again to the right one. */
    WRONG_PARTITION("wrong-partition"),
    /** The record's key is not the event's subject. */
    KEY_MISMATCH("key-mismatch"),
    /** Its time is further ahead of the record's timestamp than clocks can differ. */
    TOO_FAR_AHEAD("too-far-ahead"),
    /** Its time is longer before the record's timestamp than events are accepted. */
    TOO_OLD("too-old"),
    /** It lies behind the recorded cutoff of its hour. */
    LATE("late"),
    /** An event with the same subject, source and id, but with other content, was counted before. */
    CONFLICT("conflict"),
    /** It amends or voids an event whose hour accepts no more usage. */
    AMENDMENT_TOO_LATE("amendment-too-late"),
    /** It has one value more than the bucket of a unique count takes, whatever other meters read it. */
    TOO_MANY_VALUES("too-many-values"),
    /** Its key is bound to products, and its instance was of none of them when it was counted, or not open yet. */
    FORBIDDEN("forbidden");

    private final String code;

    QuarantineReason(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    /** The reason with this code. Empty if this version has none, as for a row that a newer one has written. */
    public static Optional<QuarantineReason> ofCode(String code) {
        return Stream.of(values()).filter(reason -> reason.code.equals(code)).findFirst();
    }
}
