package io.hourledger.aggregator.ids;

/**
 * Says of an id that it is surely not among many others, or that it may be: a Bloom filter whose bits for one id lie in one line of memory, 12
 * bits an id. It never denies an id that was added; of those that were not, it takes about one in a hundred and fifty for known. Belongs to one
 * thread.
 */
public final class IdFilter {

    /** So many ids in a filter take the room of one in an {@link IdTable}. */
    public static final int IDS_PER_ID_IN_MEMORY = 16;

    private static final int BITS_OF_ID = 12;
    private static final int LONGS_IN_LINE = 8;
    private static final int BITS_IN_LINE = LONGS_IN_LINE * Long.SIZE;
    private static final int BITS_SET = 6;
    private static final int BITS_OF_PLACE = 9;

    /** Odd, without pattern: spreads a sum over all bits of a word. */
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final long[] lines;
    private final int count;

    /**
     * @param ids how many will be added; more only make it answer "may be" more often
     */
    public IdFilter(long ids) {
        count = Math.toIntExact(Math.max(1, (ids * BITS_OF_ID + BITS_IN_LINE - 1) / BITS_IN_LINE));
        lines = new long[Math.multiplyExact(count, LONGS_IN_LINE)];
    }

    /** Adds ids as {@link IdBuffer} lays them out. */
    public void addAll(byte[] ids) {
        for (int at = 0; at < ids.length; at += EventIdentity.BYTES) {
            add(IdBuffer.highAt(ids, at), IdBuffer.lowAt(ids, at));
        }
    }

    private void add(long high, int low) {
        int line = lineOf(high);
        long places = placesOf(high, low);
        for (int i = 0; i < BITS_SET; i++) {
            int place = placeIn(places, i);
            lines[line + (place >>> 6)] |= 1L << place;
        }
    }

    public boolean mayHold(long high, int low) {
        int line = lineOf(high);
        long places = placesOf(high, low);
        for (int i = 0; i < BITS_SET; i++) {
            int place = placeIn(places, i);
            if ((lines[line + (place >>> 6)] & (1L << place)) == 0) {
                return false;
            }
        }
        return true;
    }

    public long bytes() {
        return (long) lines.length * Long.BYTES;
    }

    private int lineOf(long high) {
        return (int) (((high >>> Integer.SIZE) * count) >>> Integer.SIZE) * LONGS_IN_LINE;
    }

    /** From other bits of the hash than those that choose the line. */
    private static long placesOf(long high, int low) {
        return ((high << Integer.SIZE) | Integer.toUnsignedLong(low)) * SPREAD;
    }

    private static int placeIn(long places, int index) {
        return (int) (places >>> (Long.SIZE - BITS_OF_PLACE * (index + 1))) & (BITS_IN_LINE - 1);
    }
}
