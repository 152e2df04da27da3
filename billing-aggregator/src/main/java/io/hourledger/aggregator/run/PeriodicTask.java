package io.hourledger.aggregator.run;

import io.hourledger.aggregator.hour.RunIndependently;
import io.hourledger.service.OutageLog;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does one thing again and again, in a thread of its own. What failed is counted and tried again with the next tick, and
 * logged once for each outage. */
final class PeriodicTask implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PeriodicTask.class);

    private final String name;
    private final Runnable work;
    private final TaskFailures failures;
    private final OutageLog outage;
    private final ScheduledExecutorService thread;
    private volatile long doneNanos = System.nanoTime();

    /**
     * @param tick elapsed time between two turns
     * @param failures told the name of each turn that failed
     */
    PeriodicTask(String name, Duration tick, TaskFailures failures, Runnable work) {
        this(name, tick, tick, failures, work);
    }

    private PeriodicTask(String name, Duration untilFirst, Duration tick, TaskFailures failures, Runnable work) {
        this.name = name;
        this.failures = failures;
        this.outage = new OutageLog(log, name);
        this.work = work;
        failures.startsAtZero(name);
        failures.ageOf(name, () -> (System.nanoTime() - doneNanos) / 1e9);
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, name));
        @SuppressWarnings("unused") // ends with the thread
        Future<?> ticking = thread.scheduleWithFixedDelay(
                this::turn, untilFirst.toMillis(), tick.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Takes its first turn at once. */
    static PeriodicTask startingNow(String name, Duration tick, TaskFailures failures, Runnable work) {
        return new PeriodicTask(name, Duration.ZERO, tick, failures, work);
    }

    private void turn() {
        try {
            work.run();
            doneNanos = System.nanoTime();
            outage.worked();
        } catch (Throwable failed) { // an Error would cancel all turns to come without a word
            failures.accept(name);
            if (RunIndependently.isOfData(failed)) {
                log.atError()
                        .addKeyValue("task", name)
                        .setCause(failed)
                        .log("cannot be done now, the next tick tries again");
            } else {
                outage.failed(failed);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                log.atWarn().addKeyValue("task", name).log("has not ended yet");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
