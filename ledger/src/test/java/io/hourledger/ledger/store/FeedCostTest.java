package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceEvent.PackageAdded;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.embedded.TableCounts;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.instance.Given;
import io.hourledger.ledger.seal.LedgerSealer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a reader costs follows from what is new, whatever lies behind it and whatever the statistics of the tables say. */
@Tag("servers")
class FeedCostTest {

    private static final int EVENTS = 20_000;

    private static final String FILL =
            """
            insert into ledger.event (instance_id, sequence_number, event_type, revision, payload)
            select %s || n, 0, 'instance-released', 1, '{"releasedAt": "2026-01-01T00:00:00Z"}'
            from generate_series(1, %d) as n""";

    private final TestDatabase.Address address = TestDatabase.freshAddress();
    private final DataSource outside = address.dataSource();

    /** What the planner believes of a table. */
    enum Statistics {
        NEVER_TAKEN {
            @Override
            void take(TestLedger test) {
                // as a table, or a partition of it, is made
            }
        },
        TAKEN_WHEN_EMPTY {
            @Override
            void take(TestLedger test) {
                test.jdbc.execute(
                        "vacuum analyze ledger.event, ledger.usage_record, ledger.metered_hour, ledger.instance_snapshot");
            }
        },
        TAKEN_WHEN_HUGE {
            @Override
            void take(TestLedger test) {
                test.jdbc.update(FILL.formatted("'old-'", 3 * EVENTS));
                test.jdbc.execute("vacuum analyze ledger.event");
                test.jdbc.update("delete from ledger.event where instance_id <> 'old-1'");
                test.jdbc.execute("vacuum ledger.event");
                // a session tells what it counted at most once a second: what was deleted here is not a reader's
                await().atMost(Duration.ofMinutes(1))
                        .until(() ->
                                TableCounts.of(test.dataSource, "ledger.event").rowsWritten() >= 6L * EVENTS - 1);
            }
        };

        abstract void take(TestLedger test);
    }

    @ParameterizedTest
    @EnumSource
    void a_reader_reads_what_is_new_and_nothing_else(Statistics statistics) {
        measure(statistics, test -> test.feed.subscribe("all", batch -> {}));
    }

    @ParameterizedTest
    @EnumSource
    void a_reader_passes_over_what_it_does_not_want(Statistics statistics) {
        measure(statistics, test -> test.feed.subscribe("packages", Set.of(PackageAdded.class), batch -> {}));
    }

    @ParameterizedTest
    @EnumSource
    void the_sealer_reads_what_is_new_and_nothing_else(Statistics statistics) {
        measure(statistics, test -> {
            LedgerSealer sealer = new LedgerSealer(
                    test.jdbc, test.feed, TestLedger.DIGESTS, seal -> {}, Clock.fixed(Given.OPENED, ZoneOffset.UTC));
            sealer.measure(test.metrics);
            sealer.start(Duration.ofSeconds(1));
            return new LedgerSealTask(sealer);
        });
    }

    private void measure(Statistics statistics, Function<TestLedger, Subscription> reader) {
        TableCounts before;
        try (TestLedger test = ledger();
                Subscription reading = began(statistics, test, reader)) {
            before = counts("ledger.event");
            // so often that the driver has its statements prepared, and the server has settled on plans
            awaitScans(before, 30);
            await().until(reading::caughtUp);
            test.jdbc.update(FILL.formatted("'new-'", EVENTS));
            await().atMost(Duration.ofMinutes(1)).until(reading::caughtUp);
            awaitScans(counts("ledger.event"), 60);
        }
        TableCounts all = counts("ledger.event").since(before);
        assertThat(all.rowsRead() - 2 * all.scans()).isLessThan(3 * EVENTS);
    }

    private static Subscription began(
            Statistics statistics, TestLedger test, Function<TestLedger, Subscription> reader) {
        statistics.take(test);
        return reader.apply(test);
    }

