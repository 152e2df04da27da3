package io.hourledger.standalone.demo;

import java.util.concurrent.atomic.AtomicLong;

/** How far the demo has come; written by those who do the work, read by the one who shows it. */
final class DemoProgress {

    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong acceptedBefore = new AtomicLong();

    /** Events that ingest has acknowledged in this run. */
    void accepted(long events) {
        accepted.addAndGet(events);
    }

    /** Events that were acknowledged before the demo was stopped and started again. */
    void acceptedBefore(long events) {
        acceptedBefore.set(events);
    }

    /** Events acknowledged in all runs. */
    long accepted() {
        return acceptedBefore.get() + accepted.get();
    }
}
