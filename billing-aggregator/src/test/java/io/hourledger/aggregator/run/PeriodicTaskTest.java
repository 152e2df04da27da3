package io.hourledger.aggregator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PeriodicTaskTest {

    @Test
    void each_task_is_there_with_0_before_it_fails() {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();

        PeriodicTask idle = new PeriodicTask("work", Duration.ofHours(1), new TaskFailures(metrics), () -> {});
        idle.close();

        assertThat(failures(metrics)).contains("work", "close", "enter-opened", "enter-unmatched", "tick");
    }

    private static List<String> failures(SimpleMeterRegistry metrics) {
        return metrics.get("usage.aggregator.task.failures").counters().stream()
                .map(counter -> counter.getId().getTag("task"))
                .toList();
    }

    @Test
    void a_turn_that_fails_is_counted_and_ends_no_turn_to_come() {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        AtomicInteger turns = new AtomicInteger();
        Runnable work = () -> {
            switch (turns.incrementAndGet()) {
                case 1 -> throw new OutOfMemoryError("none left");
                case 2 -> throw new AssertionError("a bug");
                case 3 -> throw new IllegalStateException("another bug");
                default -> {}
            }
        };

        try (PeriodicTask ticking = new PeriodicTask("work", Duration.ofMillis(1), new TaskFailures(metrics), work)) {
            await().until(() -> turns.get() > 4);
        }

        assertThat(metrics.get("usage.aggregator.task.failures")
                        .tag("task", "work")
                        .counter()
                        .count())
                .isEqualTo(3);
    }

    @Test
    void a_turn_that_hangs_makes_its_task_older_and_one_that_ends_makes_it_young() {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        CountDownLatch hangs = new CountDownLatch(1);
        Runnable work = () -> {
            try {
                hangs.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        };

        try (PeriodicTask ticking =
                PeriodicTask.startingNow("work", Duration.ofMillis(1), new TaskFailures(metrics), work)) {
            await().until(() -> age(metrics) > 0.5);
            hangs.countDown();
            await().until(() -> age(metrics) < 0.4);
        }
    }

    private static double age(SimpleMeterRegistry metrics) {
        return metrics.get("usage.aggregator.task.age")
                .tag("task", "work")
                .gauge()
                .value();
    }
}
