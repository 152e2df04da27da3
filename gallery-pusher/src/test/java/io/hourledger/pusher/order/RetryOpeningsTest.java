package io.hourledger.pusher.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.pusher.PusherTables;
import io.hourledger.pusher.order.InstanceOpening.AwaitedFrom;
import io.hourledger.pusher.order.InstanceOpening.Outcome;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.hourledger.pusher.order.RequestedInstances.State;
import io.hourledger.pusher.order.RetryOpenings.Timing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Ordered instances that could not be opened at once are tried again, each for itself. */
@Tag("servers")
class RetryOpeningsTest {

    private static final Timing AT_ONCE = new Timing(Duration.ofHours(1), Duration.ZERO, Duration.ofMinutes(10));
    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");

    private final HikariDataSource database = new HikariDataSource();
    private final JdbcClient jdbc = JdbcClient.create(database);
    private final RequestedInstances requests = new RequestedInstances(jdbc);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @BeforeEach
    void create() {
        TestDatabase.Address address = PusherTables.fresh();
        database.setJdbcUrl(address.jdbcUrl());
        database.setUsername(address.user());
        database.setPassword(address.password());
        for (String account : List.of("default", "second")) {
            jdbc.sql("insert into ledger.seller_account (account) values (:account)")
                    .param("account", account)
                    .update();
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    private RetryOpenings retry(Function<Requested, Outcome> opening) {
        return retry(AT_ONCE, opening);
    }

    private RetryOpenings retry(Timing timing, Function<Requested, Outcome> opening) {
        return new RetryOpenings(
                jdbc,
                new TransactionTemplate(new JdbcTransactionManager(database)),
                requests,
                opening,
                new UndoneChanges(jdbc),
                timing,
                metrics);
    }

    private void ordered(String account, int instances) {
        for (int i = 0; i < instances; i++) {
            String order = account + i;
            requests.remember(account, order, order + "-000001", "", "b-" + order, false, NINE.plusSeconds(i));
        }
    }

    private Outcome open(Requested requested) {
        requests.opened(requested, requested.instanceId());
        return new Outcome.Open(requested.instanceId());
    }

    private static Outcome pending(Requested requested, AwaitedFrom awaited) {
        return new Outcome.Pending(requested.instanceId(), "because", awaited);
    }

    /** 200 orders come in a second, and one that waits for 3 hours is refunded. */
    @Test
    void all_that_wait_are_tried_in_one_turn_once_query_order_answers() {
        ordered("default", 500);
        try (RetryOpenings retry = retry(this::open)) {
            assertThat(retry.turn()).isFalse();
        }
        assertThat(requests.countNotOpen()).isZero();
    }

    @Test
    void those_that_wait_for_a_person_keep_no_other_waiting() {
        ordered("default", 100);
        requests.notTriedSince(State.WAITING, Clock.systemUTC().instant().plusSeconds(60), Set.of(), 100)
                .forEach(requested -> requests.held(requested, "a person must look"));
        ordered("second", 30);
        Set<String> tried = ConcurrentHashMap.newKeySet();
        try (RetryOpenings retry = retry(requested -> {
            tried.add(requested.orderId());
            return requested.account().equals("second") ? open(requested) : pending(requested, AwaitedFrom.PERSON);
        })) {
            retry.turn();
            assertThat(requests.countNotOpen()).isEqualTo(100);
            assertThat(tried).as("of those that wait for a person only some").hasSize(30 + 20);
            Set<String> first = new HashSet<>(tried);
            retry.turn();
            assertThat(tried).as("and others at the next turn").hasSize(first.size() + 20);
        }
    }

    @Test
    void an_account_whose_query_order_does_not_answer_is_left_alone_and_the_other_goes_on() {
        ordered("default", 60);
        ordered("second", 60);
        Set<String> tried = ConcurrentHashMap.newKeySet();
        try (RetryOpenings retry = retry(requested -> {
            tried.add(requested.account() + requested.orderId());
            return requested.account().equals("second") ? open(requested) : pending(requested, AwaitedFrom.QUERY_ORDER);
        })) {
            assertThat(retry.turn())
                    .as("it answered of some, so the next turn comes soon")
                    .isTrue();
        }
        assertThat(requests.countNotOpen()).isEqualTo(60);
        assertThat(tried).hasSizeLessThan(60 + 20);
    }

    @Test
    void orders_of_which_query_order_never_answers_stop_no_other() {
        ordered("default", 203);
        try (RetryOpenings retry = retry(requested ->
                requested.orderId().endsWith("00") ? pending(requested, AwaitedFrom.QUERY_ORDER) : open(requested))) {
            retry.turn();
        }
        assertThat(requests.countNotOpen()).isEqualTo(2);
    }

    /** An order that fails for 3 hours is refunded. */
    @Test
    void a_request_that_breaks_its_try_keeps_no_other_waiting() {
        for (int i = 0; i < 3; i++) {
            requests.remember("default", "CS" + i, "CS" + i + "-000001", "", "b-" + i, false, NINE.plusSeconds(i));
        }
        UndoneChanges undone = new UndoneChanges(jdbc);
        undone.keep(
                "b-9",
                DeferredChange.renew("CS9", null, "p-2", NINE.plusSeconds(60), true, NINE),
                "product p-2 is not in the catalogue");
        List<String> tried = new CopyOnWriteArrayList<>();
        try (RetryOpenings retry = retry(requested -> {
            tried.add(requested.orderId());
            if (requested.orderId().equals("CS0")) {
                throw new ArithmeticException("an amount that nobody can write down");
            }
            return nonsense(requested);
        })) {
            retry.turn();
            assertThat(tried).containsExactlyInAnyOrder("CS0", "CS1", "CS2");
            assertThat(metrics.get("callback.instances.not.open").gauge().value())
                    .isEqualTo(3);
            assertThat(metrics.get("callback.changes.undone").gauge().value()).isEqualTo(1);
        }
    }

    private static Outcome nonsense(Requested requested) {
        return new Outcome.Nonsense("no such product in " + requested.orderId());
    }

    /** Each holds a connection while it is opened, and the pool counts on four. */
    @Test
    void of_those_that_wait_for_a_person_no_more_are_tried_at_the_same_moment_than_of_the_others() {
        ordered("default", 20);
        requests.notTriedSince(State.WAITING, Clock.systemUTC().instant().plusSeconds(60), Set.of(), 100)
                .forEach(requested -> requests.held(requested, "a person must look"));
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (RetryOpenings retry = retry(requested -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            LockSupport.parkNanos(Duration.ofMillis(30).toNanos());
            now.decrementAndGet();
            return pending(requested, AwaitedFrom.PERSON);
        })) {
            retry.turn();
        }
        assertThat(most.get()).isBetween(1, 4);
    }

    /** What comes, or waits anew, while a turn goes on is not tried before the next. */
    @Test
    void a_long_turn_ends_and_the_next_comes_soon() {
        ordered("default", 12);
        Timing brief = new Timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        try (RetryOpenings retry = retry(brief, this::open)) {
            assertThat(retry.turn()).isTrue();
            assertThat(requests.countNotOpen()).isEqualTo(8);
        }
    }

    @Test
    void query_order_is_given_time_between_two_batches() {
        ordered("default", 12);
        Timing slow = new Timing(Duration.ofHours(1), Duration.ofMillis(100), Duration.ofMinutes(10));
        long began = System.nanoTime();
        try (RetryOpenings retry = retry(slow, this::open)) {
            retry.turn();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(300));
    }

    /** Each opening looks up orders at the marketplace, which asks without pause. */
    @Test
    void of_two_that_ask_for_what_waits_at_the_same_moment_one_gets_the_try() {
        ordered("default", 1);
        jdbc.sql("update pusher.requested_instance set tried_at = tried_at - interval '1 minute'")
                .update();
        List<String> asked = List.of("b-default0");

        assertThat(requests.claimTry(asked)).isPresent();
        assertThat(requests.claimTry(asked)).isEmpty();
    }
}
