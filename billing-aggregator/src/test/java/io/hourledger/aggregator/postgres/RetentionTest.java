package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.page.PartitionAccounts;
import io.hourledger.aggregator.page.PartitionAccounts.Account;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.aggregator.recount.ClosedHours;
import io.hourledger.aggregator.resume.LogGap;
import io.hourledger.aggregator.retention.DropOldUsage;
import io.hourledger.aggregator.retention.RetentionSettings;
import io.hourledger.aggregator.retention.RetentionStore.Kind;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.EndedSessions;
import io.hourledger.embedded.TableCounts;
import io.hourledger.embedded.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** 3,000 closed hours of one partition, each with two buckets, a block of ids and a decided record in quarantine. */
@Tag("servers")
class RetentionTest {

    private static final Instant FIRST = Instant.parse("2025-01-01T00:00:00Z");
    private static final int HOURS = 3_000;
    private static final Duration IDS = Duration.ofHours(1_000);
    private static final Duration LONGER = Duration.ofHours(2_000);
    private static final Duration SHORTEST = Duration.ofDays(31);

    private static final List<String> HISTORY = List.of(
            """
            insert into aggregator.hour_cutoff (partition, hour, cutoff, recorded_at, accepts_from, closed_at, sealed_at)
            select 0, timestamptz '2025-01-01Z' + n * interval '1 hour', n, now(),
                   timestamptz '2025-01-01Z' + (n - 24) * interval '1 hour', now(), now() from generate_series(0, 2999) n""",
            """
            insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at, last_event_at,
                                           first_offset, last_offset, state)
            select 0, timestamptz '2025-01-01Z' + n / 2 * interval '1 hour', 'i-' || n % 2, 'm', 1, 1, now(), now(), 1, 1,
                   case n when 20 then 'unmatched' when 30 then 'blocked' when 40 then 'refused'
                          when 50 then 'dropped' else 'counted' end
              from generate_series(0, 5999) n""",
            """
            insert into aggregator.bucket_total (partition, state, buckets, events)
            select 0, case state when 'counted' then 'metered' else state end, count(*), sum(events) from aggregator.bucket group by state""",
            """
            insert into aggregator.sorted_id_block (partition, hour, first_high, ids)
            select 0, timestamptz '2025-01-01Z' + n * interval '1 hour', 0, '\\x00' from generate_series(0, 2999) n""",
            """
            insert into aggregator.quarantine (partition, log_offset, recorded_at, reason, detail, is_open)
            select 0, n, timestamptz '2025-01-01Z' + n * interval '1 hour', 'late', '', n = 7 from generate_series(0, 2999) n""",
            """
            insert into aggregator.quarantine_total (partition, reason, records) values (0, 'late', 3000)""");

    private final HikariDataSource database = new HikariDataSource();
    private TestDatabase.Address address;
    private JdbcTemplate sql;
    private PostgresCheckpointStore store;
    private PostgresRetention retention;

