package io.hourledger.service;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs an outage of what a task needs once when it begins, and once when it is over, however often the task is tried meanwhile. A further kind
 * of failure has a line of its own. An outage that lasts is told again now and then, since files of the log are dropped. Safe for many threads.
 */
public final class OutageLog {

    private static final Duration AGAIN_AFTER = Duration.ofMinutes(30);

    private final Logger log;
    private final String task;
    private final LongSupplier nanoTime;
    private final Set<Class<?>> told = new HashSet<>();
    private long failures;
    private long beganNanos;
    private long toldNanos;

    /**
     * @param log of whoever does the task
     * @param task one of the few names in the code
     */
    public OutageLog(Logger log, String task) {
        this(log, task, System::nanoTime);
    }

    /**
     * @param nanoTime elapsed time, such as {@link System#nanoTime()}
     */
    OutageLog(Logger log, String task, LongSupplier nanoTime) {
        this.log = log;
        this.task = task;
        this.nanoTime = nanoTime;
    }

    /** The task failed, and will be tried again. */
    public synchronized void failed(Throwable why) {
        long now = nanoTime.getAsLong();
        if (failures++ == 0) {
            beganNanos = now;
            toldNanos = now;
        }
        boolean isLong = now - toldNanos > AGAIN_AFTER.toNanos();
        if (isLong) {
            told.clear();
        }
        if (told.add(rootOf(why).getClass())) {
            toldNanos = now;
            log.atWarn()
                    .addKeyValue("task", task)
                    .addKeyValue("failures", failures)
                    .setCause(why)
                    .log("failed and is tried again; the next line of it is when it works, or in half an hour");
        }
    }

    /** The task was done. */
    public synchronized void worked() {
        if (failures > 0) {
            log.atInfo()
                    .addKeyValue("task", task)
                    .addKeyValue("failures", failures)
                    .addKeyValue(
                            "seconds",
                            Duration.ofNanos(nanoTime.getAsLong() - beganNanos).toSeconds())
                    .log("works again");
        }
        failures = 0;
        told.clear();
    }

    private static Throwable rootOf(Throwable why) {
        Throwable root = why;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
