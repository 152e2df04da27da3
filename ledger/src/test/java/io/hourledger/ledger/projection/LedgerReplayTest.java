package io.hourledger.ledger.projection;

import static io.hourledger.ledger.instance.Given.meter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.ledger.statement.UsageRecordReport;
import io.hourledger.ledger.store.TestLedger;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

@Tag("servers")
class LedgerReplayTest {

    private final TestLedger test = new TestLedger();
    private final LedgerReplay replay = new LedgerReplay(test.jdbc, test.transactions);

    @BeforeEach
    void a_ledger_with_projections() {
        test.projections.start();
        ProjectionsTest.handle(test, ProjectionsTest.aBusyLife(5, 12));
        await().until(test.projections::caughtUp);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void projections_made_anew_are_byte_for_byte_those_that_were_live() {
        List<String> before = export();
        AtomicLong progress = new AtomicLong();
        LedgerReplay.Outcome outcome = replay.run(progress::set);

        assertThat(outcome.differences()).isEmpty();
        assertThat(outcome.events())
                .isEqualTo(test.jdbc.queryForObject("select count(*) from ledger.event", Long.class));
        assertThat(progress).hasValue(outcome.events());
        assertThat(export()).isEqualTo(before);
    }

    @Test
    void a_projection_that_was_tampered_with_is_named_and_mended() {
        List<String> before = export();
        test.jdbc.update("update ledger.usage_record set amount = amount + 1 where instance_id = 'i2'");
        assertThat(replay.run(events -> {}).differences())
                .isNotEmpty()
                .allMatch(difference -> difference.startsWith("usage_record"));
        assertThat(export()).isEqualTo(before);
    }

    @Test
    void ranges_of_a_few_instances_come_to_the_same_as_all_at_once() {
        List<String> before = export();
        List<Long> progress = new ArrayList<>();
        LedgerReplay.Outcome outcome = new LedgerReplay(test.jdbc, test.transactions, 50).run(progress::add);

        assertThat(outcome.differences()).isEmpty();
        assertThat(progress).hasSizeGreaterThan(3).isSorted().last().isEqualTo(outcome.events());
        assertThat(export()).isEqualTo(before);
    }

    @Test
    void projections_made_event_by_event_are_those_made_from_whole_instances() {
        test.projections.close();
        test.jdbc.execute("truncate ledger.instance, ledger.metered_hour, ledger.usage_record, ledger.package");
        List<String> statements = ProjectionSql.ofStretch("ledger", 1).stream()
                .map(ProjectionSql.Change::sql)
                .toList();
        test.jdbc.query(
                """
                select e.transaction_id::text, e.position
                from ledger.event e
                order by e.transaction_id, e.position
                """,
                row -> {
                    String transaction = row.getString(1);
                    long position = row.getLong(2);
                    statements.forEach(statement -> test.jdbc.update(
                            statement, transaction, position, transaction, position, new String[0], false));
                });
        assertThat(replay.run(events -> {}).differences()).isEmpty();
    }

    @Test
    void a_row_too_many_or_too_few_or_twice_is_named() {
        test.jdbc.update("delete from ledger.package where instance_id = 'i0'");
        test.jdbc.update("insert into ledger.instance select (jsonb_populate_record(i, '{\"instance_id\": \"x\"}')).*"
                + " from ledger.instance i where instance_id = 'i0'");
        test.jdbc.execute("alter table ledger.metered_hour drop constraint metered_hour_pkey");
        test.jdbc.update("insert into ledger.metered_hour select * from ledger.metered_hour limit 1");
        assertThat(replay.run(events -> {}).differences())
                .satisfiesExactlyInAnyOrder(
                        only -> assertThat(only).startsWith("instance, only before: (x,"),
                        twice -> assertThat(twice).isEqualTo("metered_hour: the live projection has rows twice"),
                        gone -> assertThat(gone).startsWith("package, only after: (package-i0,"));
        assertThat(replay.run(events -> {}).differences()).isEmpty();
    }

    @Test
    void projections_that_were_dropped_come_back_and_go_on() {
        List<String> before = export();
        test.projections.close();
        test.jdbc.execute("drop table ledger.instance, ledger.metered_hour, ledger.usage_record, ledger.package");
        replay.run(events -> {});
        assertThat(export()).isEqualTo(before);

        test.projections.start();
        test.ledger.handleAll(List.of(meter("i2", 100, "1")));
        await().until(test.projections::caughtUp);
        assertThat(export()).hasSizeGreaterThanOrEqualTo(before.size());
    }

    @Test
    void two_replays_do_not_make_and_swap_each_others_tables() {
        List<String> refused = new ArrayList<>();
        LedgerReplay.Outcome outcome = new LedgerReplay(test.jdbc, test.transactions, 50).run(events -> {
            if (refused.isEmpty()) {
                try {
                    replay.run(more -> {});
                } catch (IllegalStateException another) {
                    refused.add(another.getMessage());
                }
            }
        });
        assertThat(refused).singleElement().asString().contains("another replay runs on this ledger");
        assertThat(outcome.differences()).isEmpty();
        assertThat(replay.run(events -> {}).differences()).isEmpty();
    }

    @Test
    void the_live_projections_go_on_while_they_are_compared() {
        AtomicBoolean hasGoneOn = new AtomicBoolean();
        JdbcTemplate comparing = new JdbcTemplate(test.dataSource) {
            @Override
            public <T> List<T> queryForList(String sql, Class<T> type) {
                if (sql.contains("full join") && hasGoneOn.compareAndSet(false, true)) {
                    CompletableFuture.runAsync(() -> test.ledger.handleAll(List.of(meter("i2", 100, "1"))))
                            .join();
                    await().atMost(Duration.ofSeconds(20)).until(test.projections::caughtUp);
                }
                return super.queryForList(sql, type);
            }
        };
        assertThat(new LedgerReplay(comparing, test.transactions)
                        .run(events -> {})
                        .differences())
                .isEmpty();

        assertThat(hasGoneOn).isTrue();
        assertThat(test.jdbc.queryForObject(
                        "select count(*) from ledger.metered_hour where instance_id = 'i2' and hour = ?::timestamptz",
                        Long.class,
                        meter("i2", 100, "1").hour().start().toString()))
                .isEqualTo(1);
        assertThat(replay.run(events -> {}).differences()).isEmpty();
    }

    private static final String END_WHO_HOLDS_THE_PROJECTIONS =
            """
            select count(pg_terminate_backend(pid))
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'
              and query like '%from ledger.reader%for update'
            """;

    @Test
    void projections_that_go_on_though_the_replay_held_them_lose_nothing() {
        AtomicLong ended = new AtomicLong();
        JdbcTemplate cutOff = new JdbcTemplate(test.dataSource) {
            @Override
            public void execute(String sql) {
                boolean isReady = sql.startsWith("set local jit") || sql.startsWith("set local lock_timeout");
                if (isReady && ended.get() < 2 && queryForObject(END_WHO_HOLDS_THE_PROJECTIONS, Long.class) > 0) {
                    CompletableFuture.runAsync(() -> test.ledger.handleAll(
                                    List.of(meter("i2", 100 + (int) ended.incrementAndGet(), "1"))))
                            .join();
                    await().atMost(Duration.ofSeconds(20)).until(test.projections::caughtUp);
                }
                super.execute(sql);
            }
        };
        assertThat(new LedgerReplay(cutOff, test.transactions).run(events -> {}).differences())
                .isEmpty();
        assertThat(ended).as("times that it lost its hold").hasPositiveValue();
        assertThat(replay.run(events -> {}).differences()).isEmpty();
    }

    @Test
    void a_replay_that_is_stopped_in_the_middle_of_its_swap_holds_up_nobody_for_long() throws Exception {
        List<String> before = export();
        CompletableFuture<Boolean> stopped = new CompletableFuture<>();
        CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
        JdbcTemplate frozen = new JdbcTemplate(test.dataSource) {
            @Override
            public void execute(String sql) {
                if (sql.startsWith("drop table if exists ledger.")) {
                    stopped.complete(true);
                    goesOn.join();
                }
                super.execute(sql);
            }
        };
        CompletableFuture<LedgerReplay.Outcome> replayed =
                CompletableFuture.supplyAsync(() -> new LedgerReplay(frozen, test.transactions).run(events -> {}));
        try {
            stopped.get(30, TimeUnit.SECONDS);
            assertThat(CompletableFuture.supplyAsync(this::export).get(20, TimeUnit.SECONDS))
                    .isEqualTo(before);
        } finally {
            goesOn.complete(true);
        }
        assertThat(replayed).failsWithin(30, TimeUnit.SECONDS);
        assertThat(replay.run(events -> {}).differences()).isEmpty();
    }

    @Test
    void a_long_reading_makes_the_swap_wait_and_nobody_else() throws Exception {
        List<String> before = export();
        CompletableFuture<LedgerReplay.Outcome> replayed;
        try (Connection reading = test.dataSource.getConnection();
                Statement statement = reading.createStatement()) {
            reading.setAutoCommit(false);
            statement.execute("select count(*) from ledger.usage_record");
            replayed = CompletableFuture.supplyAsync(() -> replay.run(events -> {}));
            await().atMost(Duration.ofSeconds(30)).until(this::someoneWaitsForATable);
            await().atMost(Duration.ofSeconds(5)).until(() -> export().equals(before));
            test.ledger.handleAll(List.of(meter("i2", 100, "1")));
            await().atMost(Duration.ofSeconds(20)).until(test.projections::caughtUp);
            assertThat(replayed).as("it waits for the reading").isNotDone();
            reading.rollback();
        }
        assertThat(replayed.get(30, TimeUnit.SECONDS).differences()).isEmpty();
        assertThat(replay.run(events -> {}).differences()).isEmpty();
    }

    private boolean someoneWaitsForATable() {
        return Boolean.TRUE.equals(test.jdbc.queryForObject(
                "select exists (select from pg_locks where not granted and mode = 'AccessExclusiveLock')",
                Boolean.class));
    }

    private List<String> export() {
        List<String> rows = new ArrayList<>();
        new UsageRecordReport(test.jdbc, test.transactions).forEach(row -> rows.add(row.toString()));
        return rows;
    }
}
