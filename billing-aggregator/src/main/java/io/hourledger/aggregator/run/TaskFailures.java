package io.hourledger.aggregator.run;

import io.hourledger.aggregator.closing.ClosingLoop;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Counts how often each task beside the poll loop has failed. What failed is done again, so a number that goes on rising is the alarm. Each task is
 * there with 0 from its start, or a rate would miss the first failure.
 */
final class TaskFailures implements Consumer<String> {

    private final MeterRegistry registry;

    TaskFailures(MeterRegistry registry) {
        this.registry = registry;
        ClosingLoop.tasks().forEach(this::startsAtZero);
    }

    void startsAtZero(String task) {
        counter(task);
    }

    /**
     * Publishes how long ago the last turn of a task ended well. It is computed when it is asked for, so it grows also if the task hangs.
     *
     * @param seconds since then, or since the start
     */
    void ageOf(String task, Supplier<Number> seconds) {
        Gauge.builder("usage.aggregator.task.age", seconds)
                .description("elapsed time since the last turn of a task beside the poll loop that did not fail")
                .baseUnit("seconds")
                .tag("task", task)
                .register(registry);
    }

    /**
     * @param task one of the few names in the code
     */
    @Override
    public void accept(String task) {
        counter(task).increment();
    }

    private Counter counter(String task) {
        return Counter.builder("usage.aggregator.task.failures")
                .description("turns of a task beside the poll loop that failed, and are done again")
                .tag("task", task)
                .register(registry);
    }
}
