package io.hourledger.simulator.usage;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether callers wait as long as {@code Retry-After} told them. A call that was already on its way when the answer left is not a breach:
 * the first half second is free. Elapsed time is the machine's.
 */
final class RetryAfterWatch {

    private static final long ON_ITS_WAY = TimeUnit.MILLISECONDS.toNanos(500);

    private final LongSupplier nanoTime;
    private boolean waiting;
    private long since;
    private long until;

    RetryAfterWatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    synchronized void start(int seconds) {
        since = nanoTime.getAsLong();
        until = since + TimeUnit.SECONDS.toNanos(seconds);
        waiting = true;
    }

    synchronized boolean isBroken() {
        long now = nanoTime.getAsLong();
        if (waiting && now - until >= 0) {
            waiting = false;
        }
        return waiting && now - since > ON_ITS_WAY;
    }

    /** At least one. */
    synchronized long secondsLeft() {
        long left = until - nanoTime.getAsLong();
        return Math.max(1, TimeUnit.NANOSECONDS.toSeconds(left + TimeUnit.SECONDS.toNanos(1) - 1));
    }
}
