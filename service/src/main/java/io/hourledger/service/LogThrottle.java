package io.hourledger.service;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one line of many alike into the log, so that whoever causes them cannot fill it. Safe for many threads. */
public final class LogThrottle {

    private final long everyNanos;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final AtomicLong notLogged = new AtomicLong();

    public LogThrottle(Duration every) {
        this.everyNanos = every.toNanos();
    }

    /** Whether this line may be logged; else it is counted. */
    public boolean mayLog() {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + everyNanos)) {
            return true;
        }
        notLogged.incrementAndGet();
        return false;
    }

    /** How many lines were not logged since this was asked before. */
    public long notLogged() {
        return notLogged.getAndSet(0);
    }
}
