package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sorts ids by the first 64 bits of their hash, as a signed number. Since hashes are spread evenly, they are first dealt out by their top bits
 * into short runs that lie in order, then each run is sorted by insertion.
 */
final class SortedIds {

    static final int BYTES_OF_ID = EventIdentity.BYTES;

    private static final int IDS_IN_RUN = 16;

    /** The largest row that PostgreSQL keeps in its page, together with its head and key. */
    static final int IDS_IN_BLOCK = 120;

    private final long[] highs;
    private final long[] rests;

    private SortedIds(long[] highs, long[] rests) {
        this.highs = highs;
        this.rests = rests;
    }

    /** Sorts the first {@code count} ids; their arrays may be used again afterwards. */
    static SortedIds of(long[] highs, long[] rests, int count) {
        int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(count / IDS_IN_RUN));
        int shift = Long.SIZE - bits;
        int[] ends = new int[(1 << bits) + 1];
        for (int i = 0; i < count; i++) {
            ends[run(highs[i], shift) + 1]++;
        }
        for (int run = 1; run < ends.length; run++) {
            ends[run] += ends[run - 1];
        }
        long[] sortedHighs = new long[count];
        long[] sortedRests = new long[count];
        for (int i = 0; i < count; i++) {
            int at = ends[run(highs[i], shift)]++;
            sortedHighs[at] = highs[i];
            sortedRests[at] = rests[i];
        }
        int begin = 0;
        for (int run = 0; run < ends.length - 1; run++) {
            sortRun(sortedHighs, sortedRests, begin, ends[run]);
            begin = ends[run];
        }
        return new SortedIds(sortedHighs, sortedRests);
    }

    private static int run(long high, int shift) {
        return (int) ((high ^ Long.MIN_VALUE) >>> shift);
    }

    private static void sortRun(long[] highs, long[] rests, int begin, int end) {
        for (int i = begin + 1; i < end; i++) {
            long high = highs[i];
            long rest = rests[i];
            int j = i - 1;
            while (j >= begin && highs[j] > high) {
                highs[j + 1] = highs[j];
                rests[j + 1] = rests[j];
                j--;
            }
            highs[j + 1] = high;
            rests[j + 1] = rest;
        }
    }

    int size() {
        return highs.length;
    }

    /** The first 64 bits of each, in their order. */
    long[] highs() {
        return highs;
    }

    /** The place of the first id that does not sort before {@code high}. */
    int firstFrom(long high) {
        int at = Arrays.binarySearch(highs, high);
        if (at < 0) {
            return -at - 1;
        }
        while (at > 0 && highs[at - 1] == high) {
            at--;
        }
        return at;
    }

    /** Those of {@code [begin, end)} and others, as {@link IdBuffer} lays them out, sorted together. */
    SortedIds with(int begin, int end, byte[] others) {
        int own = end - begin;
        int count = own + others.length / BYTES_OF_ID;
        long[] allHighs = Arrays.copyOf(Arrays.copyOfRange(highs, begin, end), count);
        long[] allRests = Arrays.copyOf(Arrays.copyOfRange(rests, begin, end), count);
        for (int i = own; i < count; i++) {
            int at = (i - own) * BYTES_OF_ID;
            allHighs[i] = IdBuffer.highAt(others, at);
            allRests[i] = restAt(others, at);
        }
        return of(allHighs, allRests, count);
    }

    /** All of an id but its first 64 bits: the rest of its names' hash, then the content. */
    static long restAt(byte[] ids, int position) {
        return (long) IdBuffer.lowAt(ids, position) << Integer.SIZE
                | Integer.toUnsignedLong(IdBuffer.contentAt(ids, position));
    }

    /** A stretch of sorted ids as one row keeps it. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Block(long firstHigh, byte[] ids) {

        /** The rest of a block, from one of its ids on. */
        static Block rest(byte[] ids, int from) {
            return new Block(IdBuffer.highAt(ids, from), Arrays.copyOfRange(ids, from, ids.length));
        }
    }

    /** All ids in blocks. Ids that share their first 64 bits share a block, so that one read always finds an id. */
    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>(highs.length / IDS_IN_BLOCK + 1);
        int begin = 0;
        while (begin < highs.length) {
            int end = Math.min(begin + IDS_IN_BLOCK, highs.length);
            while (end < highs.length && highs[end] == highs[end - 1]) {
                end++;
            }
            blocks.add(block(begin, end));
            begin = end;
        }
        return blocks;
    }

    private Block block(int begin, int end) {
        IdBuffer buffer = new IdBuffer(end - begin);
        for (int i = begin; i < end; i++) {
            buffer.add(highs[i], (int) (rests[i] >>> Integer.SIZE), (int) rests[i]);
        }
        return new Block(highs[begin], buffer.toBytes());
    }
}