    @ParameterizedTest
    @EnumSource
    void projections_find_what_an_event_changes_by_its_key(Statistics statistics) {
        int instances = 1000;
        int hours = 8;
        TableCounts before;
        try (TestLedger test = ledger()) {
            statistics.take(test);
            before = counts("ledger.event");
            test.projections.start();
            test.ledger.handleAll(each(instances, i -> open("i" + i)));
            for (int hour = 0; hour < hours; hour++) {
                int now = hour;
                test.ledger.handleAll(each(instances, i -> meter("i" + i, now, "1")));
                test.ledger.handleAll(each(instances, i -> report("i" + i, sn("i" + i, now))));
                await().atMost(Duration.ofMinutes(1)).until(test.projections::caughtUp);
            }
        }
        TableCounts events = counts("ledger.event").since(before);
        assertThat(events.rowsRead() - 2 * events.scans()).isLessThan(6L * instances * (1 + 3 * hours));
        assertThat(counts("ledger.usage_record").rowsRead()).isLessThan(2L * instances * hours);
        assertThat(counts("ledger.metered_hour").rowsRead()).isLessThan(2L * instances * hours);
    }

    @ParameterizedTest
    @EnumSource
    void an_instance_is_found_by_its_key(Statistics statistics) {
        TableCounts before;
        try (TestLedger test = ledger()) {
            statistics.take(test);
            find(test, "early");
            test.jdbc.update(
                    """
                    insert into ledger.instance_snapshot (instance_id, sequence_number, transaction_id, state, form)
                    select 'other-' || n, 0, '0', '{}', 1 from generate_series(1, 50000) as n""");
            tellAllCounts(test);
            awaitQuiet("ledger.instance_snapshot");
            before = counts("ledger.instance_snapshot");
            find(test, "late");
        }
        assertThat(counts("ledger.instance_snapshot").since(before).rowsRead()).isLessThan(500);
    }

    /** Twenty times each: what is asked on the way to a record. */
    private static void find(TestLedger test, String name) {
        for (int i = 0; i < 20; i++) {
            String id = name + i;
            test.ledger.handle(open(id));
            test.ledger.handleAll(List.of(meter(id, 1, "1"), meter(id, 2, "1")));
            test.queries.known(List.of(new InstanceId(id), new InstanceId("nobody")));
            test.queries.instances(List.of(new InstanceId(id)));
        }
    }

    /** Sessions that rest would tell what they have counted within ten seconds; asked for it, they tell at once. */
    private static void tellAllCounts(TestLedger test) {
        List<Connection> all = new ArrayList<>();
        try {
            for (int i = 0; i < test.dataSource.getMaximumPoolSize(); i++) {
                all.add(test.dataSource.getConnection());
            }
            for (Connection one : all) {
                try (Statement tell = one.createStatement()) {
                    tell.execute("select pg_stat_force_next_flush()");
                }
            }
            for (Connection one : all) {
                one.close();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitQuiet(String table) {
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            TableCounts now = counts(table);
            return now.rowsWritten() >= 50_000 + 40 && now.scans() >= 80;
        });
    }

    private static List<InstanceCommand> each(int instances, Function<Integer, InstanceCommand> command) {
        return IntStream.range(0, instances).boxed().map(command).toList();
    }

    /** A ledger whose statistics nobody takes but this test. */
    private TestLedger ledger() {
        TestLedger test = new TestLedger(address.jdbcUrl(), address.user(), address.password());
        Stream.of("event", "usage_record", "metered_hour", "instance_snapshot")
                .forEach(table ->
                        test.jdbc.execute("alter table ledger." + table + " set (autovacuum_enabled = false)"));
        return test;
    }

    private void awaitScans(TableCounts since, long scans) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> counts("ledger.event").since(since).scans() >= scans);
    }

    private TableCounts counts(String table) {
        return TableCounts.of(outside, table);
    }

    private record LedgerSealTask(LedgerSealer sealer) implements Subscription {
        @Override
        public boolean caughtUp() {
            return sealer.caughtUp();
        }

        @Override
        public boolean caughtUpToStart() {
            return caughtUp();
        }

        @Override
        public void close() {
            sealer.close();
        }
    }
}
