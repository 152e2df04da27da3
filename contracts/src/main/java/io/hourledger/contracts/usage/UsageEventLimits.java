package io.hourledger.contracts.usage;

/** The bounds of one usage event. They are part of the contract: ingest and aggregator must judge alike. */
public final class UsageEventLimits {

    /** Bytes of one event's JSON. CloudEvents asks intermediaries to forward at least 64 KiB; usage events are small. */
    public static final int MAX_EVENT_BYTES = 65_536;

    /** Characters of {@code source}, {@code id} and {@code type}, each. */
    public static final int MAX_NAME_CHARS = 256;

    /** Characters of {@code subject}: the marketplace's instance ids have at most 64 (koogallery.md, section 1.3). */
    public static final int MAX_SUBJECT_CHARS = 64;

    /** Characters of the reason for an amendment. */
    public static final int MAX_WHY_CHARS = 1000;

    /** Digits before the decimal point of a value. */
    public static final int MAX_INTEGER_DIGITS = 18;

    /** Digits after the decimal point of a value. */
    public static final int MAX_FRACTION_DIGITS = 12;

    /** Levels of objects and arrays in one another, the event itself being the first. */
    public static final int MAX_JSON_DEPTH = 64;

    private UsageEventLimits() {}
}
