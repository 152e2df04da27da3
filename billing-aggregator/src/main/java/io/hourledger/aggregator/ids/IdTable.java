package io.hourledger.aggregator.ids;

import java.util.Arrays;

/**
 * The identities of one partition that are held in memory, each with the usage hour in which its event was counted. Open addressing in
 * primitive arrays, 16 bytes an id; belongs to one thread.
 *
 * <p><b>Growth.</b> The table is cut into {@value #SEGMENTS} segments by the first bits of the hash, and each grows alone by half when it is
 * three quarters full, so growing never needs room for more than one extra segment. Their sizes are staggered, so that at any time
 * some have just grown and others are about to: about 26 bytes an id on the average, at any count.
 *
 * <p><b>The hour costs nothing.</b> The bits that choose the segment are the same for all its ids, so in the table the hour's slot takes their
 * place: an id is still 96 bits of its names and 32 of its content.
 */
public final class IdTable {

    /** What {@link #find} answers when the id is not there. */
    public static final long ABSENT = -1;

    private static final int SEGMENT_BITS = 10;
    private static final int SEGMENTS = 1 << SEGMENT_BITS;
    private static final int SLOT_SHIFT = Long.SIZE - SEGMENT_BITS;
    private static final long HASH_MASK = -1L >>> SEGMENT_BITS;
    private static final int SMALLEST = 12;
    private static final int LOOK_AHEAD = 256 * EventIdentity.BYTES;
    private static final int NO_SLOT = 0;

    /** A segment that has no room yet: one place, always empty. */
    private static final long[] NO_PLACES = new long[2];

    /** No hour has this number. */
    public static final long NO_HOUR = Long.MIN_VALUE;

    /** Two longs an id: hour slot and hash; rest of the hash and content. A slot is never 0, so a first long of 0 is an empty place. */
    private final long[][] segments = new long[SEGMENTS][];

    private final int[] sizes = new int[SEGMENTS];

    /** The hour that each hour slot stands for; slot 0 is never used. */
    private final long[] hourOfSlot = new long[1 << SEGMENT_BITS];

    private final int[] idsOfSlot = new int[1 << SEGMENT_BITS];
    private int slotsUsed;
    private int latestSlot = NO_SLOT;
    private long size;

    private int freeSegment;
    private int freePlace;

    /** Never read: it keeps the look ahead of {@link #addAll} from being optimized away. */
    @SuppressWarnings("unused")
    private long touched;

    public IdTable() {
        Arrays.fill(hourOfSlot, NO_HOUR);
        Arrays.fill(segments, NO_PLACES);
    }

    /** Between {@code base} and half as much again, evenly spread over the segments. */
    private static int staggered(int base, int segment) {
        return (int) Math.ceil(base * Math.pow(1.5, (double) segment / SEGMENTS));
    }

    /** Makes room for so many ids at once, if there are none yet. */
    public void expect(long ids) {
        if (size > 0) {
            return;
        }
        int base = (int) Math.max(SMALLEST, (long) Math.ceil(ids / (double) SEGMENTS / 0.72));
        for (int i = 0; i < SEGMENTS; i++) {
            segments[i] = new long[2 * staggered(base, i)];
        }
    }

    public long size() {
        return size;
    }

    /** Whether ids of this hour can be added: it has some already, or there is room for another hour. */
    boolean takes(long hour) {
        return slotsUsed < hourOfSlot.length - 1 || holds(hour);
    }

    /** Whether it has ids of this hour. */
    boolean holds(long hour) {
        return slotOf(hour) != NO_SLOT;
    }

    /**
     * Looks for an id counted in {@code hour}, or in any hour from {@code sinceHour} on.
     *
     * @return the content of its event as an unsigned 32-bit number, or {@link #ABSENT}, after which {@link #add} may add it
     */
    public long find(long high, int low, long hour, long sinceHour) {
        int segment = (int) (high >>> SLOT_SHIFT);
        long hash = high & HASH_MASK;
        long[] places = segments[segment];
        int capacity = places.length >> 1;
        int place = placeOf(hash, capacity);
        while (true) {
            long first = places[place << 1];
            if (first == 0) {
                freeSegment = segment;
                freePlace = place;
                return ABSENT;
            }
            if ((first & HASH_MASK) == hash) {
                long second = places[(place << 1) + 1];
                if ((int) (second >>> 32) == low) {
                    long countedIn = hourOfSlot[(int) (first >>> SLOT_SHIFT)];
                    if (countedIn == hour || countedIn >= sinceHour) {
                        return second & 0xffffffffL;
                    }
                }
            }
            if (++place == capacity) {
                place = 0;
            }
        }
    }

    /** Adds the id that {@link #find} has just not found. */
    public void add(long high, int low, int content, long hour) {
        int slot = slotFor(hour);
        long[] places = segments[freeSegment];
        if (places == NO_PLACES) {
            places = new long[2 * staggered(SMALLEST, freeSegment)];
            segments[freeSegment] = places;
            freePlace = placeOf(high & HASH_MASK, places.length >> 1);
        }
        places[freePlace << 1] = ((long) slot << SLOT_SHIFT) | (high & HASH_MASK);
        places[(freePlace << 1) + 1] = ((long) low << 32) | (content & 0xffffffffL);
        idsOfSlot[slot]++;
        size++;
        if (++sizes[freeSegment] * 4L > (places.length >> 1) * 3L) {
            int capacity = places.length >> 1;
            segments[freeSegment] = rehashed(places, capacity + (capacity >> 1));
        }
    }

