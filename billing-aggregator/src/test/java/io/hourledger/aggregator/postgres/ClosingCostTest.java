package io.hourledger.aggregator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.page.PartitionAccounts;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.EndedSessions;
import io.hourledger.embedded.TableCounts;
import io.hourledger.embedded.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** A tick that finds nothing to close costs the same after years of closed hours, whatever the statistics of the tables say. */
@Tag("servers")
class ClosingCostTest {

    private static final int TICKS = 20;

    private static final int LATE_ROWS = 5_000;

    private static final String FEW_LATE_IDS_IN_MANY_ROWS =
            """
            insert into aggregator.counted_ids (partition, hour, next_offset, ids)
            select 0, timestamptz '2026-03-01T10:00Z', -n, decode(md5(n::text), 'hex') from generate_series(1, ?) n""";

    /** The closed hours before, each with fifty buckets. */
    private static final List<String> HISTORY = List.of(
            """
            insert into aggregator.hour_cutoff (partition, hour, cutoff, recorded_at, accepts_from, closed_at, sealed_at)
            select 0, timestamptz '2025-01-01Z' + n * interval '1 hour', n, now(),
                   timestamptz '2025-01-01Z' + (n - 24) * interval '1 hour', now(), now() from generate_series(1, 3000) n""",
            """
            insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at, last_event_at,
                                           first_offset, last_offset)
            select 0, timestamptz '2025-01-01Z' + n / 50 * interval '1 hour', 'i-' || n % 50, 'm', 1, 1, now(), now(), 1, 1
              from generate_series(50, 150000) n""");

    /** A subject a bucket, all of one closed hour. */
    private static final List<String> UNMATCHED = List.of(
            """
            insert into aggregator.partition_position (partition, checkpoint, next_offset, consumed, counted, duplicates, quarantined)
            values (0, 1, 100000, 100000, 100000, 0, 0)""",
            """
            insert into aggregator.hour_cutoff (partition, hour, cutoff, recorded_at, accepts_from, closed_at)
            values (0, timestamptz '2025-01-01Z', 100000, now(), timestamptz '2025-01-01Z', now())""",
            """
            insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at, last_event_at,
                                           first_offset, last_offset, state, state_at)
            select 0, timestamptz '2025-01-01Z', 's-' || n, 'm', 1, 1, now(), now(), 1, 1, 'unmatched', now()
              from generate_series(1, 100000) n""");

    @ParameterizedTest
    @ValueSource(strings = {"", "vacuum analyze aggregator.hour_cutoff, aggregator.bucket"})
    void a_tick_touches_none_of_the_hours_that_are_closed(String statistics) {
        TestDatabase.Address address = TestDatabase.freshAddress();
        TableCounts cutoffs;
        TableCounts buckets;
        try (HikariDataSource database = new HikariDataSource()) {
            database.setJdbcUrl(address.jdbcUrl());
            database.setUsername(address.user());
            database.setPassword(address.password());
            database.setMaximumPoolSize(1); // the session that has kept its plans
            AggregatorSchema.migrate(address.dataSource());
            JdbcTemplate sql = new JdbcTemplate(database);
            sql.execute("alter table aggregator.hour_cutoff set (autovacuum_enabled = false)");
            sql.execute("alter table aggregator.bucket set (autovacuum_enabled = false)");
            new PostgresLogIdentity(database).claim(new LogIdentity("topic", "id", 1, "key"));
            CatalogueVersions meters = Usage.VERSIONS;
            new PostgresCatalogue(database).claim(Usage.CATALOGUE);
            new PostgresCheckpointStore(database, machineTime -> machineTime, meters).keep(nothing());
            if (!statistics.isEmpty()) {
                sql.execute(statistics);
            }
            PostgresClosingStore closing = new PostgresClosingStore(database);
            tick(closing);
            HISTORY.forEach(sql::update);
            sql.execute("select pg_stat_force_next_flush()");
            cutoffs = TableCounts.of(address.dataSource(), "aggregator.hour_cutoff");
            buckets = TableCounts.of(address.dataSource(), "aggregator.bucket");
            tick(closing);
        }
        EndedSessions.await(address.dataSource());
        // the last closed hour is asked for twice a tick
        assertThat(read(address, "aggregator.hour_cutoff", cutoffs)).isLessThanOrEqualTo(3 * TICKS);
        assertThat(read(address, "aggregator.bucket", buckets)).isLessThanOrEqualTo(TICKS);
    }

    @Test
    void a_look_at_unmatched_usage_reads_one_batch_of_it() {
        TestDatabase.Address address = TestDatabase.freshAddress();
        AggregatorSchema.migrate(address.dataSource());
        JdbcTemplate sql = new JdbcTemplate(address.dataSource());
        sql.execute("alter table aggregator.bucket set (autovacuum_enabled = false)");
        UNMATCHED.forEach(sql::update);
        PostgresClosingStore closing = new PostgresClosingStore(address.dataSource());
        TableCounts buckets = TableCounts.of(address.dataSource(), "aggregator.bucket");

        assertThat(closing.opened(0, 500)).isEmpty();
        assertThat(closing.unmatched(0, "", 500)).hasSize(500);
        assertThat(closing.waitingAmong(0, List.of("s-1", "i-1"))).hasSize(1);
        assertThat(new PartitionAccounts(address.dataSource()).all()).hasSize(1);

        assertThat(read(address, "aggregator.bucket", buckets)).isLessThanOrEqualTo(510);
    }

    @Test
    void ids_of_late_events_in_many_rows_are_not_read_at_each_tick() {
        IdsOfPartition partition = new IdsOfPartition();
        TableCounts ids = TableCounts.of(partition.unpooled(), "aggregator.counted_ids");
        try (partition) {
            UsageHour hour = new UsageHour(Instant.parse("2026-03-01T10:00:00Z"));
            partition.close(hour);
            assertThat(partition.closing.sealNext(0, hour.end())).isPresent();
            partition.sql.update(FEW_LATE_IDS_IN_MANY_ROWS, LATE_ROWS);
            for (int i = 0; i < TICKS; i++) {
                assertThat(partition.closing.sealNext(0, Instant.EPOCH)).isEmpty();
            }
            assertThat(partition.sql.queryForObject(
                            "select sum(length(ids)) / 16 from aggregator.sorted_id_block", Integer.class))
                    .isEqualTo(LATE_ROWS);
        }
        assertThat(TableCounts.of(partition.unpooled(), "aggregator.counted_ids")
                        .since(ids)
                        .rowsRead())
                .isLessThanOrEqualTo(5 * LATE_ROWS);
    }

    private static void tick(PostgresClosingStore closing) {
        List<String> instances = IntStream.range(0, 50).mapToObj(n -> "i-" + n).toList();
        for (int i = 0; i < TICKS; i++) {
            assertThat(closing.unmatched(0, "", 500)).isEmpty();
            assertThat(closing.opened(0, 500)).isEmpty();
            assertThat(closing.waitingAmong(0, instances)).isEmpty();
            assertThat(closing.nextToClose(0)).isEmpty();
            closing.closedThrough(0);
            assertThat(closing.sealNext(0, Instant.EPOCH)).isEmpty();
            closing.sealedThrough(0);
        }
    }

    private static Checkpoint nothing() {
        return new Checkpoint(
                0,
                new Checkpoint.Advance(1, 0, 1_000_000),
                new Tallies(0, 0, 0, 0),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static long read(TestDatabase.Address address, String table, TableCounts before) {
        return TableCounts.of(address.dataSource(), table).since(before).rowsRead();
    }
}
