package io.hourledger.aggregator.run;

import static io.hourledger.aggregator.Usage.egress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.TestServers;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.installation.Installation;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two databases on one usage log: staging beside production, and copies of one database. */
@Tag("servers")
class InstallationsTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant CLOSED = TEN.plus(Duration.ofMinutes(62));

    private static final String WAS_PROMOTED = "timeline = '000000FF'";
    private static final String WAS_STARTED_AGAIN = "server_started_at = server_started_at - interval '1 minute'";

    private final TestClock clock = new TestClock(TEN.plusSeconds(60));
    private final TestClock clockBeside = new TestClock(TEN.plusSeconds(60));

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(50));
    }

    private static String readsBeside(TestServers other) {
        return "hourledger.journal.reads-beside=" + other.installation();
    }

    private static void ownsAll(Aggregator aggregator) {
        soon().untilAsserted(() -> assertThat(aggregator.partitions().all()).hasSize(TestServers.PARTITIONS));
    }

    private static void set(TestServers stack, String what) {
        stack.sql().sql("update ledger.installation set " + what).update();
    }

    private static double foreign(Aggregator.Parts parts) {
        return parts.metrics()
                .get("usage.aggregator.foreign.installations")
                .gauge()
                .value();
    }

    private static List<String> halts(TestServers stack) {
        return stack.sql()
                .sql("select distinct reason from aggregator.partition_halt")
                .query(String.class)
                .list();
    }

    /** What a copy of the database has in its row; usage is counted by it from the beginning. */
    private TestServers copyOf(TestServers original) {
        TestServers copy = original.beside(clockBeside);
        Map<String, Object> row =
                original.sql().sql("select * from ledger.installation").query().singleRow();
        copy.sql()
                .sql(
                        """
                        update ledger.installation
                           set id = :id, draw = :draw, number = :number, drawn_because = :drawn_because, timeline = :timeline,
                               server_started_at = :server_started_at, drawn_at = :drawn_at, journaled = :journaled""")
                .params(row)
                .update();
        return copy;
    }

    @Test
    void staging_that_closes_an_hour_first_and_elsewhere_does_not_stop_production() {
        try (TestServers production = new TestServers(clock);
                TestServers staging = production.beside(clockBeside)) {
            production.open("i-1");
            staging.open("i-1");
            Aggregator.Parts parts = production.parts();
            Aggregator ofProduction = production.start(parts);
            ownsAll(ofProduction);
            production.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
            Aggregator.Parts partsOfStaging = staging.parts(readsBeside(production));
            ownsAll(staging.start(partsOfStaging));
            soon().untilAsserted(() -> assertThat(staging.consumed()).isEqualTo(1));
            assertThat(ofProduction.partitions().all())
                    .as("the group is not shared")
                    .hasSize(TestServers.PARTITIONS);

            clockBeside.moveTo(CLOSED);
            soon().untilAsserted(() -> assertThat(staging.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
            production.send("i-1", egress("i-1", "b", TEN.plusSeconds(2), "1000000"));
            soon().untilAsserted(() -> assertThat(production.consumed()).isEqualTo(2));
            clock.moveTo(CLOSED);

            soon().untilAsserted(
                            () -> assertThat(production.metered()).isEqualTo(Map.of("10 i-1", new BigDecimal("2"))));
            soon().untilAsserted(() -> assertThat(foreign(parts)).isEqualTo(1));
            assertThat(foreign(partsOfStaging)).isZero();
            assertThat(halts(production)).isEmpty();
        }
    }

    @Test
    void a_database_that_is_new_to_a_usage_log_of_others_is_not_started_until_they_are_named() {
        try (TestServers production = new TestServers(clock);
                TestServers staging = production.beside(clockBeside)) {
            ownsAll(production.start());
            assertThatThrownBy(staging::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(
                            "installation " + staging.installation(),
                            production.installation(),
                            "hourledger.journal.reads-beside",
                            "hourledger.journal.takes-over");
            ownsAll(staging.start(readsBeside(production)));
        }
    }

    @Test
    void a_rebuilt_database_closes_hours_where_the_lost_one_did() {
        try (TestServers lost = new TestServers(clock);
                TestServers rebuilt = lost.beside(clock)) {
            lost.open("i-1");
            rebuilt.open("i-1");
            Aggregator before = lost.start();
            lost.send("i-1", egress("i-1", "a", TEN.plusSeconds(1), "1000000"));
            soon().untilAsserted(() -> assertThat(lost.consumed()).isEqualTo(1));
            clock.moveTo(CLOSED);
            soon().untilAsserted(() -> assertThat(lost.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
            lost.stop(before);
            lost.send("i-1", egress("i-1", "late", TEN.plusSeconds(2), "1000000"));

            rebuilt.start(
                    "hourledger.journal.takes-over=" + lost.installation(), "hourledger.aggregator.accepted-late=PT0H");
            soon().untilAsserted(() -> assertThat(rebuilt.consumed()).isEqualTo(2));

            soon().untilAsserted(() -> assertThat(rebuilt.metered()).isEqualTo(Map.of("10 i-1", BigDecimal.ONE)));
        }
    }

    @Test
    void a_promoted_copy_takes_the_old_one_out_of_the_group_until_a_person_decides_otherwise() {
        try (TestServers old = new TestServers(clock)) {
            Aggregator ofOld = old.start();
            ownsAll(ofOld);
            try (TestServers promoted = copyOf(old)) {
                set(promoted, WAS_PROMOTED);
                Aggregator ofPromoted = promoted.start();

                soon().untilAsserted(() -> assertThat(ofOld.supersededBecause().orElse(""))
                        .contains("incarnation 2 was drawn", "(promoted)"));
                ownsAll(ofPromoted);
                assertThat(ofOld.partitions().all()).isEmpty();
                soon().untilAsserted(() -> assertThat(halts(old)).containsExactly("superseded"));
                clock.moveTo(CLOSED);
                clockBeside.moveTo(CLOSED);
                soon().untilAsserted(() -> assertThat(closedHours(promoted)).isEqualTo(TestServers.PARTITIONS));
                assertThat(closedHours(old)).isZero();

                try (Installation decided = Installation.journaled(
                        old.database(),
                        Map.of("bootstrap.servers", old.bootstrapServers()),
                        Installation.USUAL_TOPIC,
                        true)) {
                    decided.draw(new DecidedBy("anna", "the copy was a mistake"));
                }

                soon().untilAsserted(
                                () -> assertThat(ofPromoted.supersededBecause()).isPresent());
                ownsAll(ofOld);
                soon().untilAsserted(() -> assertThat(closedHours(old)).isEqualTo(TestServers.PARTITIONS));
                assertThat(halts(old)).isEmpty();
            }
        }
    }

    /** As after a restart of PostgreSQL: loading found it out before the watch did. No partition has these numbers, so nothing else clears them. */
    @Test
    void partitions_that_are_halted_as_superseded_go_on_once_the_database_is_in_force() {
        try (TestServers stack = new TestServers(clock)) {
            ownsAll(stack.start());
            stack.sql()
                    .sql(
                            "insert into aggregator.partition_halt (partition, halted_at, reason, detail) values"
                                    + " (90, now(), 'superseded', 'not in force yet'), (91, now(), 'closed-elsewhere', 'a person must look')")
                    .update();

            soon().untilAsserted(() -> assertThat(halts(stack)).containsExactly("closed-elsewhere"));
        }
    }

    private static int closedHours(TestServers stack) {
        return stack.sql()
                .sql("select count(*) from aggregator.hour_cutoff where closed_at is not null and hour >="
                        + " '2026-03-01T10:00:00Z'")
                .query(Integer.class)
                .single();
    }

    @Test
    void an_old_primary_that_is_started_again_deposes_nobody() {
        try (TestServers old = new TestServers(clock)) {
            Aggregator ofOld = old.start();
            ownsAll(ofOld);
            old.stop(ofOld);
            try (TestServers promoted = copyOf(old)) {
                set(promoted, WAS_PROMOTED);
                Aggregator ofPromoted = promoted.start();
                ownsAll(ofPromoted);
                set(old, WAS_STARTED_AGAIN);

                Aggregator again = old.start();

                soon().untilAsserted(() -> assertThat(again.supersededBecause()).isPresent());
                clockBeside.moveTo(CLOSED);
                soon().untilAsserted(() -> assertThat(closedHours(promoted)).isEqualTo(TestServers.PARTITIONS));
                assertThat(ofPromoted.supersededBecause()).isEmpty();
                assertThat(again.partitions().all()).isEmpty();
            }
        }
    }
}