    /**
     * Adds many ids of one hour, none of which it has, as {@link IdBuffer} lays them out. The places of some hundred ids are looked at before
     * the first of them is added: their lines of memory then come at the same time, and not one after the other.
     *
     * @return false if it holds one of them already; what was added until then stays
     */
    public boolean addAll(long hour, byte[] added) {
        for (int from = 0; from < added.length; from += LOOK_AHEAD) {
            int to = Math.min(added.length, from + LOOK_AHEAD);
            for (int at = from; at < to; at += EventIdentity.BYTES) {
                long high = IdBuffer.highAt(added, at);
                long[] places = segments[(int) (high >>> SLOT_SHIFT)];
                touched += places[placeOf(high & HASH_MASK, places.length >> 1) << 1];
            }
            for (int at = from; at < to; at += EventIdentity.BYTES) {
                long high = IdBuffer.highAt(added, at);
                int low = IdBuffer.lowAt(added, at);
                if (find(high, low, hour, Long.MAX_VALUE) != ABSENT) {
                    return false;
                }
                add(high, low, IdBuffer.contentAt(added, at), hour);
            }
        }
        return true;
    }

    private static int placeOf(long hash, int capacity) {
        return (int) (((hash >>> (SLOT_SHIFT - 32)) * capacity) >>> 32);
    }

    private static long[] rehashed(long[] old, int capacity) {
        long[] places = new long[2 * capacity];
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != 0) {
                put(places, capacity, old[i], old[i + 1]);
            }
        }
        return places;
    }

    private static void put(long[] places, int capacity, long first, long second) {
        int place = placeOf(first & HASH_MASK, capacity);
        while (places[place << 1] != 0) {
            if (++place == capacity) {
                place = 0;
            }
        }
        places[place << 1] = first;
        places[(place << 1) + 1] = second;
    }

    /** The slot that an hour has, or {@link #NO_SLOT}. */
    private int slotOf(long hour) {
        if (hourOfSlot[latestSlot] == hour) {
            return latestSlot;
        }
        for (int slot = 1; slot < hourOfSlot.length; slot++) {
            if (hourOfSlot[slot] == hour) {
                latestSlot = slot;
                return slot;
            }
        }
        return NO_SLOT;
    }

    private int slotFor(long hour) {
        int its = slotOf(hour);
        return its == NO_SLOT ? newSlot(hour) : its;
    }

    private int newSlot(long hour) {
        int free = 1;
        while (free < hourOfSlot.length && hourOfSlot[free] != NO_HOUR) {
            free++;
        }
        if (free == hourOfSlot.length) {
            throw new IllegalStateException("ids of " + slotsUsed + " hours are held, which is all that fit");
        }
        hourOfSlot[free] = hour;
        slotsUsed++;
        latestSlot = free;
        return free;
    }

    /** Forgets the ids of all hours up to and with {@code hour}, but for those from {@code pinnedFrom} to {@code pinnedThrough}. */
    public void forgetThrough(long hour, long pinnedFrom, long pinnedThrough) {
        boolean[] forgotten = new boolean[hourOfSlot.length];
        int ids = 0;
        for (int slot = 1; slot < hourOfSlot.length; slot++) {
            boolean isPinned = pinnedFrom <= hourOfSlot[slot] && hourOfSlot[slot] <= pinnedThrough;
            if (hourOfSlot[slot] != NO_HOUR && hourOfSlot[slot] <= hour && !isPinned) {
                forgotten[slot] = true;
                ids += idsOfSlot[slot];
                idsOfSlot[slot] = 0;
                hourOfSlot[slot] = NO_HOUR;
                slotsUsed--;
            }
        }
        latestSlot = NO_SLOT;
        if (ids == 0) {
            return;
        }
        for (int segment = 0; segment < SEGMENTS; segment++) {
            sweep(segment, forgotten);
        }
    }

    private void sweep(int segment, boolean[] forgotten) {
        long[] old = segments[segment];
        int stored = 0;
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != 0 && !forgotten[(int) (old[i] >>> SLOT_SHIFT)]) {
                stored++;
            }
        }
        if (stored == sizes[segment]) {
            return;
        }
        // as large as it would have grown by itself, so that sizes stay staggered
        int capacity = staggered(SMALLEST, segment);
        while (stored * 4L > capacity * 3L) {
            capacity += capacity >> 1;
        }
        long[] places = new long[2 * capacity];
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != 0 && !forgotten[(int) (old[i] >>> SLOT_SHIFT)]) {
                put(places, capacity, old[i], old[i + 1]);
            }
        }
        size -= sizes[segment] - stored;
        sizes[segment] = stored;
        segments[segment] = places;
    }

    /** Bytes of the arrays that hold the ids. */
    public long bytes() {
        long bytes = 0;
        for (long[] segment : segments) {
            bytes += (long) segment.length * Long.BYTES;
        }
        return bytes;
    }
}
