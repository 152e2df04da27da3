package io.hourledger.pusher.push;

import io.hourledger.service.OutageLog;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs steps again and again, whatever a run of one throws. */
final class RepeatedSteps implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RepeatedSteps.class);

    private final ScheduledExecutorService timer;

    /**
     * @param steps how many there are: a thread each, so that none that hangs keeps another from being run
     */
    RepeatedSteps(String name, int steps) {
        this.timer = Executors.newScheduledThreadPool(steps, daemon(name));
    }

    /** Runs it now, and again so long after each run. */
    void repeat(String what, Runnable step, long everyMillis) {
        OutageLog outage = new OutageLog(LOG, what);
        var unused =
                timer.scheduleWithFixedDelay(() -> onceAnOutage(outage, step), 0, everyMillis, TimeUnit.MILLISECONDS);
    }

    private static void onceAnOutage(OutageLog outage, Runnable step) {
        try {
            step.run();
            outage.worked();
        } catch (Throwable broken) { // also an Error: what a timer throws out is never run again
            outage.failed(broken);
        }
    }

    static void guarded(String what, Runnable step) {
        try {
            step.run();
        } catch (Throwable broken) { // also an Error: what a timer throws out is never run again
            LOG.atError()
                    .addKeyValue("what", what)
                    .setCause(broken)
                    .log("a step of the pusher failed; it is tried again");
        }
    }

    static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Waits a while for the steps that run. */
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException impatient) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
