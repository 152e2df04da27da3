package io.hourledger.simulator.usage;

import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * A bucket that holds so many calls at most, and is filled evenly. It is full at the start, and a call too many takes nothing out. Elapsed
 * time is the machine's.
 */
final class CallBucket implements CallLimit {

    private static final double ONE_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final IntSupplier callsPerSecond;
    private final int depth;
    private final LongSupplier nanoTime;
    private double left;
    private long filledAt;

    /** @param callsPerSecond how many calls it is filled with in a second; asked anew at every call */
    CallBucket(IntSupplier callsPerSecond, int depth, LongSupplier nanoTime) {
        this.callsPerSecond = callsPerSecond;
        this.depth = depth;
        this.nanoTime = nanoTime;
        this.left = depth;
        this.filledAt = nanoTime.getAsLong();
    }

    @Override
    public synchronized boolean permits() {
        long now = nanoTime.getAsLong();
        left = Math.min(depth, left + (now - filledAt) / ONE_SECOND * callsPerSecond.getAsInt());
        filledAt = now;
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
