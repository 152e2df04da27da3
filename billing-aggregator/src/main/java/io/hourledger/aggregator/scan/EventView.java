package io.hourledger.aggregator.scan;

/**
 * What one event says, as stretches of bytes and as numbers. Reused for every event, so that reading one leaves no garbage; the bytes are
 * those last read and must not be kept.
 */
public final class EventView {

    /** Decimals of {@link #valueHigh()} and {@link #valueLow()}. */
    public static final int VALUE_SCALE = 12;

    byte[] bytes = new byte[0];
    int subjectOffset;
    int subjectLength;
    int sourceOffset;
    int sourceLength;
    int idOffset;
    int idLength;
    int meter;
    long epochSecond;
    int nanos;
    long valueHigh;
    long valueLow;

    EventView() {}

    public byte[] bytes() {
        return bytes;
    }

    public int subjectOffset() {
        return subjectOffset;
    }

    public int subjectLength() {
        return subjectLength;
    }

    public int sourceOffset() {
        return sourceOffset;
    }

    public int sourceLength() {
        return sourceLength;
    }

    public int idOffset() {
        return idOffset;
    }

    public int idLength() {
        return idLength;
    }

    /** Index of its meter in {@link Meters}. */
    public int meter() {
        return meter;
    }

    public long epochSecond() {
        return epochSecond;
    }

    /** Nanoseconds within the second. */
    public int nanos() {
        return nanos;
    }

    /** The upper 64 bits of the value, a whole number of 10^-12. */
    public long valueHigh() {
        return valueHigh;
    }

    /** The lower 64 bits of the value. */
    public long valueLow() {
        return valueLow;
    }
}
