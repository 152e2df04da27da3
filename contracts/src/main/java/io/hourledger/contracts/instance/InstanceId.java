package io.hourledger.contracts.instance;

/** The marketplace's {@code instance_id}: what a buyer got for one product of one order. 1 to 64 characters (koogallery.md, section 4.4). */
public record InstanceId(String value) {

    /** The longest id of the marketplace. */
    public static final int MAX_CHARS = 64;

    public InstanceId {
        if (value.isBlank() || value.length() > MAX_CHARS) {
            throw new IllegalArgumentException("an instance id has 1 to " + MAX_CHARS + " characters: '" + value + "'");
        }
    }

    /** With its kind in front, since event-sourced aggregates of all kinds share one space of ids. */
    @Override
    public String toString() {
        return "instance:" + value;
    }
}
