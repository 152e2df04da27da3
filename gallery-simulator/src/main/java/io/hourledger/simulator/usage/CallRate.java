package io.hourledger.simulator.usage;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * At most so many calls in any span of one second. A call too many does not count against later ones. Elapsed time is the machine's.
 */
public final class CallRate implements CallLimit {

    private static final long ONE_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final IntSupplier callsPerSecond;
    private final LongSupplier nanoTime;
    private final Deque<Long> passed = new ArrayDeque<>();

    /** @param callsPerSecond 0 = no limit */
    public CallRate(IntSupplier callsPerSecond, LongSupplier nanoTime) {
        this.callsPerSecond = callsPerSecond;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized boolean permits() {
        int most = callsPerSecond.getAsInt();
        if (most == 0) {
            return true;
        }
        long now = nanoTime.getAsLong();
        while (!passed.isEmpty() && now - passed.peekFirst() >= ONE_SECOND) {
            passed.removeFirst();
        }
        if (passed.size() >= most) {
            return false;
        }
        passed.addLast(now);
        return true;
    }
}
