package io.hourledger.pusher.instances;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.embedded.EndedSessions;
import io.hourledger.embedded.TableCounts;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.store.IndexScansOnly;
import io.hourledger.ledger.store.StateQueries;
import io.hourledger.pusher.instances.InstancePages.Filter;
import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A page costs its own rows, whatever lies behind it and whatever the statistics say. */
@Tag("servers")
class InstanceCostTest {

    private static final int TURNS = 20;
    private static final int INSTANCES = 100_000;
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final AppKeySettings SHOP = new AppKeySettings("shop", "0".repeat(64), List.of("a", "b"));
    private static final AppKeySettings ALL = new AppKeySettings("all", "1".repeat(64), List.of("*"));

    private static final String INSTANCES_OF =
            """
            insert into ledger.instance (instance_id, order_id, order_line_id, product_id, meter, charging_mode, pricing_mode,
                                         billing_cycle, buyer_id, test, opened_at, frozen)
            select :product || n, 'o', 'l', :product, 'm', 'ON_DEMAND', 'FIXED', 'HOURLY', 'buyer-' || (n %% 1000), false, now(), %s
              from generate_series(1, :count) n""";

    private final TestDatabase.Address address = TestDatabase.freshAddress();

    /** What the planner believes. */
    enum Statistics {
        NEVER_TAKEN,
        TAKEN_WHEN_EMPTY,
        TAKEN_WHEN_FULL
    }

