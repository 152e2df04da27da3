package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What queryInstance costs, and what it does for an order that waits. */
@Tag("servers")
class QueryInstanceTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    private static final Duration MARKETPLACE_WAITS = Duration.ofSeconds(5);
    private static final AtomicInteger reads = new AtomicInteger();
    private static GalleryStub gallery;
    private static RunningPusher pusher;

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(
                PusherTables.fresh(),
                gallery,
                new TestClock(NINE),
                QueryInstanceTest::counted,
                "--hourledger.pusher.retry-unopened-every=PT1H");
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    /** Each of these reads is a transaction of four statements, on a database that may be far away. */
    private static LedgerQueries counted(LedgerQueries queries) {
        return (LedgerQueries) Proxy.newProxyInstance(
                LedgerQueries.class.getClassLoader(),
                new Class<?>[] {LedgerQueries.class},
                (proxy, method, arguments) -> {
                    if (Thread.currentThread().getName().equals("callback")) {
                        reads.incrementAndGet();
                    }
                    try {
                        return method.invoke(queries, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getTargetException();
                    }
                });
    }

    @Test
    void a_hundred_instances_are_read_as_one_would_be() throws Exception {
        List<String> ids = IntStream.range(0, 100).mapToObj(i -> "many-" + i).toList();
        ids.forEach(QueryInstanceTest::open);
        reads.set(0);
        query(ids.getFirst());
        int ofOne = reads.getAndSet(0);

        JsonNode answer = query(String.join(",", ids));

        assertThat(answer.get("info")).hasSize(100);
        assertThat(reads.get()).isPositive().isEqualTo(ofOne);
    }

    private static void open(String id) {
        pusher.bean(Ledger.class)
                .handle(new OpenInstance(
                        new InstanceId(id),
                        new OrderLine("CS-" + id, "CS-" + id + "-000001", "default"),
                        new Product(
                                "web-requests",
                                "requests",
                                ChargingMode.ON_DEMAND,
                                PricingMode.FIXED,
                                BillingCycle.HOURLY),
                        "buyer-1",
                        false,
                        NINE,
                        null));
    }

    /** The marketplace asks until it has the instance: then the order need not wait for the next turn of tries. */
    @Test
    void what_waits_is_opened_when_it_is_asked_for() throws Exception {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        String business = UUID.randomUUID().toString();
        JsonNode waits = pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + business + "\",\"orderId\":\""
                + orderId + "\",\"orderLineId\":\"" + orderId + "-000001\"}");
        assertThat(waits.get("resultCode").asString()).isEqualTo("000004");
        assertThat(query(business).get("resultCode").asString()).isEqualTo("000004");
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(query(business).get("resultCode").asString()).isEqualTo("000000"));
    }

    /** The marketplace waits 5 s, and no longer. */
    @Test
    void every_answer_comes_in_time_though_query_order_takes_the_call_and_says_nothing() throws Exception {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        String business = UUID.randomUUID().toString();
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        Runnable answer = gallery.keepsOrdersWaiting();
        try {
            long began = System.nanoTime();
            JsonNode opening = pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + business
                    + "\",\"orderId\":\"" + orderId + "\",\"orderLineId\":\"" + orderId + "-000001\"}");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(MARKETPLACE_WAITS);
            assertThat(opening.get("resultCode").asString()).isIn("000004", "000005");
            long asked = System.nanoTime();
            assertThat(query(business).get("resultCode").asString()).isIn("000004", "000005");
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(MARKETPLACE_WAITS);
        } finally {
            answer.run();
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(query(business).get("resultCode").asString()).isEqualTo("000000"));
    }

    /** A change in the second generation waits for the database no longer than one in the first. */
    @Test
    void an_answer_comes_in_time_though_the_database_does_not_and_the_call_is_worked_on() throws Exception {
        open("frozen-late");
        try (Connection blocker = pusher.bean(DataSource.class).getConnection()) {
            blocker.setAutoCommit(false);
            try (Statement lock = blocker.createStatement()) {
                lock.execute("lock table pusher.callback in access exclusive mode");
            }
            long began = System.nanoTime();
            JsonNode answer = pusher.call(
                    "{\"activity\":\"updateInstanceStatus\",\"instanceId\":\"frozen-late\",\"status\":\"FREEZE\"}");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(MARKETPLACE_WAITS);
            assertThat(answer.get("resultCode").asString()).isEqualTo("000005");
            blocker.rollback();
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> !pusher.bean(LedgerQueries.class)
                .instance(new InstanceId("frozen-late"))
                .orElseThrow()
                .life()
                .pauses()
                .isEmpty());
    }

    @Test
    void one_that_waits_keeps_no_other_from_being_shown() throws Exception {
        open("shown");
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        String business = UUID.randomUUID().toString();
        pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + business + "\",\"orderId\":\"" + orderId
                + "\",\"orderLineId\":\"" + orderId + "-000001\"}");

        JsonNode answer = query(business + ",shown");

        assertThat(answer.get("info")
                        .valueStream()
                        .map(one -> one.get("instanceId").asString())
                        .collect(Collectors.joining(",")))
                .isEqualTo("shown");
    }

    private static JsonNode query(String ids) throws Exception {
        return pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + ids + "\"}");
    }
}
