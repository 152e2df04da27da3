package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sold as a stop-when-used-up package is held: billed by unit price, the buyer would pay for it twice. */
@Tag("servers")
class StopWhenUsedUpPackageTest {

    private static final String PACKAGE = "web-requests-package";

    private static GalleryStub gallery;
    private static RunningPusher pusher;

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(gallery, new TestClock(Instant.parse("2026-11-24T09:00:00Z")));
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NEW", "TRIAL", "TRIAL_TO_FORMAL"})
    void an_order_for_a_package_is_held_by_name_and_the_marketplace_asks_again(String orderType) throws Exception {
        String order = ordered(orderType, "ON_DEMAND_PKG", PACKAGE);
        String business = id();
        assertThat(newInstance(order, 1, business, "")).isEqualTo("000004");
        assertThat(instance(business)).isEmpty();
        assertThat(pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + business + "\"}")
                        .get("resultCode")
                        .asString())
                .isEqualTo("000004");
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains(business, "product " + PACKAGE + ", ON_DEMAND_PKG", "have the order refunded");
    }

    @Test
    void a_debugging_order_for_a_package_is_held_too() throws Exception {
        String order = ordered("NEW", "ON_DEMAND_PKG", PACKAGE);
        String business = id();
        assertThat(newInstance(order, 1, business, ",\"testFlag\":\"1\"")).isEqualTo("000004");
        assertThat(instance(business)).isEmpty();
    }

    @Test
    void what_is_bought_together_with_a_package_waits_with_it() throws Exception {
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                order,
                order(order, "web-requests", PACKAGE).replaceFirst("(?s)(-000002\"[^}]*)ON_DEMAND", "$1ON_DEMAND_PKG"));
        String business = id();
        assertThat(newInstance(order, 1, business, "")).isEqualTo("000004");
        assertThat(instance(business)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ON_DEMAND", "ON_DEMAND_PKG"})
    void a_package_that_only_the_catalogue_or_only_the_order_knows_is_held(String inTheOrder) throws Exception {
        String product = inTheOrder.equals("ON_DEMAND") ? PACKAGE : "web-requests";
        String business = id();
        assertThat(newInstance(ordered("NEW", inTheOrder, product), 1, business, ""))
                .isEqualTo("000004");
        assertThat(instance(business)).isEmpty();
    }

    @Test
    void an_instance_does_not_become_a_package() throws Exception {
        String business = id();
        assertThat(newInstance(ordered("NEW", "ON_DEMAND", "web-requests"), 1, business, ""))
                .isEqualTo("000000");
        String upgrade = ordered("CHANGE", "ON_DEMAND_PKG", PACKAGE);
        assertThat(pusher.call("{\"activity\":\"upgradeInstance\",\"instanceId\":\"" + business + "\",\"orderId\":\""
                                + upgrade + "\",\"orderLineId\":\"" + upgrade + "-000001\"}")
                        .get("resultCode")
                        .asString())
                .isEqualTo("000005");
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests");
        assertThat(pusher.call("{\"activity\":\"changeInstanceCheck\",\"instanceId\":\"" + business
                                + "\",\"productInfo\":{\"productId\":\"" + PACKAGE + "\"}}")
                        .get("resultCode")
                        .asString())
                .isEqualTo("000002");
    }

    private static String ordered(String orderType, String chargingMode, String product) {
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                order,
                order(order, product)
                        .replace("\"orderType\":\"NEW\"", "\"orderType\":\"" + orderType + "\"")
                        .replace("\"chargingMode\":\"ON_DEMAND\"", "\"chargingMode\":\"" + chargingMode + "\""));
        return order;
    }

    private static String newInstance(String order, int line, String business, String more) throws Exception {
        return pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + business + "\",\"orderId\":\"" + order
                        + "\",\"orderLineId\":\"" + order + "-00000" + line + "\"" + more + "}")
                .get("resultCode")
                .asString();
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static Optional<InstanceView> instance(String id) {
        return pusher.bean(LedgerQueries.class).instance(new InstanceId(id));
    }
}
