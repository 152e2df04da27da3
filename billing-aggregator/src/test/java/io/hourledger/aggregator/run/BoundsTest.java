package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.embedded.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A partition has room for a hundred ids and a dozen buckets, and is given a few records at a time. */
@Tag("servers")
class BoundsTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final int PARTITION = 1;

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
    }

    private static List<String> instancesOfOnePartition() {
        return IntStream.range(0, 1_000)
                .mapToObj(number -> "i-" + number)
                .filter(instance ->
                        Utils.toPositive(Utils.murmur2(instance.getBytes(UTF_8))) % TestServers.PARTITIONS == PARTITION)
                .limit(16)
                .toList();
    }

    private static PartitionStatus status(Aggregator aggregator) {
        return aggregator.partitions().all().stream()
                .filter(status -> status.partition() == PARTITION)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void where_the_buckets_have_no_room_the_partition_stops_and_leaves_no_ids_on_disk() {
        List<String> instances = instancesOfOnePartition();
        try (TestServers stack = new TestServers(clock)) {
            Aggregator aggregator = stack.start(
                    "hourledger.aggregator.max-poll-records=1",
                    "hourledger.aggregator.max-ids=100",
                    "hourledger.aggregator.max-buckets=12");
            for (int i = 0; i < 40; i++) {
                stack.sendSoon(instances.get(0), egress(instances.get(0), "e-" + i, TEN.plusSeconds(i), "1"));
            }
            instances.forEach(instance -> stack.sendSoon(instance, egress(instance, "a", TEN.plusSeconds(1), "1")));
            stack.flush();

            soon().untilAsserted(
                            () -> assertThat(status(aggregator).boundReached()).isTrue());
            PartitionStatus stopped = status(aggregator);
            assertThat(stopped.openBuckets()).isGreaterThan(8);
            assertThat(stopped.idsHeld()).isGreaterThan(25);
            assertThat(stopped.idsOnDisk()).isZero();
            assertThat(stack.sql()
                            .sql("select count(*) from aggregator.ids_on_disk")
                            .query(Integer.class)
                            .single())
                    .isZero();
        }
    }
}