    @ParameterizedTest
    @EnumSource
    void a_page_of_instances_reads_about_as_many_rows_as_it_has_entries(Statistics statistics) {
        Map<String, TableCounts> read = reads(
                statistics,
                stack -> {
                    // the states by number, in the order of a page that would have to look for them
                    stack.sql(INSTANCES_OF.formatted("n %% 50000 = 0".replace("%%", "%")), "a", INSTANCES);
                    stack.sql(INSTANCES_OF.formatted("true"), "b", 1000);
                },
                stack -> {
                    stack.pages.page(SHOP, new Filter(null, null, null, null), null, 10);
                    stack.pages.page(ALL, new Filter(null, null, null, null), null, 10);
                    stack.pages.page(SHOP, new Filter("a", null, LifeState.FROZEN, null), null, 10);
                    stack.pages.page(ALL, new Filter("b", null, LifeState.ACTIVE, null), null, 10);
                    stack.pages.page(SHOP, new Filter("b", "buyer-7", null, null), null, 10);
                    stack.pages.page(SHOP, new Filter("a", null, null, null), new InstancePages.Cursor("a", "a5"), 10);
                });
        assertThat(read.get("ledger.instance").rowsRead()).isLessThan(TURNS * 6 * 60L);
        assertThat(read.get("ledger.instance").scans()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void usage_reads_the_rows_of_its_page_whatever_the_history(Statistics statistics) {
        Map<String, TableCounts> read = reads(statistics, LocalStack::fillHistory, stack -> {
            List<OpenHours.OpenHour> unused = IndexScansOnly.in(stack.dataSource, () -> {
                List<ClosedHourPages.ClosedHour> closed = stack.closed.before("i-5", null, 24);
                assertThat(closed).hasSize(24);
                List<OpenHours.OpenHour> open = stack.open.of("i-5", "m", NOON);
                assertThat(open).isNotEmpty();
                return open;
            });
        });
        for (String table :
                List.of("ledger.metered_hour", "ledger.usage_record", "aggregator.bucket", "aggregator.hour_cutoff")) {
            assertThat(read.get(table).rowsRead()).as(table).isLessThan(TURNS * 60L);
            assertThat(read.get(table).scans()).as(table).isPositive();
        }
    }

    private Map<String, TableCounts> reads(
            Statistics statistics, Consumer<LocalStack> given, Consumer<LocalStack> turn) {
        try (LocalStack stack = new LocalStack(address)) {
            if (statistics == Statistics.TAKEN_WHEN_EMPTY) {
                stack.jdbc.sql("vacuum analyze").update();
            }
            given.accept(stack);
            if (statistics == Statistics.TAKEN_WHEN_FULL) {
                stack.jdbc.sql("vacuum analyze").update();
            }
        }
        EndedSessions.await(address.dataSource());
        Map<String, TableCounts> before = TableCounts.of(address.dataSource());
        try (LocalStack stack = new LocalStack(address)) {
            for (int i = 0; i < TURNS; i++) {
                turn.accept(stack);
            }
        }
        EndedSessions.await(address.dataSource());
        Map<String, TableCounts> since = new TreeMap<>();
        TableCounts.of(address.dataSource())
                .forEach((table, counts) -> since.put(table, counts.since(before.get(table))));
        return since;
    }

    /** One connection, so that plans are settled on, and counts told at its end. */
    private static final class LocalStack implements AutoCloseable {
        final HikariDataSource dataSource = new HikariDataSource();
        final JdbcClient jdbc;
        final InstancePages pages;
        final ClosedHourPages closed;
        final OpenHours open;

        LocalStack(TestDatabase.Address address) {
            dataSource.setJdbcUrl(address.jdbcUrl());
            dataSource.setUsername(address.user());
            dataSource.setPassword(address.password());
            dataSource.setMaximumPoolSize(1);
            LedgerSchema.migrate(address.dataSource());
            DataSource database = address.dataSource();
            Flyway.configure()
                    .dataSource(database)
                    .schemas("aggregator")
                    .defaultSchema("aggregator")
                    .locations("filesystem:../billing-aggregator/src/main/resources/db/aggregator")
                    .load()
                    .migrate();
            jdbc = JdbcClient.create(dataSource);
            for (String table :
                    List.of("ledger.instance", "ledger.metered_hour", "ledger.usage_record", "aggregator.bucket")) {
                jdbc.sql("alter table " + table + " set (autovacuum_enabled = false)")
                        .update();
            }
            pages = new InstancePages(dataSource, new StateQueries(new JdbcTemplate(dataSource)));
            closed = new ClosedHourPages(dataSource);
            open = new OpenHours(dataSource);
        }

        void sql(String sql, String product, int count) {
            jdbc.sql(sql).param("product", product).param("count", count).update();
        }

        /** A thousand hours of thirty instances in each of four partitions. */
        void fillHistory() {
            jdbc.sql(
                            """
                            insert into ledger.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at,
                                last_event_at, partition, first_offset, last_offset, meter, catalogue_version, closed_at)
                            select 'i-' || i, timestamptz '2026-11-24T11:00:00Z' - make_interval(hours => h), 0, 1, 1, now(), now(),
                                   0, 0, 0, 'm', 1, now()
                              from generate_series(1, 30) i, generate_series(1, 1000) h""")
                    .update();
            jdbc.sql(
                            """
                            insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount,
                                carried, issued_at, state, state_since)
                            select instance_id, instance_id || hour, hour, 0, hour, hour + interval '1 hour', 1, 0, now(),
                                   'reported', now()
                              from ledger.metered_hour""")
                    .update();
            jdbc.sql(
                            """
                            insert into aggregator.partition_position (partition, checkpoint, next_offset, consumed, counted,
                                duplicates, quarantined)
                            select p, 1, 1, 1, 1, 0, 0 from generate_series(0, 3) p""")
                    .update();
            jdbc.sql(
                            """
                            insert into aggregator.hour_cutoff (partition, hour, cutoff, recorded_at, accepts_from, closed_at)
                            select p, timestamptz '2026-11-24T12:00:00Z' - make_interval(hours => h), 1, now(), now(), now()
                              from generate_series(0, 3) p, generate_series(1, 1000) h""")
                    .update();
            jdbc.sql(
                            """
                            insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at,
                                last_event_at, first_offset, last_offset)
                            select i %% 4, timestamptz '2026-11-24T12:00:00Z' - make_interval(hours => h), 'i-' || i, 'm', 1, 1,
                                   now(), now(), 0, 0
                              from generate_series(1, 1000) i, generate_series(0, 30) h"""
                                    .replace("%%", "%"))
                    .update();
        }

        @Override
        public void close() {
            dataSource.close();
        }
    }
}
