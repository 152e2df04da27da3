package io.hourledger.client;

import java.time.Duration;

/**
 * How much a buffer holds, and what happens when it is full.
 *
 * @param maxBytes the most that segments take together
 * @param segmentBytes what one segment takes
 * @param blockAtMost how long a call waits for room; zero to fail at once
 * @param batch how many usages make a batch that need not wait for more
 */
record BufferBounds(long maxBytes, int segmentBytes, Duration blockAtMost, int batch) {

    private static final int MIN_SEGMENT = 64 * 1024;
    private static final int MAX_SEGMENT = 1024 * 1024;
    private static final int SEGMENTS = 8;

    static BufferBounds of(long maxBytes, Duration blockAtMost, int batch) {
        int segmentBytes = (int) Math.max(MIN_SEGMENT, Math.min(MAX_SEGMENT, maxBytes / SEGMENTS));
        return new BufferBounds(maxBytes, segmentBytes, blockAtMost, batch);
    }

    long blockNanos() {
        return blockAtMost.toNanos();
    }
}
