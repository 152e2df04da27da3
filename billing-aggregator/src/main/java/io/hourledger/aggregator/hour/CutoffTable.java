package io.hourledger.aggregator.hour;

import java.util.Arrays;

/**
 * The recorded cutoffs of one partition. Hours and offsets both rise, so the hours whose cutoff an offset has passed are a beginning. The
 * first hour that still accepts late usage never goes back.
 */
final class CutoffTable {

    static final long NO_HOUR = Long.MIN_VALUE;

    private static final int FIRST_CAPACITY = 64;

    private long[] hours = new long[FIRST_CAPACITY];
    private long[] offsets = new long[FIRST_CAPACITY];
    private long[] acceptsFrom = new long[FIRST_CAPACITY];
    private int size;

    void add(long hour, long offset, long accepts) {
        if (size > 0 && (hour <= hours[size - 1] || offset < offsets[size - 1] || accepts < acceptsFrom[size - 1])) {
            throw new PartitionHaltedException(
                    HaltReason.DAMAGED_CUTOFFS,
                    "cutoffs must rise: " + row(hour, offset, accepts) + " after "
                            + row(hours[size - 1], offsets[size - 1], acceptsFrom[size - 1]));
        }
        if (size == hours.length) {
            hours = Arrays.copyOf(hours, 2 * size);
            offsets = Arrays.copyOf(offsets, 2 * size);
            acceptsFrom = Arrays.copyOf(acceptsFrom, 2 * size);
        }
        hours[size] = hour;
        offsets[size] = offset;
        acceptsFrom[size++] = accepts;
    }

    private static String row(long hour, long offset, long accepts) {
        return "hour " + hour + " at " + offset + " that accepts from " + accepts;
    }

    /** Whether an hour has a cutoff of its own, at this offset and accepting from this hour. */
    boolean has(long hour, long offset, long accepts) {
        int i = Arrays.binarySearch(hours, 0, size, hour);
        return i >= 0 && offsets[i] == offset && acceptsFrom[i] == accepts;
    }

    /** The first hour that has a cutoff, or {@link #NO_HOUR}. */
    long firstHour() {
        return size == 0 ? NO_HOUR : hours[0];
    }

    /** The last hour that has a cutoff, or {@link #NO_HOUR}. */
    long lastHour() {
        return size == 0 ? NO_HOUR : hours[size - 1];
    }

    /** The last cutoff's offset, or zero. */
    long lastOffset() {
        return size == 0 ? 0 : offsets[size - 1];
    }

    /** The first hour that accepts late usage behind the last cutoff, or {@link #NO_HOUR} if there is no cutoff. */
    long lastAcceptsFrom() {
        return size == 0 ? NO_HOUR : acceptsFrom[size - 1];
    }

    /** The last hour whose cutoff is at or before this offset, or {@link #NO_HOUR}: an event there of this hour or an earlier one is late. */
    long lastHourPassedAt(long offset) {
        int passed = passedAt(offset);
        return passed == 0 ? NO_HOUR : hours[passed - 1];
    }

    /** The first hour that accepts late usage at this offset, or {@link #NO_HOUR} if no hour has ended before it. */
    long acceptsFromAt(long offset) {
        int passed = passedAt(offset);
        return passed == 0 ? NO_HOUR : acceptsFrom[passed - 1];
    }

    /** How many of the cutoffs lie at or before this offset. */
    private int passedAt(long offset) {
        int i = size;
        while (i > 0 && offsets[i - 1] > offset) {
            i--;
        }
        return i;
    }

    /** The first cutoff beyond this offset, or {@link Long#MAX_VALUE}. */
    long nextOffsetAfter(long offset) {
        int passed = passedAt(offset);
        return passed == size ? Long.MAX_VALUE : offsets[passed];
    }
}
