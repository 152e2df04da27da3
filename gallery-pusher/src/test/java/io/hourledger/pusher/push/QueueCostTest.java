package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.embedded.TableCounts;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.pusher.PusherTables;
import io.hourledger.pusher.push.PushOutcome.Grouping;
import io.hourledger.pusher.push.PushQueue.Lane;
import io.hourledger.pusher.push.PushQueue.Most;
import io.hourledger.pusher.push.PushQueue.NextTry;
import io.hourledger.pusher.push.PushQueue.Turn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What the pusher's loops cost follows from what is due, whatever waits behind it and whatever the statistics say. */
@Tag("servers")
class QueueCostTest {

    private static final int BACKLOG = 50_000;
    /** In the place of seconds to wait. */
    private static final int UNTIL_UNFROZEN = -1;

    /** So often that the driver has its statements prepared, and the server has settled on plans. */
    private static final int TURNS = 20;

    private static final Instant NOW = Instant.parse("2026-11-24T10:05:00Z");

    private static final String FILL =
            """
            insert into pusher.work (account, metering_sn, instance_id, begin_at, end_at, deadline, expected_by, body, part, suspect_set, not_before, backing_off)
            select 'default', :prefix || n, 'i-' || n, :begin, :begin + interval '1 hour', :begin + interval '75 minutes',
                   :begin + interval '75 minutes', '{}', :part, :set, case when :wait < 0 then 'infinity' else clock_timestamp() + make_interval(secs => :wait) end, :wait <> 0
              from generate_series(1, :count) as n""";

    private final TestDatabase.Address address = PusherTables.fresh();
    private final DataSource rollback = address.dataSource();

    /** What the planner believes of the queue. */
    enum Statistics {
        NEVER_TAKEN,
        TAKEN_WHEN_EMPTY,
        TAKEN_WHEN_FULL
    }

    @ParameterizedTest
    @EnumSource
    void a_claim_reads_what_is_due_and_no_record_that_backs_off(Statistics statistics) {
        TableCounts read = reads(
                statistics,
                stack -> {
                    stack.fill("waits-", BACKLOG, Company.NONE, 3600);
                    stack.fill("due-", 10, Company.NONE, 0);
                },
                stack -> assertThat(stack.due(Set.of())).hasSize(10));
        assertThat(read.rowsRead()).isLessThan(TURNS * 50L);
    }

    @ParameterizedTest
    @EnumSource
    void a_claim_of_parts_reads_nothing_of_the_healthy_records_behind(Statistics statistics) {
        TableCounts read = reads(
                statistics,
                stack -> {
                    stack.fill("part-", 499, Company.PARTS, 0);
                    stack.fill("whole-", BACKLOG, Company.NONE, 0);
                },
                stack -> assertThat(stack.due(Turn.PARTS, Set.of())).hasSize(499));
        assertThat(read.rowsRead()).isLessThan(TURNS * 1000L);
    }

    @ParameterizedTest
    @EnumSource
    void a_claim_of_suspects_reads_their_set_and_no_other(Statistics statistics) {
        TableCounts read = reads(
                statistics,
                stack -> {
                    stack.fill("a-", 500, Company.SUSPECTS, 0);
                    stack.fill("b-", BACKLOG, Company.OTHER_SUSPECTS, 0);
                },
                stack -> assertThat(stack.due(Turn.PARTS, Set.of())).hasSize(250));
        assertThat(read.rowsRead()).isLessThan(TURNS * 1000L);
    }

    @ParameterizedTest
    @EnumSource
    void a_claim_reads_past_what_is_in_calls_under_way_and_no_further(Statistics statistics) {
        Set<String> busy =
                IntStream.rangeClosed(1, 1000).mapToObj(n -> "a-" + n).collect(Collectors.toSet());
        TableCounts read = reads(
                statistics,
                stack -> {
                    stack.fill("a-", 1000, Company.NONE, 0);
                    stack.fill("b-", BACKLOG, Company.NONE, 0);
                },
                stack -> assertThat(stack.due(busy)).hasSize(500));
        assertThat(read.rowsRead()).isLessThan(TURNS * 3000L);
    }

