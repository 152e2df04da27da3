package io.hourledger.aggregator.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.AggregatorProcess;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.contracts.time.FastClock;
import io.hourledger.embedded.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes over a real broker and database, killed and stopped as machines do it; session time-out 6 s, an hour every 12 s. */
@Tag("servers")
class GroupOfProcessesTest {

    private static final int INSTANCES = 20;
    private static final double SPEED = 300;
    private static final String KIP_848 = "hourledger.aggregator.group-protocol=consumer";
    private static final Instant ORIGIN = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path folder;

    private static ConditionFactory within(int seconds) {
        return await().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(100));
    }

    @Test
    void one_is_killed_one_becomes_a_zombie_and_nothing_is_lost_or_doubled() {
        Instant anchor = Clock.systemUTC().instant();
        Clock clock = new FastClock(Clock.systemUTC(), anchor, ORIGIN, SPEED);
        try (TestServers stack = new TestServers(clock);
                Load load = new Load(stack, clock);
                AggregatorProcess first = start(stack, anchor, "first");
                AggregatorProcess second = start(stack, anchor, "second")) {
            within(60).until(() -> stack.consumed() > 200);

            first.kill();
            goesOnEverywhere(stack, 30);

            try (AggregatorProcess third = start(stack, anchor, "third")) {
                second.freeze();
                goesOnEverywhere(stack, 60);
                second.thaw();
                goesOnEverywhere(stack, 30);
                third.kill();
                goesOnEverywhere(stack, 30);
            }

            load.stop();
            within(120)
                    .untilAsserted(() -> assertThat(byInstance(stack.metered())).isEqualTo(load.truth()));
            assertThat(stack.sql()
                            .sql("select count(*) from aggregator.quarantine")
                            .query(Long.class)
                            .single())
                    .isZero();
            assertThat(stack.consumed()).isEqualTo(load.sent());
        }
    }

    /** The brokers decide how long a silent member keeps its partitions: here 6 s and not 45, so that the test is short. */
    @Test
    void with_the_protocol_of_kip_848_the_other_goes_on_within_the_brokers_session_and_nothing_is_lost_or_doubled() {
        Instant anchor = Clock.systemUTC().instant();
        Clock clock = new FastClock(Clock.systemUTC(), anchor, ORIGIN, SPEED);
        try (EmbeddedBroker broker = EmbeddedBroker.start(
                        folder.resolve("broker"),
                        0,
                        Map.of(
                                "group.consumer.min.session.timeout.ms", "6000",
                                "group.consumer.session.timeout.ms", "6000",
                                "group.consumer.min.heartbeat.interval.ms", "1000",
                                "group.consumer.heartbeat.interval.ms", "1500"));
                TestServers stack = new TestServers(clock, broker.bootstrapServers(), TestServers.freshDatabase());
                Load load = new Load(stack, clock);
                AggregatorProcess first = start(stack, anchor, "first", KIP_848)) {
            goesOnEverywhere(stack, 60);
            try (AggregatorProcess second = start(stack, anchor, "second", KIP_848)) {
                within(60).until(() -> output("second").contains("partition loaded"));
                goesOnEverywhere(stack, 30);

                first.kill();
                goesOnEverywhere(stack, 30);

                load.stop();
                within(60).untilAsserted(() -> {
                    assertThat(stack.consumed()).isEqualTo(load.sent());
                    assertThat(byInstance(stack.metered())).isEqualTo(load.truth());
                });
            }
        }
    }

    private String output(String name) {
        try {
            return Files.readString(folder.resolve(name + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AggregatorProcess start(TestServers stack, Instant anchor, String name, String... settings) {
        return AggregatorProcess.start(stack, anchor, ORIGIN, SPEED, folder.resolve(name + ".log"), settings);
    }

    /** Every partition moves beyond where it is now. */
    private static void goesOnEverywhere(TestServers stack, int seconds) {
        Map<Integer, Long> before = positions(stack);
        within(seconds).untilAsserted(() -> assertThat(positions(stack))
                .allSatisfy((partition, position) -> assertThat(position).isGreaterThan(before.get(partition) + 20)));
    }

    private static Map<Integer, Long> positions(TestServers stack) {
        Map<Integer, Long> positions = new TreeMap<>();
        stack.sql()
                .sql("select partition, next_offset from aggregator.partition_position")
                .query(row -> {
                    positions.put(row.getInt(1), row.getLong(2));
                });
        return positions;
    }

    private static Map<String, BigDecimal> byInstance(Map<String, BigDecimal> byHourAndInstance) {
        Map<String, BigDecimal> sums = new TreeMap<>();
        byHourAndInstance.forEach(
                (name, amount) -> sums.merge(name.substring(3), amount, (a, b) -> TestServers.plain(a.add(b))));
        return sums;
    }

    /** Sends usage all the time, every fourth event twice, and knows what it came to. */
    private static final class Load implements AutoCloseable {
        private final TestServers stack;
        private final Clock clock;
        private final Random random = new Random(1);
        private final Map<String, BigDecimal> truth = new TreeMap<>();
        private final AtomicLong sent = new AtomicLong();
        private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        private final Future<?> sending;
        private int number;

        Load(TestServers stack, Clock clock) {
            this.stack = stack;
            this.clock = clock;
            for (int i = 0; i < INSTANCES; i++) {
                stack.open("instance-" + i);
            }
            sending = thread.scheduleWithFixedDelay(this::sendOne, 0, 5, TimeUnit.MILLISECONDS);
        }

        private void sendOne() {
            String instance = "instance-" + random.nextInt(INSTANCES);
            int bytes = 1 + random.nextInt(1000);
            String event = Usage.egress(instance, "e-" + number++, clock.instant(), Integer.toString(bytes));
            int times = number % 4 == 0 ? 2 : 1;
            for (int i = 0; i < times; i++) {
                stack.sendSoon(instance, event);
                sent.incrementAndGet();
            }
            truth.merge(instance, BigDecimal.valueOf(bytes, 6), BigDecimal::add);
        }

        long sent() {
            return sent.get();
        }

        Map<String, BigDecimal> truth() {
            Map<String, BigDecimal> plain = new TreeMap<>();
            truth.forEach((instance, amount) -> plain.put(instance, TestServers.plain(amount)));
            return plain;
        }

        @Override
        public void close() {
            stop();
        }

        void stop() {
            sending.cancel(false);
            thread.shutdown();
            try {
                assertThat(thread.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            stack.flush();
        }
    }
}
