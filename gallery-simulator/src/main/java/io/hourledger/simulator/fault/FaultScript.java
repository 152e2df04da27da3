package io.hourledger.simulator.fault;

import io.hourledger.simulator.fault.Fault.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Throws every switch, one after the other, in an order that a seed gives, again and again until its time is over. A switch waits until the
 * calls have come that it hits. An outage lasts its time, and then until it has hit a call, within a bound. A script does not outlive the
 * process; what was thrown last does.
 */
@Component
final class FaultScript implements DisposableBean {

    private static final Duration GLANCE = Duration.ofMillis(50);

    /** An outage that no call has met ends all the same, since a caller may have become too slow to meet it. */
    private static final int LONGEST_OUTAGE = 8;

    private final Faults faults;
    private final ListeningPort port;
    private final Clock business;
    private final List<Thrown> thrown = new ArrayList<>();
    private @Nullable Thread thread;
    private volatile boolean on;

    FaultScript(Faults faults, ListeningPort port, Clock business) {
        this.faults = faults;
        this.port = port;
        this.business = business;
    }

    /**
     * What a switch came to.
     *
     * @param from business time, as {@code to}
     * @param to null while it is on
     * @param hits calls or records that it hit; 1 for a time of refused connections, which nobody can count
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

    /** Those that have hit nothing so far, by name. */
    List<String> notThrown() {
        Set<String> words = new TreeSet<>();
        ScriptStep.all(0).forEach(step -> words.add(step.word()));
        thrown().stream().filter(one -> one.hits > 0).map(Thrown::word).forEach(words::remove);
        return List.copyOf(words);
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
        begin(new Thrown(step.word(), from, null, 0, step.isOutage()));
        long hits = step.kind() == null ? closePort(step, end) : misbehave(step, step.kind(), seed, end);
        end(new Thrown(step.word(), from, business.instant(), hits, step.isOutage()));
    }

    /** How many calls or records it hit. */
    private long misbehave(ScriptStep step, Misbehaviour kind, long seed, long end) {
        Fault fault = faults.add(kind, Target.USAGE, step.share(), seed, step.count(), step.parameters());
        long began = System.nanoTime();
        long enough = began + step.lasts().toNanos();
        long most = step.isTimed()
                ? Math.min(end, began + LONGEST_OUTAGE * step.lasts().toNanos())
                : end;
        while (on && System.nanoTime() - most < 0) {
            Fault now = faults.find(fault.faultId());
            if (now.remaining() == 0 || (step.isTimed() && now.hits().done() > 0 && System.nanoTime() - enough >= 0)) {
                break;
            }
            LockSupport.parkNanos(GLANCE.toNanos());
        }
        long hits = faults.find(fault.faultId()).hits().done();
        faults.stop(fault.faultId());
        return hits;
    }

    /** 1 if it was closed for the whole of its time. */
    private long closePort(ScriptStep step, long end) {
        long until = System.nanoTime() + step.lasts().toNanos();
        port.close();
        try {
            while (on && System.nanoTime() - Math.min(end, until) < 0) {
                LockSupport.parkNanos(GLANCE.toNanos());
            }
        } finally {
            port.open();
        }
        return System.nanoTime() - until < 0 ? 0 : 1;
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
