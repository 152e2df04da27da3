package io.hourledger.ledger.installation;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.embedded.TestBroker;
import io.hourledger.ledger.store.TestLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@Tag("servers")
class InstallationTest {

    private static final DecidedBy ANNA = new DecidedBy("anna", "the new machine is the one");

    private final Map<String, Object> broker = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
    private final String topic = TestBroker.freshName("installations");

    private static DataSource database() {
        return TestLedger.freshDatabase().dataSource();
    }

    private Installation open(DataSource database) {
        return Installation.journaled(database, broker, topic, true);
    }

    private static void set(DataSource database, String what) {
        JdbcClient.create(database)
                .sql("update ledger.installation set " + what)
                .update();
    }

    /** What a copy of the database has in its row. */
    private static DataSource copyOf(DataSource original) {
        DataSource copy = database();
        Map<String, Object> row = JdbcClient.create(original)
                .sql("select * from ledger.installation")
                .query()
                .singleRow();
        JdbcClient.create(copy)
                .sql(
                        """
                        update ledger.installation
                           set id = :id, draw = :draw, number = :number, drawn_because = :drawn_because, timeline = :timeline,
                               server_started_at = :server_started_at, drawn_at = :drawn_at, journaled = :journaled""")
                .params(row)
                .update();
        return copy;
    }

    private static final String WAS_PROMOTED = "timeline = '000000FF'";
    private static final String WAS_STARTED_AGAIN = "server_started_at = server_started_at - interval '1 minute'";

    private static List<DrawReason> reasons(Installation installation) {
        return installation.incarnations().stream().map(Incarnation::reason).toList();
    }

    @Test
    void a_new_database_is_in_force_and_stays_so() {
        DataSource database = database();
        try (Installation one = open(database)) {
            assertThat(one.status()).isEqualTo(new IncarnationStatus.NotKnown());
            assertThat(one.look()).isEqualTo(new IncarnationStatus.InForce(1));
            assertThat(one.look()).isEqualTo(new IncarnationStatus.InForce(1));
            assertThat(reasons(one)).containsExactly(DrawReason.FIRST);
        }
        try (Installation next = open(database)) {
            assertThat(next.look()).isEqualTo(new IncarnationStatus.InForce(1));
        }
    }

