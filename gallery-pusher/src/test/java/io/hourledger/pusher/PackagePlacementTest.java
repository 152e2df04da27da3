package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What goes on at the moment at which a package looks for the instance that it is for. */
@Tag("servers")
class PackagePlacementTest {

    /** Done once, when the placement has read which instances the buyer has. */
    private static final AtomicReference<@Nullable Runnable> meanwhile = new AtomicReference<>();

    private static GalleryStub gallery;
    private static RunningPusher pusher;

    private final String buyer = "buyer-" + id().substring(0, 8);
    private final String first = id();

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(
                PusherTables.fresh(),
                gallery,
                new TestClock(Instant.parse("2026-11-24T09:00:00Z")),
                PackagePlacementTest::observed,
                "--hourledger.pusher.retry-unopened-every=PT1H");
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    private static LedgerQueries observed(LedgerQueries queries) {
        return (LedgerQueries) Proxy.newProxyInstance(
                LedgerQueries.class.getClassLoader(),
                new Class<?>[] {LedgerQueries.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("instances")
                            && !((Collection<?>) arguments[0]).isEmpty()
                            && isPlacement()) {
                        Runnable now = meanwhile.getAndSet(null);
                        if (now != null) {
                            now.run();
                        }
                    }
                    try {
                        return method.invoke(queries, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getTargetException();
                    }
                });
    }

    private static boolean isPlacement() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getClassName().endsWith(".PackagePlacement")));
    }

    @BeforeEach
    void payPerUse() throws Exception {
        String order = orderId();
        knows(order, "ON_DEMAND", "web-requests");
        assertThat(newInstance(order, first)).isEqualTo("000000");
    }

    /** What was ordered together is opened together once query order answers again. */
    @Test
    void a_package_is_not_guessed_onto_the_older_instance_while_a_newer_one_is_being_opened() throws Exception {
        String newer = orderId();
        String second = id();
        assertThat(newInstance(newer, second)).isEqualTo("000004");
        knows(newer, "ON_DEMAND", "web-requests");
        String order = orderId();
        knows(order, "ON_DEMAND_PKG", "web-requests-package");
        meanwhile.set(() -> assertThat(newInstanceNow(newer, second)).isEqualTo("000000"));

        assertThat(newInstance(order, id())).isEqualTo("000004");

        assertThat(meanwhile.get()).as("the other was opened at that moment").isNull();
        assertThat(instance(first).packages().prepaid()).isFalse();
    }

    /** The marketplace waits 5 s, and no longer. */
    @Test
    void an_open_instance_is_answered_in_time_however_long_what_waits_beside_it_is_looked_up() throws Exception {
        String order = orderId();
        String waiting = id();
        assertThat(newInstance(order, waiting)).isEqualTo("000004");
        knows(order, "ON_DEMAND_PKG", "web-requests-package");
        pusher.bean(JdbcClient.class)
                .sql("update pusher.requested_instance set tried_at = tried_at - interval '1 minute'")
                .update();
        CountDownLatch isLookedUp = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        meanwhile.set(() -> {
            isLookedUp.countDown();
            awaitUninterruptibly(answered);
        });
        try {
            assertThat(pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + first + "," + waiting + "\"}")
                            .get("resultCode")
                            .asString())
                    .isEqualTo("000000");
            assertThat(isLookedUp.getCount()).isZero();
        } finally {
            answered.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void knows(String order, String chargingMode, String product) {
        gallery.knowsOrder(
                order, order(order, product).replace("buyer-1", buyer).replace("ON_DEMAND", chargingMode));
    }

    private static String newInstanceNow(String order, String business) {
        try {
            return newInstance(order, business);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static String newInstance(String order, String business) throws Exception {
        return pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + business + "\",\"orderId\":\"" + order
                        + "\",\"orderLineId\":\"" + order + "-000001\"}")
                .get("resultCode")
                .asString();
    }

    private static InstanceView instance(String id) {
        return pusher.bean(LedgerQueries.class).instance(new InstanceId(id)).orElseThrow();
    }

    private static String orderId() {
        return "CS" + id().substring(0, 12);
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }
}
