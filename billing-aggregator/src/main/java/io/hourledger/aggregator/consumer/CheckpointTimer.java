package io.hourledger.aggregator.consumer;

import java.time.Duration;

/** Measures for how long a partition has had news that no checkpoint has stored. */
final class CheckpointTimer {

    private final long intervalNanos;
    private long newsSinceNanos;
    private boolean hadNews;

    CheckpointTimer(Duration interval) {
        this.intervalNanos = interval.toNanos();
    }

    void noNews() {
        hadNews = false;
    }

    /** Whether there has been news for as long as a checkpoint may wait. */
    boolean isDueWithNews() {
        long now = System.nanoTime();
        if (!hadNews) {
            hadNews = true;
            newsSinceNanos = now;
        }
        return now - newsSinceNanos >= intervalNanos;
    }
}
