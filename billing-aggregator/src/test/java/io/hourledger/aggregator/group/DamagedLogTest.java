package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.embedded.FreePort;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker of its own, whose files are damaged as a disk or a bad failover would. */
@Tag("servers")
class DamagedLogTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final List<String> INSTANCES = IntStream.range(0, TestServers.PARTITIONS)
            .mapToObj(DamagedLogTest::instanceOf)
            .toList();

    @TempDir
    private Path folder;

    private final int port = FreePort.any();
    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static String instanceOf(int partition) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "i-" + i)
                .filter(name ->
                        Utils.toPositive(Utils.murmur2(name.getBytes(UTF_8))) % TestServers.PARTITIONS == partition)
                .findFirst()
                .orElseThrow();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }

    private EmbeddedBroker broker() {
        return EmbeddedBroker.start(folder, port, Map.of());
    }

    private Path segment(TestServers stack, int partition) {
        return folder.resolve(stack.topic() + "-" + partition).resolve("00000000000000000000.log");
    }

    private static String halted(Aggregator aggregator, int partition) {
        return String.valueOf(aggregator
                .partitions()
                .of(partition)
                .map(PartitionStatus::haltedBecause)
                .orElse("not halted"));
    }

    private void sendToAll(TestServers stack, String id) {
        INSTANCES.forEach(instance -> stack.send(instance, egress(instance, id, clock.instant(), "1")));
    }

    private static long nextOffset(TestServers stack, int partition) {
        return stack.sql()
                .sql("select next_offset from aggregator.partition_position where partition = ?")
                .param(partition)
                .query(Long.class)
                .single();
    }

    private static void damage(Path file, long fromEnd) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long place = bytes.length() - fromEnd;
            bytes.seek(place);
            int before = bytes.read();
            bytes.seek(place);
            bytes.write(before ^ 0x55);
        }
    }

    @Test
    void a_corrupt_batch_halts_its_partition_and_the_others_of_its_thread_go_on() throws IOException {
        try (EmbeddedBroker broker = broker();
                TestServers stack = new TestServers(clock, broker.bootstrapServers(), TestServers.freshDatabase())) {
            sendToAll(stack, "a");
            damage(segment(stack, 2), 20);

            Aggregator aggregator = stack.start();

            soon().untilAsserted(() ->
                    assertThat(halted(aggregator, 2)).startsWith("the log cannot be read from offset 0 on"));
            sendToAll(stack, "b");
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2 * (TestServers.PARTITIONS - 1)));
        }
    }

    @Test
    void a_log_that_lost_its_tail_and_was_written_on_halts_its_partition() throws IOException {
        TestDatabase.Address database = TestServers.freshDatabase();
        try (TestServers stack = begin(database)) {
            try (EmbeddedBroker broker = broker()) {
                // as many records as were lost, and one more
                for (String id : List.of("x", "y", "z")) {
                    sendToAll(stack, id);
                }

                Aggregator aggregator = stack.start();

                soon().untilAsserted(() -> {
                    assertThat(halted(aggregator, 2))
                            .contains("the log was cut off before offset 2", "from offset 1 on");
                    assertThat(nextOffset(stack, 1)).isEqualTo(5);
                });
                assertThat(nextOffset(stack, 2)).isEqualTo(2);
                assertThat(broker.bootstrapServers()).endsWith(":" + port);
            }
        }
    }

    /** Counts two records of each partition. Then the last one of one partition is lost with the broker. */
    private TestServers begin(TestDatabase.Address database) throws IOException {
        TestServers stack;
        long sizeBefore;
        try (EmbeddedBroker broker = broker()) {
            stack = new TestServers(clock, broker.bootstrapServers(), database);
            sendToAll(stack, "a");
            sizeBefore = segment(stack, 2).toFile().length();
            sendToAll(stack, "b");
            Aggregator aggregator = stack.start();
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2 * TestServers.PARTITIONS));
            stack.stop(aggregator);
        }
        try (RandomAccessFile log = new RandomAccessFile(segment(stack, 2).toFile(), "rw")) {
            log.setLength(sizeBefore);
        }
        return stack;
    }
}
