package io.hourledger.aggregator.run;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Consumer;

/** Counts how often each task beside the poll loop has failed. What failed is done again, so a number that goes on rising is the alarm. */
final class TaskFailures implements Consumer<String> {

    /** There with 0 from the start, or a rate would miss the first failure. */
    private static final List<String> TASKS = List.of(
            "tick",
            "enter-blocked",
            "enter-waiting",
            "close",
            "look-at-closed",
            "look-at-blocked",
            "seal",
            "look-at-sealed",
            "lag",
            "mixed-hours",
            "silent-meters",
            "packages");

    private final MeterRegistry registry;

    TaskFailures(MeterRegistry registry) {
        this.registry = registry;
        TASKS.forEach(this::counter);
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
