package io.hourledger.aggregator.group;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestHouse;
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
import org.junit.jupiter.api.Test;

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
        try (TestHouse house = new TestHouse(clock);
                Admin admin = Admin.create(Map.of("bootstrap.servers", house.bootstrapServers()))) {
            for (int partition = 0; partition < TestHouse.PARTITIONS; partition++) {
                house.sendRaw(partition, "k", new byte[] {'x'});
            }
            TopicPartition lost = new TopicPartition(house.topic(), 2);
            admin.deleteRecords(Map.of(lost, RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();

            Aggregator aggregator = house.start();

            soon().untilAsserted(() -> {
                assertThat(halted(aggregator, 2)).contains("records 0 to 0 were never counted");
                assertThat(house.consumed()).isEqualTo(TestHouse.PARTITIONS - 1);
            });
        }
    }

    @Test
    void a_log_that_ends_before_what_was_counted_halts_its_partition() {
        try (TestHouse house = new TestHouse(clock)) {
            house.stop(house.start());
            house.sql()
                    .sql("update aggregator.partition_position set next_offset = 5 where partition = 1")
                    .update();

            Aggregator aggregator = house.start();

            soon().untilAsserted(() -> assertThat(halted(aggregator, 1)).contains("the log ends at 0"));
        }
    }

    @Test
    void state_that_cannot_be_read_halts_and_never_begins_anew() {
        try (TestHouse house = new TestHouse(clock)) {
            house.stop(house.start());
            house.sql()
                    .sql("insert into aggregator.bucket values (3, '2026-03-01T10:00Z', 'i', 'no-such-meter', 1, 1,"
                            + " '2026-03-01T10:00Z', '2026-03-01T10:00Z', 0, 0)")
                    .update();

            Aggregator aggregator = house.start();

            soon().untilAsserted(() -> assertThat(halted(aggregator, 3)).contains("no-such-meter"));
        }
    }

    @Test
    void another_key_another_topic_or_another_count_of_partitions_stops_the_start() throws Exception {
        try (TestHouse house = new TestHouse(clock);
                Admin admin = Admin.create(Map.of("bootstrap.servers", house.bootstrapServers()))) {
            house.stop(house.start());

            assertThatThrownBy(() -> house.start("hourledger.aggregator.id-key=ff0102030405060708090a0b0c0d0e0f"))
                    .hasMessageContaining("another key");

            house.sql()
                    .sql("update aggregator.log_identity set topic_id = 'before'")
                    .update();
            assertThatThrownBy(house::start).hasMessageContaining("deleted and made again");

            admin.createPartitions(Map.of(house.topic(), NewPartitions.increaseTo(5)))
                    .all()
                    .get();
            soon().untilAsserted(() ->
                    assertThatThrownBy(house::start).hasMessageContaining("never enlarge a topic in use"));
        }
    }

    @Test
    void beyond_the_bound_on_ids_they_are_left_on_disk_and_every_repeat_is_still_known() {
        try (TestHouse house = new TestHouse(clock)) {
            Aggregator aggregator =
                    house.start("hourledger.aggregator.max-ids=20", "hourledger.aggregator.max-poll-records=10");
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 60; i++) {
                    house.sendSoon("i-1", egress("i-1", "e-" + i, TEN, "1"));
                }
                house.flush();
            }

            soon().untilAsserted(() -> assertThat(house.consumed()).isEqualTo(120));
            assertThat(house.buckets().values()).containsExactly(BigDecimal.valueOf(60));
            soon().untilAsserted(() -> assertThat(aggregator.partitions().all()).anySatisfy(status -> {
                assertThat(status.tallies().duplicates()).isEqualTo(60);
                assertThat(status.idsHeld()).isLessThanOrEqualTo(20);
                assertThat(status.idsOnDisk()).isGreaterThanOrEqualTo(40);
            }));
        }
    }

    @Test
    void at_the_bound_on_buckets_a_partition_is_not_read_on_and_an_alarm_stands() {
        try (TestHouse house = new TestHouse(clock)) {
            Aggregator aggregator =
                    house.start("hourledger.aggregator.max-buckets=20", "hourledger.aggregator.max-poll-records=10");
            for (int i = 0; i < 200; i++) {
                house.sendSoon("i-" + i, egress("i-" + i, "e", TEN, "1"));
            }
            house.flush();

            soon().untilAsserted(() -> assertThat(aggregator.partitions().all())
                    .filteredOn(PartitionStatus::boundReached)
                    .hasSize(TestHouse.PARTITIONS)
                    .allSatisfy(status -> assertThat(status.openBuckets()).isBetween(11, 20)));
            assertThat(house.consumed()).isLessThanOrEqualTo(TestHouse.PARTITIONS * 20L);
        }
    }
}
