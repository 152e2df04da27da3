package io.hourledger.pusher.push;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Decides how many records a call may carry: half of what was too many, and slowly more again. A size that proves too large after it was
 * raised doubles the wait before the next raise, so a marketplace that does take fewer is seldom asked for more.
 */
final class BatchSize {

    private static final int STEPS = 10;
    private static final int LONGEST_WAIT = 64;

    private final int ceiling;
    private final long firstWaitNanos;
    private final LongSupplier nanoTime;
    private int most;
    private long waitNanos;
    private long changedNanos;
    private boolean raised;

    /**
     * @param ceiling records in a call at most
     * @param raiseEvery how long a lowered size must be borne before it is raised by a tenth of the ceiling
     * @param nanoTime elapsed time, such as {@link System#nanoTime()}
     */
    BatchSize(int ceiling, Duration raiseEvery, LongSupplier nanoTime) {
        this.ceiling = ceiling;
        this.firstWaitNanos = raiseEvery.toNanos();
        this.nanoTime = nanoTime;
        this.most = ceiling;
        this.waitNanos = firstWaitNanos;
        this.changedNanos = nanoTime.getAsLong();
    }

    /** How many records the next call may carry. */
    synchronized int most() {
        long sinceChange = nanoTime.getAsLong() - changedNanos;
        if (most < ceiling && sinceChange > waitNanos) {
            change(Math.min(ceiling, most + Math.max(1, ceiling / STEPS)));
            raised = true;
        } else if (most == ceiling && sinceChange > LONGEST_WAIT * firstWaitNanos) {
            waitNanos = firstWaitNanos;
        }
        return most;
    }

    /** The marketplace said that so many were too many. */
    synchronized void tooMany(int records) {
        int fewer = Math.max(1, records / 2);
        if (fewer >= most) {
            return;
        }
        if (raised) {
            waitNanos = Math.min(2 * waitNanos, LONGEST_WAIT * firstWaitNanos);
        }
        raised = false;
        change(fewer);
    }

    /** As it is now, without a raise. */
    synchronized int current() {
        return most;
    }

    private void change(int records) {
        most = records;
        changedNanos = nanoTime.getAsLong();
    }
}
