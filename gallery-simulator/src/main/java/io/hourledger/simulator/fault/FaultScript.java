package io.hourledger.simulator.fault;

import io.hourledger.simulator.fault.Fault.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Throws every switch, one after the other, in an order that a seed gives, again and again until its time is over. A switch waits until the
 * calls have come that it hits, an outage lasts its time. A script does not outlive the process; what was thrown last does.
 */
@Component
final class FaultScript implements DisposableBean {

    private static final Duration GLANCE = Duration.ofMillis(50);

    private final Faults faults;
    private final Clock business;
    private final List<Thrown> thrown = new ArrayList<>();
    private @Nullable Thread thread;
    private volatile boolean on;

    FaultScript(Faults faults, Clock business) {
        this.faults = faults;
        this.business = business;
    }

    /**
     * What a switch came to.
     *
     * @param from business time, as {@code to}
     * @param to null while it is on
     * @param hits calls or records that it hit
     * @param outage whether all calls were hit from one moment to the other
     */
    record Thrown(String word, Instant from, @Nullable Instant to, long hits, boolean outage) {}

    /** Begins; a script that runs already ends. */
    synchronized void start(long seed, Duration length) {
        stop();
        synchronized (thrown) {
            thrown.clear();
        }
        on = true;
        thread = Thread.ofPlatform().daemon().name("fault-script").start(() -> run(seed, length));
    }

    /** Ends, with the switch that is on. */
    synchronized void stop() {
        on = false;
        Thread running = thread;
        thread = null;
        if (running != null) {
            LockSupport.unpark(running);
            try {
                running.join();
            } catch (InterruptedException stopWaiting) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** All so far, in their order. */
    List<Thrown> thrown() {
        synchronized (thrown) {
            return List.copyOf(thrown);
        }
    }

    /** How many switches there are. */
    static int switches() {
        return ScriptStep.all(0).size();
    }

    private void run(long seed, Duration length) {
        long end = System.nanoTime() + length.toNanos();
        for (long round = 0; on && System.nanoTime() - end < 0; round++) {
            for (ScriptStep step : ScriptStep.all(seed + round)) {
                if (on && System.nanoTime() - end < 0) {
                    run(step, seed + round, end);
                }
            }
        }
        on = false;
    }

    private void run(ScriptStep step, long seed, long end) {
        Instant from = business.instant();
        Fault fault = faults.add(step.kind(), Target.USAGE, step.share(), seed, step.count(), step.parameters());
        begin(new Thrown(step.word(), from, null, 0, step.isOutage()));
        long until =
                step.isTimed() ? Math.min(end, System.nanoTime() + step.lasts().toNanos()) : end;
        while (on
                && System.nanoTime() - until < 0
                && faults.find(fault.faultId()).remaining() > 0) {
            LockSupport.parkNanos(GLANCE.toNanos());
        }
        long hits = faults.find(fault.faultId()).hits().done();
        faults.stop(fault.faultId());
        end(new Thrown(step.word(), from, business.instant(), hits, step.isOutage()));
    }

    private void begin(Thrown one) {
        synchronized (thrown) {
            thrown.add(one);
        }
    }

    private void end(Thrown one) {
        synchronized (thrown) {
            thrown.set(thrown.size() - 1, one);
        }
    }

    @Override
    public void destroy() {
        stop();
    }
}