    /** A report or a backup may still see the rows of what was sent, so they stay in the index. */
    @Test
    void a_claim_goes_past_nothing_that_was_sent_before_it() throws SQLException {
        int records = 20_000;
        try (LocalStack stack = new LocalStack(address);
                Connection report = rollback.getConnection()) {
            stack.fill("due-", records, Company.NONE, 0);
            report.setAutoCommit(false);
            report.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            report.createStatement().executeQuery("select count(*) from pusher.work");
            for (int sent = 0; sent < records; sent += 500) {
                List<PendingRecord> due = stack.due(Set.of());
                assertThat(due).hasSize(500);
                stack.queue.remove(due.stream().map(PendingRecord::meteringSn).toList());
            }
            assertThat(stack.due(Set.of())).isEmpty();
            stack.close();
            assertThat(JdbcClient.create(rollback)
                            .sql("select idx_tup_read from pg_stat_user_indexes where indexrelname = 'work_untried'")
                            .query(Long.class)
                            .single())
                    .isLessThan(4L * records);
        }
    }

    /** One that came before the place where claims begin waits for the next claim from the front, and no longer. */
    @Test
    void a_record_that_comes_before_the_place_of_a_claim_is_found_in_a_second() {
        try (LocalStack stack = new LocalStack(address)) {
            stack.fill("b-", 2_000, Company.NONE, 0);
            stack.due(Set.of());
            stack.fill("a-", 1, Company.NONE, 0);
            assertThat(stack.due(Set.of()))
                    .extracting(PendingRecord::meteringSn)
                    .doesNotContain("a-1");
            stack.elapsedNanos += Duration.ofSeconds(1).toNanos();
            assertThat(stack.due(Set.of()))
                    .extracting(PendingRecord::meteringSn)
                    .contains("a-1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_look_at_a_long_queue_counts_a_bounded_part_of_it(Statistics statistics) {
        TableCounts read = reads(statistics, stack -> stack.fill("waits-", BACKLOG, Company.NONE, 3600), stack -> {
            stack.watch.look();
            assertThat(stack.watch.view().inTime()).isGreaterThanOrEqualTo(QueueWatch.MOST_COUNTED);
        });
        assertThat(read.rowsRead()).isLessThan(TURNS * (QueueWatch.MOST_COUNTED + 100L));
    }

    @ParameterizedTest
    @EnumSource
    void a_look_reads_a_bounded_part_of_what_waits_for_frozen_instances(Statistics statistics) {
        TableCounts read =
                reads(statistics, stack -> stack.fill("frozen-", BACKLOG, Company.NONE, UNTIL_UNFROZEN), stack -> {
                    stack.watch.look();
                    assertThat(stack.watch.view().frozen().records()).isEqualTo(QueueWatch.MOST_COUNTED);
                    assertThat(stack.watch.view().first()).isNull();
                });
        assertThat(read.rowsRead()).isLessThan(TURNS * (QueueWatch.MOST_COUNTED + 100L));
    }

    @ParameterizedTest
    @EnumSource
    void whether_anything_is_due_is_known_from_the_first_record(Statistics statistics) {
        TableCounts read = reads(
                statistics,
                stack -> stack.fill("waits-", BACKLOG, Company.NONE, 3600),
                stack -> stack.stallWatch.look(true));
        assertThat(read.rowsRead()).isLessThan(TURNS * 10L);
    }

    @ParameterizedTest
    @EnumSource
    void what_came_of_a_call_is_kept_by_key(Statistics statistics) {
        TableCounts read = reads(
                statistics,
                stack -> stack.fill("waits-", BACKLOG, Company.NONE, 3600),
                stack -> stack.transaction.executeWithoutResult(tx -> {
                    stack.attempts.settle(-1);
                    stack.queue.tryAgain(
                            -1,
                            List.of(new NextTry(
                                    "waits-7", DeliveryCertainty.UNCLEAR, 1, Grouping.SUSPECT, Duration.ofMinutes(5))));
                    stack.queue.clearTheRestOf(List.of(-1L), PushQueue.RestOfSet.DUE_AT_ONCE);
                    stack.queue.remove(List.of("waits-9"));
                }));
        assertThat(read.rowsRead()).isLessThan(TURNS * 10L);
    }

    /** What was read of the queue in all turns, with plans that were settled on while it was empty. */
    private TableCounts reads(Statistics statistics, Consumer<LocalStack> given, Consumer<LocalStack> turn) {
        TableCounts before;
        long scansBefore;
        try (LocalStack stack = new LocalStack(address)) {
            stack.jdbc
                    .sql("alter table pusher.work set (autovacuum_enabled = false)")
                    .update();
            if (statistics == Statistics.TAKEN_WHEN_EMPTY) {
                stack.jdbc.sql("vacuum analyze pusher.work").update();
            }
            before = TableCounts.of(rollback, "pusher.work");
            scansBefore = sequentialScans();
            for (int i = 0; i < TURNS; i++) {
                stack.due(Set.of());
                stack.due(Turn.PARTS, Set.of());
                stack.watch.look();
            }
            given.accept(stack);
            if (statistics == Statistics.TAKEN_WHEN_FULL) {
                stack.jdbc.sql("analyze pusher.work").update();
            }
            for (int i = 0; i < TURNS; i++) {
                turn.accept(stack);
            }
        }
        assertThat(sequentialScans()).as("sequential scans").isEqualTo(scansBefore);
        return TableCounts.of(rollback, "pusher.work").since(before);
    }

    private long sequentialScans() {
        return JdbcClient.create(rollback)
                .sql("select seq_scan from pg_stat_user_tables where schemaname = 'pusher' and relname = 'work'")
                .query(Long.class)
                .single();
    }

    /** What a record travels with. */
    private enum Company {
        NONE(null),
        PARTS(null),
        SUSPECTS(1),
        OTHER_SUSPECTS(2);

        private final Integer set;

        Company(Integer set) {
            this.set = set;
        }
    }

    /** A queue with one connection, so that its plans are settled on, and its counts told at its end. */
    private static final class LocalStack implements AutoCloseable {
        final HikariDataSource dataSource = new HikariDataSource();
        final JdbcClient jdbc;
        final TransactionTemplate transaction;
        final PushQueue queue;
        final AttemptStore attempts;
        final QueueWatch watch;
        final StallWatch stallWatch;
        long elapsedNanos;

        LocalStack(TestDatabase.Address address) {
            dataSource.setJdbcUrl(address.jdbcUrl());
            dataSource.setUsername(address.user());
            dataSource.setPassword(address.password());
            dataSource.setMaximumPoolSize(1);
            jdbc = JdbcClient.create(dataSource);
            transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
            TestClock businessTime = new TestClock(NOW);
            queue = new PushQueue(jdbc, transaction, businessTime, PushRig.SELLER, () -> elapsedNanos);
            attempts = new AttemptStore(jdbc, transaction, businessTime, PushRig.FORMAT, queue, PushRig.SELLER);
            watch = new QueueWatch(
                    jdbc, transaction, businessTime, System::nanoTime, PushRig.KOOGALLERY.deadlines(), PushRig.SELLER);
            stallWatch = new StallWatch(jdbc, transaction, Duration.ofMinutes(5), PushRig.SELLER, () -> 0, () -> 0);
        }

        List<PendingRecord> due(Set<String> busy) {
            return due(Turn.UNTRIED, busy);
        }

        List<PendingRecord> due(Turn turn, Set<String> busy) {
            return queue.due(Lane.IN_TIME, turn, new Most(500, 500), new PushQueue.Busy(busy, List.of()));
        }

        void fill(String prefix, int count, Company company, int waitSeconds) {
            jdbc.sql(FILL)
                    .param("prefix", prefix)
                    .param("begin", Instant.parse("2026-11-24T09:00:00Z").atOffset(java.time.ZoneOffset.UTC))
                    .param("part", company != Company.NONE)
                    .param("set", company.set, java.sql.Types.BIGINT)
                    .param("wait", waitSeconds)
                    .param("count", count)
                    .update();
        }

        @Override
        public void close() {
            dataSource.close();
        }
    }
}
