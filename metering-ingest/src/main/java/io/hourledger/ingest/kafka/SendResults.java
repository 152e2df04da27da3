package io.hourledger.ingest.kafka;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Tells whether events get to Kafka, by what became of those that were sent. One success is enough to say yes. Without news the last failure
 * counts for a while only, else nobody would send, and nothing would ever show that it works again. Safe for many threads.
 */
final class SendResults {

    private static final Duration FAILURE_COUNTS_FOR = Duration.ofSeconds(10);
    private static final long NONE = Long.MIN_VALUE;

    private final LongSupplier nanoTime;
    private final AtomicLong lastFailure = new AtomicLong(NONE);

    /** The time is elapsed time, as {@link System#nanoTime} tells it. */
    SendResults(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void succeeded() {
        // read first: under load all threads succeed, and a write by each would cost more than the look
        if (lastFailure.get() != NONE) {
            lastFailure.set(NONE);
        }
    }

    void failed() {
        lastFailure.set(nanoTime.getAsLong());
    }

    /** Whether the last send that ended failed, not long ago. */
    boolean failing() {
        long failure = lastFailure.get();
        return failure != NONE && nanoTime.getAsLong() - failure < FAILURE_COUNTS_FOR.toNanos();
    }
}
