package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.consumer.PartitionStatus;
import io.hourledger.aggregator.run.Aggregator;
import io.hourledger.embedded.TestClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class LostOffsetTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
    }

    private static String halted(Aggregator aggregator, int partition) {
        return String.valueOf(aggregator
                .partitions()
                .of(partition)
                .map(PartitionStatus::haltedBecause)
                .orElse("not halted"));
    }

    @Test
    void a_partition_whose_next_record_is_gone_halts_and_the_others_go_on() throws Exception {
        try (TestServers stack = new TestServers(clock);
                Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            for (int partition = 0; partition < TestServers.PARTITIONS; partition++) {
                stack.sendRaw(partition, "k", new byte[] {'x'});
            }
            TopicPartition lost = new TopicPartition(stack.topic(), 2);
            admin.deleteRecords(Map.of(lost, RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();

            Aggregator aggregator = stack.start();

            soon().untilAsserted(() -> {
                assertThat(halted(aggregator, 2)).contains("records 0 to 0 were never counted");
                assertThat(stack.consumed()).isEqualTo(TestServers.PARTITIONS - 1);
            });
        }
    }

    @Test
    void a_log_that_ends_before_what_was_counted_halts_its_partition() {
        try (TestServers stack = new TestServers(clock)) {
            stack.stop(stack.start());
            stack.sql()
                    .sql("update aggregator.partition_position set next_offset = 5 where partition = 1")
                    .update();

            Aggregator aggregator = stack.start();

            soon().untilAsserted(() -> assertThat(halted(aggregator, 1)).contains("the log ends at 0"));
        }
    }

    @Test
    void state_that_cannot_be_read_halts_and_never_begins_anew() {
        try (TestServers stack = new TestServers(clock)) {
            stack.stop(stack.start());
            stack.sql()
                    .sql("update aggregator.partition_position set checkpoint = 1 where partition = 3")
                    .update();
            stack.sql()
                    .sql("insert into aggregator.counted_ids (partition, hour, next_offset, ids)"
                            + " values (3, '2026-03-01T10:00Z', 0, decode(repeat('ab', 32), 'hex'))")
                    .update();

            Aggregator aggregator = stack.start();

            soon().untilAsserted(() -> assertThat(halted(aggregator, 3)).contains("kept twice"));
        }
    }

    @Test
    void another_key_another_topic_or_another_count_of_partitions_stops_the_start() throws Exception {
        try (TestServers stack = new TestServers(clock);
                Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            stack.stop(stack.start());

            assertThatThrownBy(() -> stack.start("hourledger.aggregator.id-key=ff0102030405060708090a0b0c0d0e0f"))
                    .hasMessageContaining("another key");

            stack.sql()
                    .sql("update aggregator.log_identity set topic_id = 'before'")
                    .update();
            assertThatThrownBy(stack::start).hasMessageContaining("deleted and made again");

            admin.createPartitions(Map.of(stack.topic(), NewPartitions.increaseTo(5)))
                    .all()
                    .get();
            soon().untilAsserted(() ->
                    assertThatThrownBy(stack::start).hasMessageContaining("never enlarge a topic in use"));
        }
    }

    @Test
    void beyond_the_bound_on_ids_they_are_left_on_disk_and_every_repeat_is_still_known() {
        try (TestServers stack = new TestServers(clock)) {
            Aggregator aggregator =
                    stack.start("hourledger.aggregator.max-ids=20", "hourledger.aggregator.max-poll-records=10");
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 60; i++) {
                    stack.sendSoon("i-1", egress("i-1", "e-" + i, TEN, "1"));
                }
                stack.flush();
            }

            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(120));
            assertThat(stack.buckets().values()).containsExactly(BigDecimal.valueOf(60));
            soon().untilAsserted(() -> assertThat(aggregator.partitions().all()).anySatisfy(status -> {
                assertThat(status.tallies().duplicates()).isEqualTo(60);
                assertThat(status.idsHeld()).isLessThanOrEqualTo(20);
                assertThat(status.idsOnDisk()).isGreaterThanOrEqualTo(40);
            }));
        }
    }

    @Test
    void subjects_beyond_the_bound_on_buckets_are_counted_and_stop_nobody() {
        try (TestServers stack = new TestServers(clock)) {
            // no checkpoint is due by the time, so it is the full buckets that bring one
            Aggregator aggregator = stack.start(
                    "hourledger.aggregator.max-buckets=20",
                    "hourledger.aggregator.max-poll-records=3",
                    "hourledger.aggregator.checkpoint-interval=PT1H");
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 200; i++) {
                    stack.sendSoon("i-" + i, egress("i-" + i, "e-" + round, TEN, "1"));
                }
                stack.flush();
            }

            soon().untilAsserted(() ->
                    assertThat(stack.consumed()).isGreaterThanOrEqualTo(400 - 20 * TestServers.PARTITIONS));
            assertThat(aggregator.partitions().all())
                    .hasSize(TestServers.PARTITIONS)
                    .noneMatch(PartitionStatus::boundReached)
                    .allSatisfy(status -> assertThat(status.bucketsHeld()).isLessThanOrEqualTo(20));
            stack.stop(aggregator);
            stack.start();
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(400));
            assertThat(stack.buckets().values()).hasSize(200).allSatisfy(total -> assertThat(total)
                    .isEqualByComparingTo("2"));
        }
    }
}
