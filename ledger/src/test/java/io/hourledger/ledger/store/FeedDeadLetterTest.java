package io.hourledger.ledger.store;

import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.api.StoredEvent;
import io.hourledger.ledger.seal.LedgerSealer;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.transaction.support.TransactionTemplate;

/** What any reader of the feed makes of an event that it cannot take. */
@Tag("servers")
class FeedDeadLetterTest {

    private final TestLedger test = new TestLedger();
    private final DeadLetterQueue queue = new DeadLetterQueue(test.jdbc);
    private final List<InstanceEvent> taken = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void a_member_of_a_wrong_form_stops_its_instance_alone_and_is_taken_in_order_once_it_is_mended() {
        test.ledger.handleAll(
                List.of(open("x"), open("y"), meter("x", 1, "1"), meter("y", 1, "1"), meter("x", 2, "2")));
        setAmount("x", "{\"not\": \"an amount\"}");
        try (Subscription feed = reader(this::take)) {
            await().until(feed::caughtUp);
            assertThat(instances()).contains("y").doesNotContain("x:1", "x:2");
            assertThat(queue.waiting(null, null, null))
                    .singleElement()
                    .satisfies(one -> assertThat(one.letter().eventType()).isEqualTo("hour-metered"));

            setAmount("x", "\"1\"");
            queue.askRetry("a-reader", "x", io.hourledger.ledger.instance.Given.FINANCE);

            await().until(() -> queue.waiting(null, null, null).isEmpty());
        }
        assertThat(hoursOf("x")).as("in order, each once").containsExactly(1, 2);
    }

    @Test
    void what_fails_in_java_and_what_fails_in_sql_are_put_aside_alike() {
        test.jdbc.execute("create table public.small (instance_id text, amount numeric(3, 0))");
        test.ledger.handleAll(List.of(open("java"), open("sql"), open("y")));
        test.ledger.handleAll(List.of(meter("java", 1, "1"), meter("sql", 1, "123456"), meter("y", 1, "1")));
        try (Subscription feed = reader(batch -> batch.forEach(stored -> {
            if (stored.event() instanceof HourMetered metered) {
                if (metered.instanceId().equals("java")) {
                    throw new ArithmeticException("what a bug says");
                }
                test.jdbc.update("insert into public.small values (?, ?)", metered.instanceId(), metered.amount());
            }
        }))) {
            await().until(feed::caughtUp);
        }
        assertThat(queue.waiting(null, null, null))
                .extracting(one -> one.letter().instanceId())
                .containsExactlyInAnyOrder("java", "sql");
        assertThat(test.jdbc.queryForList("select instance_id from public.small", String.class))
                .containsExactly("y");
    }

    /** Of the server that stops, of a lost connection, of a lost race, of a statement that is wrong whatever it reads. */
    @ParameterizedTest
    @ValueSource(strings = {"57P01", "08006", "53300", "40P01", "42703"})
    void an_outage_or_a_wrong_statement_is_no_poison(String state) {
        test.ledger.handleAll(List.of(open("x"), meter("x", 1, "1")));
        AtomicInteger tries = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        try (Subscription feed = reader(batch -> {
            tries.incrementAndGet();
            if (!over.get()) {
                throw new UncategorizedSQLException("a test", null, new SQLException("as this test wants", state));
            }
            take(batch);
        })) {
            await().atMost(Duration.ofSeconds(20)).until(() -> tries.get() >= 3);
            assertThat(queue.waiting(null, null, null)).isEmpty();
            assertThat(feed.caughtUp()).isFalse();
            over.set(true);
            await().until(feed::caughtUp);
        }
        assertThat(taken).hasSize(3);
        assertThat(queue.waiting(null, null, null)).isEmpty();
    }

