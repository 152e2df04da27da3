package io.hourledger.aggregator.scan;

import io.hourledger.contracts.usage.UsageHour;

/**
 * What one event says, as stretches of bytes and as numbers. Reused for every event, so that reading one leaves no garbage; the bytes are
 * those last read and must not be kept.
 */
public final class EventView {

    /** Decimals of {@link #valueHigh()} and {@link #valueLow()}. */
    public static final int VALUE_SCALE = 12;

    private static final long SECONDS_OF_HOUR = UsageHour.LENGTH.toSeconds();

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

    /** Number of the hour in which it happened. */
    public long hour() {
        return Math.floorDiv(epochSecond, SECONDS_OF_HOUR);
    }

    /** By how much its time is ahead of its record's timestamp; negative if it is behind. */
    public long millisAheadOf(long timestampMillis) {
        return epochSecond * 1000 + nanos / 1_000_000 - timestampMillis;
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
