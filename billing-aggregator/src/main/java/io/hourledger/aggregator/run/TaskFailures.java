package io.hourledger.aggregator.run;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Consumer;

/** Counts how often each task beside the poll loop has failed. What failed is done again, so a number that goes on rising is the alarm. */
final class TaskFailures implements Consumer<String> {

    private final MeterRegistry registry;

    TaskFailures(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * @param task one of the few names in the code
     */
    @Override
    public void accept(String task) {
        Counter.builder("usage.aggregator.task.failures")
                .description("turns of a task beside the poll loop that failed, and are done again")
                .tag("task", task)
                .register(registry)
                .increment();
    }
}