    @Test
    void a_form_that_only_a_newer_version_knows_waits_for_that_version_and_is_no_poison() {
        test.ledger.handleAll(List.of(open("x"), open("y")));
        test.jdbc.update("update ledger.event set revision = 1000 where instance_id = 'x'");
        try (Subscription feed = reader(this::take)) {
            await().during(Duration.ofMillis(1500))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> !feed.caughtUp());
            assertThat(queue.waiting(null, null, null)).isEmpty();
        }
    }

    @Test
    void a_reader_that_can_take_nothing_stands_and_puts_no_instance_aside() {
        test.ledger.handleAll(opened(50));
        AtomicInteger tries = new AtomicInteger();
        try (Subscription feed = reader(batch -> {
            tries.incrementAndGet();
            throw new IllegalStateException("a bug that knows no instance");
        })) {
            await().atMost(Duration.ofMinutes(1)).until(() -> tries.get() > 100);
            await().during(Duration.ofSeconds(3))
                    .until(() -> queue.waiting(null, null, null).isEmpty());
            assertThat(feed.caughtUp()).isFalse();
            assertThat(tries).as("once, and not again at once").hasValueLessThan(200);
        }
        assertThat(queue.waiting(null, null, null)).isEmpty();
    }

    @Test
    void once_no_more_may_be_put_aside_the_first_one_more_ends_the_search() {
        test.ledger.handleAll(opened(200));
        AtomicInteger tries = new AtomicInteger();
        RangeBisection bisection = new RangeBisection(test.jdbc, test.transactions, range -> {
            tries.incrementAndGet();
            if (!range.instances().instances().equals(List.of("i0"))) {
                throw new IllegalStateException("a bug of most instances");
            }
        });
        Range all = new Range(
                new Place("0", 0),
                new Place(String.valueOf(Long.MAX_VALUE), Long.MAX_VALUE),
                Set.of("instance-opened"),
                InstanceFilter.allBut(List.of()));

        assertThatThrownBy(() -> new TransactionTemplate(test.transactions).execute(status -> bisection.read(all, 1)))
                .isInstanceOf(ReaderAtFaultException.class);
        assertThat(tries).hasValueLessThan(40);
    }

    @Test
    void a_search_that_takes_longer_than_a_transaction_may_finds_the_event_at_fault() {
        test.ledger.handleAll(opened(8));
        RangeBisection bisection = new RangeBisection(test.jdbc, test.transactions, range -> {
            test.jdbc.execute("select pg_sleep(0.3)");
            if (range.instances().instances().contains("i5")) {
                throw new IllegalStateException("a bug of one instance");
            }
        });
        Range all = new Range(
                new Place("0", 0),
                new Place(String.valueOf(Long.MAX_VALUE), Long.MAX_VALUE),
                Set.of("instance-opened"),
                InstanceFilter.allBut(List.of()));

        List<DeadLetter> letters = new TransactionTemplate(test.transactions).execute(status -> {
            test.jdbc.execute("set local transaction_timeout = '1s'");
            return bisection.read(all);
        });
        assertThat(letters).extracting(DeadLetter::instanceId).containsExactly("i5");
    }

    @Test
    void an_outage_in_a_retry_keeps_no_later_event_of_another_instance_waiting() {
        test.ledger.handleAll(List.of(open("x"), open("y")));
        AtomicBoolean outage = new AtomicBoolean();
        try (Subscription feed = reader(batch -> {
            if (batch.stream().anyMatch(stored -> stored.event().instanceId().equals("x"))) {
                throw outage.get()
                        ? new UncategorizedSQLException("a test", null, new SQLException("too long", "57014"))
                        : new ArithmeticException("what a bug says");
            }
            take(batch);
        })) {
            await().until(feed::caughtUp);
            outage.set(true);
            queue.askRetry("a-reader", "x", io.hourledger.ledger.instance.Given.FINANCE);
            test.ledger.handleAll(List.of(meter("y", 1, "1")));

            await().until(() -> hoursOf("y").equals(List.of(1)));
            await().until(() -> test.jdbc.queryForObject(
                    "select next_try_at > clock_timestamp() from ledger.dead_letter", Boolean.class));
            assertThat(queue.waiting(null, null, null).get(0).retryAsked()).isTrue();
        }
    }

    /** The process that put it aside may have been the last one of an old build. */
    @Test
    void what_waits_is_tried_again_after_a_while_though_nobody_asks_and_no_process_starts() {
        test.ledger.handleAll(List.of(open("x")));
        AtomicBoolean mended = new AtomicBoolean();
        try (Subscription feed = reader(batch -> {
            if (!mended.get()) {
                throw new ArithmeticException("what a bug says");
            }
            take(batch);
        })) {
            await().until(feed::caughtUp);
            mended.set(true);
            test.jdbc.update("update ledger.dead_letter set next_try_at = next_try_at - interval '1 minute'");

            await().until(() -> queue.instances("a-reader").isEmpty());
        }
        assertThat(taken).hasSize(1);
    }

    private static List<InstanceCommand> opened(int instances) {
        return IntStream.range(0, instances)
                .<InstanceCommand>mapToObj(i -> open("i" + i))
                .toList();
    }

    @Test
    void a_reader_waits_for_itself_alone() {
        test.ledger.handleAll(List.of(open("x"), meter("x", 1, "1")));
        setAmount("x", "[]");
        try (Subscription parsing = reader(this::take);
                Subscription passing = test.feed.subscribeToRanges("another", range -> {})) {
            await().until(() -> parsing.caughtUp() && passing.caughtUp());
        }
        assertThat(queue.waiting("another", null, null)).isEmpty();
        assertThat(queue.waiting("a-reader", null, null)).hasSize(1);
    }

    @Test
    void the_sealer_leaves_out_no_event_whoever_cannot_read_it() {
        test.ledger.handleAll(List.of(open("x"), meter("x", 1, "1")));
        setAmount("x", "[]");
        try (Subscription parsing = reader(this::take);
                LedgerSealer sealer =
                        new LedgerSealer(test.jdbc, test.feed, TestLedger.DIGESTS, seal -> {}, Clock.systemUTC())) {
            sealer.start(Duration.ofHours(1));
            await().until(() -> parsing.caughtUp() && sealer.caughtUp());
        }
        assertThat(test.jdbc.queryForObject("select event_count from ledger.seal_chain", Long.class))
                .isEqualTo(3);
    }

    @Test
    void how_many_wait_and_since_when_is_a_figure_of_each_reader() {
        test.ledger.handleAll(List.of(open("x"), meter("x", 1, "1")));
        setAmount("x", "[]");
        try (Subscription feed = reader(this::take)) {
            await().until(feed::caughtUp);
            await().atMost(Duration.ofSeconds(30)).until(() -> gauge("ledger.feed.dead.letters") == 1);
            assertThat(gauge("ledger.feed.dead.letters.age")).isPositive();
        }
    }

    private double gauge(String name) {
        return test.metrics.get(name).tag("reader", "a-reader").gauge().value();
    }

    private Subscription reader(LedgerFeed.Reader reader) {
        return test.feed.subscribe("a-reader", reader);
    }

    private void take(List<StoredEvent> batch) {
        batch.forEach(stored -> taken.add(stored.event()));
    }

    private void setAmount(String instance, String json) {
        test.jdbc.update(
                "update ledger.event set payload = jsonb_set(payload, '{amount}', ?::jsonb)"
                        + " where instance_id = ? and event_type = 'hour-metered' and payload ->> 'hour' = '2026-01-01T01:00:00Z'",
                json,
                instance);
    }

    private List<String> instances() {
        List<String> names = new ArrayList<>();
        taken.forEach(event -> names.add(
                event instanceof HourMetered metered
                        ? metered.instanceId() + ":" + metered.hour().toString().substring(12, 13)
                        : event.instanceId()));
        return names;
    }

    private List<Integer> hoursOf(String instance) {
        return taken.stream()
                .filter(HourMetered.class::isInstance)
                .map(HourMetered.class::cast)
                .filter(metered -> metered.instanceId().equals(instance))
                .map(metered -> Integer.valueOf(metered.hour().toString().substring(12, 13)))
                .toList();
    }
}
