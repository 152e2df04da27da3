package io.hourledger.aggregator.hour;

import java.util.Arrays;

/** The recorded cutoffs of one partition. Hours and offsets both rise, so the hours whose cutoff an offset has passed are a beginning. */
final class CutoffTable {

    static final long NO_HOUR = Long.MIN_VALUE;

    private long[] hours = new long[64];
    private long[] offsets = new long[64];
    private int size;

    void add(long hour, long offset) {
        if (size > 0 && (hour <= hours[size - 1] || offset < offsets[size - 1])) {
            throw new PartitionHaltedException("cutoffs must rise: hour " + hour + " at " + offset + " after hour "
                    + hours[size - 1] + " at " + offsets[size - 1]);
        }
        if (size == hours.length) {
            hours = Arrays.copyOf(hours, 2 * size);
            offsets = Arrays.copyOf(offsets, 2 * size);
        }
        hours[size] = hour;
        offsets[size++] = offset;
    }

    /** Whether an hour has a cutoff of its own, at this offset. */
    boolean has(long hour, long offset) {
        int i = Arrays.binarySearch(hours, 0, size, hour);
        return i >= 0 && offsets[i] == offset;
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

    /** The last hour whose cutoff is at or before this offset, or {@link #NO_HOUR}: an event there of this hour or an earlier one is late. */
    long lastHourPassedAt(long offset) {
        int i = size;
        while (i > 0 && offsets[i - 1] > offset) {
            i--;
        }
        return i == 0 ? NO_HOUR : hours[i - 1];
    }

    /** The first cutoff beyond this offset, or {@link Long#MAX_VALUE}. */
    long nextOffsetAfter(long offset) {
        long next = Long.MAX_VALUE;
        for (int i = size; i > 0 && offsets[i - 1] > offset; i--) {
            next = offsets[i - 1];
        }
        return next;
    }
}
