package io.hourledger.chaos;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The machine's time since a run's load began. */
final class Elapsed {

    private static final long GLANCE_NANOS = Duration.ofMillis(50).toNanos();

    private final long begin;

    private Elapsed(long begin) {
        this.begin = begin;
    }

    static Elapsed fromNow() {
        return new Elapsed(System.nanoTime());
    }

    Duration now() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Waits for a moment of this clock. */
    void await(Duration moment) throws InterruptedException {
        pause(moment.minus(now()));
    }

    /** Lets a span of the machine's time pass. */
    static void pause(Duration span) throws InterruptedException {
        long until = System.nanoTime() + span.toNanos();
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long left = until - System.nanoTime();
            if (left <= 0) {
                return;
            }
            LockSupport.parkNanos(left);
        }
    }

    /** Waits until something holds; returns whether it did in time. */
    static boolean awaitThat(BooleanSupplier holds, Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                return false;
            }
            pause(Duration.ofNanos(GLANCE_NANOS));
        }
        return true;
    }
}
