package io.hourledger.contracts.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one event says, as stretches of bytes and as numbers. Reused for every event, so that reading one leaves no garbage; the bytes are
 * those last read and must not be kept.
 */
public final class EventView {

    /** In place of a meter, if no filter takes the event. */
    public static final int NO_METER = -1;

    /** In place of a meter, if it corrects another event. */
    public static final int AMENDMENT = -2;

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
    boolean isAlone;

    @Nullable UsageAmendment amendment;

    int further;
    int[] furtherMeters = {};
    long[] furtherHighs = {};
    long[] furtherLows = {};

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

    /** The instance. */
    public String subject() {
        return text(subjectOffset, subjectLength);
    }

    public String source() {
        return text(sourceOffset, sourceLength);
    }

    public String id() {
        return text(idOffset, idLength);
    }

    private String text(int offset, int length) {
        return new String(bytes, offset, length, UTF_8);
    }

    /** Whether its source is this one, in UTF-8. */
    public boolean isFrom(byte[] source) {
        return Arrays.equals(source, 0, source.length, bytes, sourceOffset, sourceOffset + sourceLength);
    }

    /** When it happened. */
    public Instant time() {
        return Instant.ofEpochSecond(epochSecond, nanos);
    }

    /** Index in {@link Meters} of the first meter that reads it, or {@link #NO_METER}. */
    public int meter() {
        return meter;
    }

    /** Whether no meter of its type reads it by its filter. Then it has no readings. */
    public boolean isFilteredOut() {
        return meter == NO_METER;
    }

    /** Whether it is no usage itself and corrects another event: {@link #amendment()} says how. */
    public boolean isAmendment() {
        return meter == AMENDMENT;
    }

    /** The amendment that was read last; only if {@link #isAmendment}. */
    public UsageAmendment amendment() {
        return Objects.requireNonNull(amendment, "no amendment was read");
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

    /** Whether {@link #meter()} reads all events of its type, no other meter does, and its bucket needs nothing beside it; so for nearly all. */
    public boolean isAlone() {
        return isAlone;
    }

    /** How many further meters read events of its type; none for nearly all. */
    public int further() {
        return further;
    }

    /** Index in {@link Meters} of one of them. */
    public int furtherMeter(int number) {
        return furtherMeters[number];
    }

    /** The upper 64 bits of what it reads. */
    public long furtherHigh(int number) {
        return furtherHighs[number];
    }

    /** The lower 64 bits of what it reads. */
    public long furtherLow(int number) {
        return furtherLows[number];
    }

    /** The indexes in {@link Meters} of all that read it. */
    public int[] meters() {
        int[] all = new int[1 + further];
        all[0] = meter;
        System.arraycopy(furtherMeters, 0, all, 1, further);
        return all;
    }

    /** Whether a meter, by its index in {@link Meters}, reads it. */
    public boolean isReadBy(int wanted) {
        return wanted == meter || placeOf(wanted) < further;
    }

    /** The upper 64 bits of what a meter reads that {@link #isReadBy reads it}. */
    public long highFor(int wanted) {
        return wanted == meter ? valueHigh : furtherHighs[placeOf(wanted)];
    }

    /** The lower 64 bits of what a meter reads that {@link #isReadBy reads it}. */
    public long lowFor(int wanted) {
        return wanted == meter ? valueLow : furtherLows[placeOf(wanted)];
    }

    /** What a meter reads that {@link #isReadBy reads it}. */
    public BigDecimal valueFor(int wanted) {
        if (wanted == meter) {
            return value(valueHigh, valueLow);
        }
        int place = placeOf(wanted);
        return value(furtherHighs[place], furtherLows[place]);
    }

    private int placeOf(int wanted) {
        int place = 0;
        while (place < further && furtherMeters[place] != wanted) {
            place++;
        }
        return place;
    }

    private static BigDecimal value(long high, long low) {
        BigInteger unsignedLow = BigInteger.valueOf(low);
        if (low < 0) {
            unsignedLow = unsignedLow.add(BigInteger.ONE.shiftLeft(Long.SIZE));
        }
        return new BigDecimal(BigInteger.valueOf(high).shiftLeft(Long.SIZE).add(unsignedLow), VALUE_SCALE);
    }

    /** The upper 64 bits of what the first meter reads, a whole number of 10^-12. */
    public long valueHigh() {
        return valueHigh;
    }

    /** The lower 64 bits of what the first meter reads. */
    public long valueLow() {
        return valueLow;
    }
}
