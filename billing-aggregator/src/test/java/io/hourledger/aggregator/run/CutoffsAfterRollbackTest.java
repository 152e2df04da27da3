package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.embedded.TestBroker;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.journal.JournalTopic;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class CutoffsAfterRollbackTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
    }

    private static List<String> tables(TestServers stack) {
        return stack.sql()
                .sql(
                        """
                        select schemaname || '.' || tablename from pg_tables
                         where schemaname in ('aggregator', 'ledger') and tablename <> 'flyway_schema_history'""")
                .query(String.class)
                .list();
    }

    private static void backup(TestServers stack) {
        List<String> tables = tables(stack);
        stack.sql().sql("create schema backup").update();
        tables.forEach(table -> stack.sql()
                .sql("create table backup." + table.replace('.', '_') + " as table " + table)
                .update());
    }

    private static void restore(TestServers stack) {
        for (String table : tables(stack)) {
            stack.sql().sql("delete from " + table).update();
            stack.sql()
                    .sql("insert into " + table + " overriding system value select * from backup."
                            + table.replace('.', '_'))
                    .update();
        }
    }

    private static List<Map<String, Object>> cutoffs(TestServers stack) {
        return stack.sql()
                .sql("select partition, hour, cutoff, recorded_at, accepts_from from aggregator.hour_cutoff where"
                        + " hour >= '2026-03-01T10:00:00Z' order by partition, hour")
                .query()
                .listOfRows();
    }

    @Test
    void hours_that_were_closed_after_the_backup_are_closed_again_at_the_same_cutoffs_and_come_to_the_same() {
        try (TestServers stack = new TestServers(clock)) {
            stack.open("i-1");
            Aggregator first = stack.start();
            stack.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(1));
            stack.stop(first);
            backup(stack);

            Aggregator second = stack.start();
            stack.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "1000000"));
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(2));
            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("2"))));
            stack.send("i-1", egress("i-1", "late", TEN.plusSeconds(3), "1000000"));
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(3));
            clock.moveTo(TEN.plus(Duration.ofMinutes(122)));
            soon().untilAsserted(() -> assertThat(stack.sql()
                            .sql("select count(*) from aggregator.hour_cutoff where closed_at is not null and hour"
                                    + " >= '2026-03-01T10:00:00Z'")
                            .query(Integer.class)
                            .single())
                    .isEqualTo(2 * TestServers.PARTITIONS));
            assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("3")));
            List<Map<String, Object>> before = cutoffs(stack);
            stack.stop(second);
            restore(stack);
            assertThat(cutoffs(stack)).isNotEqualTo(before);

            clock.moveTo(TEN.plus(Duration.ofMinutes(150)));
            stack.start("hourledger.aggregator.accepted-late=PT0H");
            soon().untilAsserted(() -> assertThat(stack.consumed()).isEqualTo(3));
            soon().untilAsserted(() -> assertThat(stack.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("3"))));

            assertThat(cutoffs(stack)).isEqualTo(before);
            assertThat(stack.reasons())
                    .as("what the cutoffs accept, not what the setting says now")
                    .isEmpty();
        }
    }

    private static void untilAllHoursAreClosedThrough(TestServers stack, Instant hour) {
        soon().untilAsserted(() -> assertThat(stack.sql()
                        .sql("select count(*) from aggregator.hour_cutoff where closed_at is not null and hour = ?")
                        .param(hour.atOffset(ZoneOffset.UTC))
                        .query(Integer.class)
                        .single())
                .isEqualTo(TestServers.PARTITIONS));
    }

    @Test
    void hours_that_ended_elsewhere_while_nothing_was_kept_outside_halt_their_partitions() {
        String topic = "hourledger.journal.cutoffs-topic=" + TestBroker.freshName("hour-cutoffs");
        try (TestServers stack = new TestServers(clock)) {
            Aggregator first = stack.start(topic);
            soon().untilAsserted(() -> assertThat(cutoffs(stack).size()).isZero());
            stack.stop(first);
            backup(stack);
            Aggregator second = stack.start(topic);
            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
            untilAllHoursAreClosedThrough(stack, TEN);
            stack.stop(second);
            restore(stack);

            clock.moveTo(TEN.plus(Duration.ofMinutes(122)));
            Aggregator without = stack.start(topic, "hourledger.journal.unsafe-without=true");
            untilAllHoursAreClosedThrough(stack, TEN.plus(Duration.ofHours(1)));
            stack.stop(without);
            Aggregator again = stack.start(topic);

            soon().untilAsserted(() -> assertThat(again.partitions().all())
                    .hasSize(TestServers.PARTITIONS)
                    .allSatisfy(partition -> assertThat(partition.haltedBecause())
                            .contains(
                                    "hour 2026-03-01T10:00:00Z was closed at offset 0 before the database went back")));
        }
    }

    @Test
    void what_was_closed_while_nothing_was_kept_outside_is_kept_there_with_the_next_hour() {
        String name = TestBroker.freshName("hour-cutoffs");
        String topic = "hourledger.journal.cutoffs-topic=" + name;
        try (TestServers stack = new TestServers(clock)) {
            Aggregator without = stack.start(topic, "hourledger.journal.unsafe-without=true");
            clock.moveTo(TEN.plus(Duration.ofMinutes(62)));
            untilAllHoursAreClosedThrough(stack, TEN);
            stack.stop(without);
            stack.start(topic);
            clock.moveTo(TEN.plus(Duration.ofMinutes(122)));
            untilAllHoursAreClosedThrough(stack, TEN.plus(Duration.ofHours(1)));

            List<String> stored = new ArrayList<>();
            JournalTopic.readIfThere(Map.of("bootstrap.servers", stack.bootstrapServers()), name, entry -> {
                if (entry.kind().equals("cutoff")) {
                    stored.add(entry.fact("partition") + " " + entry.fact("hour"));
                }
            });

            assertThat(stored)
                    .contains("0 2026-03-01T10:00:00Z", "3 2026-03-01T10:00:00Z", "3 2026-03-01T11:00:00Z")
                    .doesNotHaveDuplicates();
        }
    }
}
