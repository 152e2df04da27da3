package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.sn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.api.StoredEvent;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class PostgresLedgerFeedTest {

    private static final String SLOW =
            """
            insert into ledger.event (instance_id, sequence_number, event_type, revision, payload)
            values ('slow', 0, 'instance-released', 1, '{"releasedAt": "2026-01-01T00:00:00Z"}')""";

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void a_reader_never_jumps_over_a_transaction_that_is_still_open() throws Exception {
        List<StoredEvent> seen = new CopyOnWriteArrayList<>();
        try (Connection open = test.dataSource.getConnection();
                Subscription feed = test.feed.subscribe("test", seen::addAll)) {
            open.setAutoCommit(false);
            open.createStatement().execute(SLOW);
            test.ledger.handleAll(List.of(open("fast"), meter("fast", 1, "1")));
            await().during(Duration.ofMillis(500)).until(seen::isEmpty);
            assertThat(feed.caughtUp()).isFalse();

            open.commit();
            await().until(() -> seen.size() == 4);
            assertThat(seen.get(0).event().instanceId()).isEqualTo("slow");
        }
    }

    @Test
    void what_comes_after_the_start_does_not_keep_a_reader_from_having_caught_up_to_it() throws Exception {
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1")));
        try (Connection open = test.dataSource.getConnection();
                Subscription feed = test.feed.subscribe("test", batch -> {})) {
            open.setAutoCommit(false);
            open.createStatement().execute(SLOW);
            test.ledger.handle(open("later"));
            await().until(feed::caughtUpToStart);
            assertThat(feed.caughtUp()).isFalse();
            open.rollback();
        }
    }

    @Test
    void a_transaction_that_was_open_before_the_start_keeps_a_reader_from_having_caught_up_to_it() throws Exception {
        List<StoredEvent> seen = new CopyOnWriteArrayList<>();
        try (Connection open = test.dataSource.getConnection()) {
            open.setAutoCommit(false);
            open.createStatement().execute(SLOW);
            test.ledger.handle(open("fast"));
            try (Subscription feed = test.feed.subscribe("test", seen::addAll)) {
                await().during(Duration.ofMillis(300)).until(() -> !feed.caughtUpToStart());
                open.commit();
                await().until(feed::caughtUpToStart);
                assertThat(seen).hasSize(2);
            }
        }
    }

    @Test
    void a_reader_of_an_empty_ledger_has_caught_up_to_its_start() {
        assertThat(test.feed.subscribe("test", batch -> {}).caughtUpToStart()).isTrue();
    }

    @Test
    void a_reader_of_one_type_hears_of_nothing_else_and_moves_past_the_rest() {
        List<InstanceEvent> seen = new CopyOnWriteArrayList<>();
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1"), meter("a", 2, "1")));
        try (Subscription feed = test.feed.subscribe(
                "test",
                Set.of(UsageRecordIssued.class),
                batch -> batch.forEach(event -> {
                    seen.add(event.event());
                }))) {
            await().until(feed::caughtUp);
            test.ledger.handleAll(List.of(report("a", sn("a", 1))));
            await().until(feed::caughtUp);
        }
        assertThat(seen).hasSize(2).allMatch(UsageRecordIssued.class::isInstance);
        assertThat(test.jdbc.queryForObject("select position from ledger.reader where name = 'test'", Long.class))
                .isEqualTo(test.jdbc.queryForObject("select max(position) from ledger.event", Long.class));
    }

    @Test
    void transaction_10_comes_after_transaction_9() {
        for (String transaction : List.of("10", "9")) {
            test.jdbc.update(
                    "insert into ledger.event (transaction_id, instance_id, sequence_number, event_type, revision, payload)"
                            + " values (?::xid8, ?, 0, 'instance-released', 1, '{\"releasedAt\": \"2026-01-01T00:00:00Z\"}')",
                    transaction,
                    "of-transaction-" + transaction);
        }
        List<String> seen = new CopyOnWriteArrayList<>();
        test.feed.subscribe(
                "test", batch -> batch.forEach(event -> seen.add(event.event().instanceId())));
        await().until(() -> seen.size() == 2);
        assertThat(seen).containsExactly("of-transaction-9", "of-transaction-10");
    }

    @Test
    void a_reader_goes_on_where_it_stopped_and_gets_a_batch_again_that_it_failed_to_read() {
        List<InstanceEvent> seen = new CopyOnWriteArrayList<>();
        AtomicInteger failures = new AtomicInteger();
        test.ledger.handle(open("a"));
        Subscription first = test.feed.subscribe("test", batch -> {
            if (failures.incrementAndGet() == 1) {
                throw new IllegalStateException("the reader stumbles once, as this test wants");
            }
            batch.forEach(event -> seen.add(event.event()));
        });
        await().until(() -> seen.size() == 1);
        first.close();

        test.ledger.handle(meter("a", 1, "1"));
        test.feed.subscribe("test", batch -> batch.forEach(event -> seen.add(event.event())));
        await().until(() -> seen.size() == 3);
        assertThat(seen.get(1)).isInstanceOf(InstanceEvent.HourMetered.class);
    }

    @Test
    void projections_follow_the_events() {
        test.projections.start();
        test.ledger.handleAll(List.of(open("a"), meter("a", 1, "1"), meter("a", 2, "2.00001")));
        test.ledger.handleAll(List.of(report("a", sn("a", 1)), refuse("a", sn("a", 2))));
        await().until(() -> test.projections.caughtUp()
                && test.jdbc
                        .queryForList("select state from ledger.usage_record order by begin_at", String.class)
                        .equals(List.of("reported", "refused")));
        Map<String, Object> hour = test.jdbc.queryForMap(
                "select amount::text, first_offset, withheld_reason from ledger.metered_hour where revision = 0 order by hour limit 1");
        assertThat(hour)
                .containsEntry("amount", "1")
                .containsEntry("first_offset", 1000L)
                .containsEntry("withheld_reason", null);
    }

    @Test
    void fifty_thousand_events_that_pass_an_open_transaction_all_arrive_in_order_behind_it() throws Exception {
        int events = 50_000;
        AtomicLong seen = new AtomicLong();
        AtomicLong slowSeenAt = new AtomicLong(-1);
        Map<String, Long> last = new HashMap<>();
        List<String> outOfOrder = new CopyOnWriteArrayList<>();
        try (Connection open = test.dataSource.getConnection();
                Subscription feed = test.feed.subscribe("test", batch -> {
                    for (StoredEvent event : batch) {
                        String id = event.event().instanceId();
                        if (event.sequenceNumber() != last.getOrDefault(id, -1L) + 1) {
                            outOfOrder.add(id + " " + event.sequenceNumber());
                        }
                        last.put(id, event.sequenceNumber());
                        if (id.equals("slow")) {
                            slowSeenAt.set(seen.get());
                        }
                        seen.incrementAndGet();
                    }
                })) {
            open.setAutoCommit(false);
            open.createStatement().execute(SLOW);
            int instances = 1000;
            test.ledger.handleAll(
                    IntStream.range(0, instances).mapToObj(i -> open("i" + i)).toList());
            for (int hour = 0;
                    test.jdbc.queryForObject("select count(*) from ledger.event", Long.class) < events;
                    hour++) {
                int now = hour;
                test.ledger.handleAll(IntStream.range(0, instances)
                        .mapToObj(i -> meter("i" + i, now, "1"))
                        .toList());
            }
            // Short, or as long as the acceptance wants it: mvn test -Dledger.open-transaction=PT2M
            Duration openFor = Duration.parse(System.getProperty("ledger.open-transaction", "PT0.5S"));
            await().during(openFor).atMost(openFor.plusSeconds(10)).until(() -> seen.get() == 0);
            assertThat(feed.caughtUp()).isFalse();

            open.commit();
            await().atMost(Duration.ofMinutes(2)).until(feed::caughtUp);
        }
        assertThat(outOfOrder).isEmpty();
        assertThat(slowSeenAt).hasValue(0);
        assertThat(seen).hasValue(test.jdbc.queryForObject("select count(*) from ledger.event", Long.class));
    }
}