    @BeforeEach
    void closeManyHours() {
        address = TestServers.freshDatabase();
        database.setJdbcUrl(address.jdbcUrl());
        database.setUsername(address.user());
        database.setPassword(address.password());
        database.setConnectionInitSql("set lock_timeout = '2s'");
        database.setMinimumIdle(0); // a session that was evicted is not replaced
        sql = new JdbcTemplate(database);
        for (String table : List.of("bucket", "hour_cutoff", "quarantine", "sorted_id_block")) {
            sql.execute("alter table aggregator." + table + " set (autovacuum_enabled = false)");
        }
        new PostgresLogIdentity(database).claim(new LogIdentity("topic", "id", 1, "key"));
        new PostgresCatalogue(database).claim(Usage.CATALOGUE);
        store = new PostgresCheckpointStore(database, machineTime -> machineTime, Usage.VERSIONS);
        assertThat(checkpoint(1, 0, HOURS, 0)).isEqualTo(Outcome.STORED);
        HISTORY.forEach(sql::update);
        sql.update("update aggregator.partition_position set consumed = 9000, counted = 6000, quarantined = 3000");
        retention = new PostgresRetention(database);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private Outcome checkpoint(long number, long from, long to, int quarantined) {
        return store.keep(new Checkpoint(
                0,
                new Advance(number, from, to),
                new Tallies(9_000 + quarantined, 6_000, 0, 3_000 + quarantined),
                List.of(),
                List.of(),
                quarantined == 0
                        ? List.of()
                        : List.of(new QuarantinedRecord(
                                to - 1, FIRST, QuarantineReason.MALFORMED, "", null, new byte[] {1})),
                List.of()));
    }

    private DropOldUsage dropping() {
        return new DropOldUsage(retention, new RetentionSettings(IDS, LONGER, LONGER), 3, new SimpleMeterRegistry());
    }

    private void dropAll() {
        DropOldUsage dropping = dropping();
        for (int turn = 0; turn < 60; turn++) {
            dropping.look(List.of(0));
        }
    }

    private long rows(String table) {
        return sql.queryForObject("select count(*) from aggregator." + table, Long.class);
    }

    private Account account() {
        return new PartitionAccounts(database).all().getFirst();
    }

    private static UsageHour hour(int number) {
        return new UsageHour(FIRST.plus(Duration.ofHours(number)));
    }

    @Test
    void what_is_older_than_it_is_kept_for_goes_and_the_balance_stays() {
        Account before = account();
        dropAll();

        // hours up to 1,999 are older than 1,000 hours behind the last, and up to 999 older than 2,000
        assertThat(new ClosedHours(database).closedForGood()).containsEntry(0, hour(1_999));
        assertThat(rows("sorted_id_block")).isEqualTo(1_000);
        assertThat(rows("hour_cutoff")).as("and 8 days").isEqualTo(1_000 + 8 * 24 + 1);
        assertThat(rows("bucket"))
                .as("and what waits or was refused, with what else their instances used then")
                .isEqualTo(2 * 2_000 + 3);
        assertThat(rows("quarantine")).as("and the open one").isEqualTo(2_001 + 1);
        assertThat(before.unexplained()).isZero();
        assertThat(account()).isEqualTo(before);
        assertThat(new ClosedHours(database).all()).hasSize(1_000);
    }

    @Test
    void an_hour_is_closed_for_good_before_any_of_its_rows_goes() {
        retention.closeForGood(0, IDS, 3);

        assertThat(rows("sorted_id_block")).isEqualTo(HOURS);
        AtomicReference<UsageHour> told = new AtomicReference<>();
        store.load(0, 3, 1_000, new LoadedIds() {
            @Override
            public void closedForGood(UsageHour hour) {
                told.set(hour);
            }

            @Override
            public void cutoff(Cutoff cutoff) {
                assertThat(told).as("told before any cutoff").doesNotHaveNullValue();
            }
        });
        assertThat(told).hasValue(hour(1_999));
    }

    @Test
    void nothing_of_an_hour_that_is_not_closed_for_good_is_dropped() {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.QUARANTINE) {
                assertThat(retention.drop(0, kind, SHORTEST, 100).rows()).isZero();
            }
        }
    }

    @Test
    void an_hour_that_accepts_late_usage_is_never_closed_for_good() {
        sql.update("update aggregator.hour_cutoff set accepts_from = ?::timestamptz", hour(50).toString());
        assertThat(retention.closeForGood(0, IDS, 3)).contains(hour(46));
        sql.update(
                "update aggregator.hour_cutoff set sealed_at = null where hour >= ?::timestamptz", hour(40).toString());
        sql.update("delete from aggregator.retention");
        assertThat(retention.closeForGood(0, IDS, 3))
                .as("nor one that is not sealed")
                .contains(hour(39));
    }

    @Test
    void a_step_reads_what_it_drops_and_an_idle_turn_next_to_nothing() {
        sql.execute("vacuum analyze aggregator.hour_cutoff, aggregator.bucket, aggregator.quarantine,"
                + " aggregator.sorted_id_block");
        retention.closeForGood(0, IDS, 3);
        for (String table : List.of("sorted_id_block", "hour_cutoff", "quarantine")) {
            Kind kind = table.equals("sorted_id_block")
                    ? Kind.IDS
                    : table.equals("hour_cutoff") ? Kind.CUTOFFS : Kind.QUARANTINE;
            assertThat(rowsRead(table, () -> retention.drop(0, kind, LONGER, 100)))
                    .as(table)
                    .isLessThanOrEqualTo(310);
        }
        assertThat(rowsRead("bucket", () -> retention.drop(0, Kind.BUCKETS, LONGER, 100)))
                .isLessThanOrEqualTo(20);
        dropAll();
        for (String table : List.of("sorted_id_block", "quarantine", "bucket")) {
            sql.execute("vacuum aggregator." + table);
            assertThat(rowsRead(table, () -> dropping().look(List.of(0))))
                    .as(table)
                    .isLessThanOrEqualTo(10);
        }
    }

    private long rowsRead(String table, Runnable step) {
        TableCounts before = onceNoSessionIsLeft(table);
        step.run();
        return onceNoSessionIsLeft(table).since(before).rowsRead();
    }

    private TableCounts onceNoSessionIsLeft(String table) {
        database.getHikariPoolMXBean().softEvictConnections();
        EndedSessions.await(address.dataSource());
        return TableCounts.of(address.dataSource(), "aggregator." + table);
    }

    @Test
    void a_checkpoint_that_is_being_written_and_rows_that_are_dropped_do_not_wait_for_each_other() throws SQLException {
        retention.closeForGood(0, IDS, 3);
        try (Connection writing = database.getConnection()) {
            writing.setAutoCommit(false);
            writing.createStatement()
                    .execute("select * from aggregator.partition_position where partition = 0 for update");
            writing.createStatement()
                    .execute("update aggregator.hour_cutoff set closed_at = now() where hour = '" + hour(2_999) + "'");
            dropAll();
            writing.rollback();
        }
        assertThat(rows("sorted_id_block")).isEqualTo(1_000);
        try (Connection dropping = database.getConnection()) {
            dropping.setAutoCommit(false);
            dropping.createStatement().execute("delete from aggregator.quarantine where log_offset < 2000");
            dropping.createStatement().execute("delete from aggregator.bucket where hour < '" + hour(2_000) + "'");
            assertThat(checkpoint(2, HOURS, HOURS + 1, 1)).isEqualTo(Outcome.STORED);
            dropping.rollback();
        }
        assertThat(account().notCounted().quarantined())
                .containsEntry("malformed", 1L)
                .containsEntry("late", 3_000L);
    }

    @Test
    void who_counts_a_partition_anew_begins_with_no_totals_and_closes_its_hours_again() {
        List.of("bucket", "sorted_id_block", "quarantine")
                .forEach(table -> sql.update("delete from aggregator." + table));
        sql.update("update aggregator.partition_position set checkpoint = 0, next_offset = 0");

        assertThat(checkpoint(1, 0, 1, 1)).isEqualTo(Outcome.STORED);

        assertThat(rows("bucket_total")).isZero();
        assertThat(sql.queryForList("select reason || records from aggregator.quarantine_total", String.class))
                .containsExactly("malformed1");
        assertThat(sql.queryForObject(
                        "select count(*) from aggregator.hour_cutoff where closed_at is not null or sealed_at is not null",
                        Long.class))
                .isZero();
    }

    @Test
    void who_counts_a_partition_anew_and_leaves_rows_of_before_is_halted() {
        sql.update("update aggregator.partition_position set checkpoint = 0, next_offset = 0");
        for (String left : List.of("bucket", "sorted_id_block", "quarantine")) {
            assertThatThrownBy(() -> store.load(0, 3, 1_000, new LoadedIds()))
                    .isInstanceOf(PartitionHaltedException.class)
                    .hasMessageContaining("aggregator." + left);
            sql.update("delete from aggregator." + left);
        }
        assertThatCode(() -> store.load(0, 3, 1_000, new LoadedIds())).doesNotThrowAnyException();
    }

    @Test
    void who_skips_records_while_a_partition_is_counted_anew_still_begins_anew() {
        PostgresPartitionPositions positions = new PostgresPartitionPositions(database);
        sql.update("update aggregator.partition_position set checkpoint = 0, next_offset = 0");
        sql.update("insert into aggregator.partition_halt values (0, now(), 'log-begins-later', '')");

        assertThat(positions.skip(
                        positions.of(0).orElseThrow(),
                        new LogGap(0, 0, 5, null, hour(1), FIRST, new DecidedBy("li.wei", "the log begins there"))))
                .isTrue();

        List.of("bucket", "sorted_id_block", "quarantine")
                .forEach(table -> sql.update("delete from aggregator." + table));
        assertThat(checkpoint(1, 5, 6, 0)).isEqualTo(Outcome.STORED);
        assertThat(rows("bucket_total")).as("totals of before").isZero();
    }
}
