package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Says when the next checkpoint of a partition is due: once there has been news for the interval, or for nine times as long as the last
 * checkpoint took, whichever is longer. So checkpoints take a tenth of a partition's time at most: a partition that lags behind on a slow
 * database catches up, where checkpoints would take its whole time. No news waits longer than {@link #LONGEST_WAIT} for that.
 */
final class CheckpointTimer {

    /** A usage notice goes out within 10 s of its event (docs/notices.md), and a partition that is taken over reads this long again. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private static final int WAITS_FOR_ONE_CHECKPOINT = 9;

    private final long intervalNanos;
    private final long longestNanos;
    private final LongSupplier nanoTime;
    private long waitNanos;
    private long newsSinceNanos;
    private boolean hadNews;

    CheckpointTimer(Duration interval) {
        this(interval, System::nanoTime);
    }

    CheckpointTimer(Duration interval, LongSupplier nanoTime) {
        this.intervalNanos = interval.toNanos();
        this.longestNanos = Math.max(intervalNanos, LONGEST_WAIT.toNanos());
        this.nanoTime = nanoTime;
        this.waitNanos = intervalNanos;
    }

    void noNews() {
        hadNews = false;
    }

    /** Whether there has been news for as long as a checkpoint may wait. */
    boolean isDueWithNews() {
        long now = nanoTime.getAsLong();
        if (!hadNews) {
            hadNews = true;
            newsSinceNanos = now;
        }
        return now - newsSinceNanos >= waitNanos;
    }

    /** Keeps a checkpoint, and lets the next one wait according to how long it took, also if it came to nothing. */
    Outcome timed(Supplier<Outcome> checkpoint) {
        long began = nanoTime.getAsLong();
        try {
            return checkpoint.get();
        } finally {
            long took = nanoTime.getAsLong() - began;
            waitNanos = Math.clamp(WAITS_FOR_ONE_CHECKPOINT * took, intervalNanos, longestNanos);
        }
    }
}
