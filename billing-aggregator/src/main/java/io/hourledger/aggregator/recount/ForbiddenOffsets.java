package io.hourledger.aggregator.recount;

import java.util.Arrays;

/** The records of a partition that were forbidden when they were counted. */
final class ForbiddenOffsets {

    static final ForbiddenOffsets NONE = new ForbiddenOffsets(new long[0]);

    private final long[] ascending;

    private ForbiddenOffsets(long[] ascending) {
        this.ascending = ascending;
    }

    static ForbiddenOffsets of(long... offsets) {
        long[] ascending = offsets.clone();
        Arrays.sort(ascending);
        return new ForbiddenOffsets(ascending);
    }

    boolean contains(long offset) {
        return ascending.length > 0 && Arrays.binarySearch(ascending, offset) >= 0;
    }
}