    @Test
    void several_processes_on_one_database_draw_once() throws Exception {
        DataSource database = database();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<IncarnationStatus> start = () -> {
                try (Installation one = open(database)) {
                    return one.look();
                }
            };
            for (Future<IncarnationStatus> status : threads.invokeAll(List.of(start, start, start, start))) {
                assertThat(status.get()).isEqualTo(new IncarnationStatus.InForce(1));
            }
            set(database, WAS_STARTED_AGAIN);
            for (Future<IncarnationStatus> status : threads.invokeAll(List.of(start, start, start, start))) {
                assertThat(status.get()).isEqualTo(new IncarnationStatus.InForce(2));
            }
        }
    }

    @Test
    void a_promoted_copy_supersedes_the_one_it_was_copied_from_until_a_person_decides() {
        DataSource database = database();
        try (Installation old = open(database)) {
            old.look();
            DataSource copied = copyOf(database);
            set(copied, WAS_PROMOTED);
            try (Installation promoted = open(copied)) {
                assertThat(promoted.look()).isEqualTo(new IncarnationStatus.InForce(2));
                assertThat(old.look()).isInstanceOf(IncarnationStatus.Superseded.class);
                assertThat(old.look().whyNot().orElseThrow()).contains("(promoted)", "this database is incarnation 1");

                assertThat(old.draw(ANNA)).isEqualTo(new IncarnationStatus.InForce(3));
                assertThat(promoted.look()).isInstanceOf(IncarnationStatus.Superseded.class);
                assertThat(promoted.incarnations().getLast().by()).isEqualTo(ANNA);
            }
        }
    }

    @Test
    void an_old_primary_that_is_started_again_deposes_nobody() {
        DataSource database = database();
        try (Installation old = open(database)) {
            old.look();
        }
        DataSource copied = copyOf(database);
        set(copied, WAS_PROMOTED);
        try (Installation promoted = open(copied)) {
            promoted.look();
            set(database, WAS_STARTED_AGAIN);
            try (Installation again = open(database)) {
                assertThat(again.look()).isInstanceOf(IncarnationStatus.Superseded.class);
                assertThat(promoted.look()).isEqualTo(new IncarnationStatus.InForce(2));
            }
        }
    }

    @Test
    void a_draw_that_was_committed_and_not_journaled_before_a_crash_is_journaled_by_the_next_start() {
        DataSource database = database();
        try (Installation one = open(database)) {
            one.look();
        }
        set(
                database,
                "draw = gen_random_uuid(), number = 2, drawn_because = 'restarted', journaled = false,"
                        + " drawn_at = clock_timestamp()");
        try (Installation next = open(database)) {
            assertThat(next.look()).isEqualTo(new IncarnationStatus.InForce(2));
            assertThat(reasons(next)).containsExactly(DrawReason.FIRST, DrawReason.RESTARTED);
        }
    }

    @Test
    void of_two_copies_that_drew_the_same_number_the_first_in_the_journal_counts() {
        DataSource database = database();
        try (Installation old = open(database)) {
            old.look();
        }
        DataSource copied = copyOf(database);
        String drewTheSecond =
                "draw = gen_random_uuid(), number = 2, journaled = false, drawn_at = clock_timestamp(), drawn_because = ";
        set(database, drewTheSecond + "'restarted'");
        set(copied, drewTheSecond + "'promoted'");
        try (Installation restarted = open(database);
                Installation promoted = open(copied)) {
            assertThat(restarted.look()).isEqualTo(new IncarnationStatus.InForce(2));
            assertThat(promoted.look()).isEqualTo(new IncarnationStatus.InForce(3));
            assertThat(restarted.look()).isInstanceOf(IncarnationStatus.Superseded.class);
        }
    }

    @Test
    void a_restored_database_draws_anew() {
        DataSource database = database();
        try (Installation one = open(database)) {
            one.look();
            Installation.forgetDraw(database);
            assertThat(one.look()).isEqualTo(new IncarnationStatus.InForce(2));
            assertThat(reasons(one)).containsExactly(DrawReason.FIRST, DrawReason.RESTORED);
        }
    }

    @Test
    void a_lost_topic_is_for_a_person() throws Exception {
        DataSource database = database();
        try (Installation one = open(database)) {
            one.look();
        }
        try (Admin admin = Admin.create(broker)) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
        try (Installation again = open(database)) {
            assertThat(again.look()).isEqualTo(new IncarnationStatus.JournalLost(1));
            assertThat(again.draw(ANNA)).isEqualTo(new IncarnationStatus.InForce(2));
        }
    }

    /** What a broker does that had not flushed it when the power went. */
    @Test
    void the_last_draw_is_journaled_again_if_the_topic_lost_that_entry_alone() throws Exception {
        DataSource database = database();
        try (Installation one = open(database)) {
            one.look();
        }
        DataSource whenTheFirstWasInForce = copyOf(database);
        set(database, WAS_STARTED_AGAIN);
        try (Installation again = open(database)) {
            assertThat(again.look()).isEqualTo(new IncarnationStatus.InForce(2));
        }
        try (Admin admin = Admin.create(broker)) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
        set(whenTheFirstWasInForce, "journaled = false");
        try (Installation writesTheFirst = open(whenTheFirstWasInForce)) {
            writesTheFirst.look();
        }
        try (Installation next = open(database)) {
            assertThat(next.look()).isEqualTo(new IncarnationStatus.InForce(2));
            assertThat(reasons(next)).containsExactly(DrawReason.FIRST, DrawReason.RESTARTED);
        }
    }

    @Test
    void a_draw_that_another_process_journals_between_the_two_readings_is_in_force() {
        DataSource database = database();
        try (Installation faster = open(database)) {
            faster.look();
            AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
            DataSource slow = new DelegatingDataSource(database) {
                @Override
                public Connection getConnection() throws SQLException {
                    meanwhile.getAndSet(() -> {}).run();
                    return super.getConnection();
                }
            };
            try (Installation slower = open(slow)) {
                assertThat(slower.look()).isEqualTo(new IncarnationStatus.InForce(1));
                meanwhile.set(() -> {
                    for (int draws = 0; draws < 2; draws++) {
                        set(database, WAS_STARTED_AGAIN);
                        faster.look();
                    }
                });
                assertThat(slower.look()).isEqualTo(new IncarnationStatus.InForce(3));
                assertThat(slower.incarnations()).hasSize(3);
            }
        }
    }

    @Test
    void other_installations_on_the_same_topic_are_no_concern() {
        try (Installation one = open(database());
                Installation other = open(database())) {
            assertThat(one.look()).isEqualTo(new IncarnationStatus.InForce(1));
            assertThat(other.look()).isEqualTo(new IncarnationStatus.InForce(1));
            assertThat(one.look()).isEqualTo(new IncarnationStatus.InForce(1));
        }
    }

    @Test
    void an_account_belongs_to_the_installation_that_said_so_first_or_takes_it_over() {
        try (Installation production = open(database());
                Installation staging = open(database())) {
            UUID first = production.id();
            UUID second = staging.id();
            assertThat(production.claimAccount("digest", null)).isEqualTo(first);
            assertThat(staging.claimAccount("digest", null)).isEqualTo(first);
            assertThat(staging.claimAccount("another", null)).isEqualTo(second);

            assertThat(staging.claimAccount("digest", first)).isEqualTo(second);
            assertThat(production.claimAccount("digest", null)).isEqualTo(second);
        }
    }
}
