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
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What debugging calls open is never billed, and what real calls open always is: neither is ever given out or changed as the other. */
@Tag("servers")
class DebuggingCallsTest {

    private static final String TEST = ",\"testFlag\":\"1\"";
    private static final String BY_NAME = ",\"productId\":\"web-requests\"";
    private static final String PACKAGE = "web-requests-plus-package";

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

    /** The same product of the same order by another line, or named by the call: that is another request, and the same item. */
    @ParameterizedTest
    @CsvSource({"1, ''", "2, ''", "1, web-requests"})
    void a_real_call_does_not_get_the_instance_that_a_debugging_call_opened_for_another_line_or_name(
            String line, String productId) throws Exception {
        String order = ordered("web-requests", "web-requests");
        assertThat(newInstance(order, line.equals("1") && productId.isEmpty() ? "2" : "1", id(), TEST))
                .isEqualTo("000000");
        String real = id();

        assertThat(newInstance(order, line, real, productId.isEmpty() ? "" : BY_NAME))
                .isEqualTo("000005");

        assertThat(instance(real)).isEmpty();
        assertThat(unopened()).contains(real, "was opened by a debugging call, and this call is real");
    }

    @Test
    void a_real_first_generation_call_does_not_get_the_instance_of_a_debugging_call_of_the_second() throws Exception {
        String order = ordered("web-requests");
        newInstance(order, "1", id(), TEST);

        assertThat(firstGeneration(order, "buyer-1", id(), "0")).isEqualTo("000005");
    }

    @Test
    void a_debugging_call_gets_no_real_instance_and_can_not_end_it() throws Exception {
        String order = ordered("web-requests", "web-requests");
        String real = id();
        newInstance(order, "1", real, "");

        assertThat(newInstance(order, "2", id(), TEST)).isEqualTo("000005");
        assertThat(newInstance(ordered("web-requests"), "1", real, TEST))
                .as("it names the real one as its own")
                .isEqualTo("000005");

        assertThat(about(real, "releaseInstance", TEST)).isEqualTo("000003");
        assertThat(about(real, "updateInstanceStatus", TEST + ",\"status\":\"FREEZE\""))
                .isEqualTo("000003");
        assertThat(instance(real).orElseThrow().releasedAt()).isNull();
        assertThat(instance(real).orElseThrow().life().pauses()).isEmpty();
    }

    /** What waits under the id of a real instance would be released in its place. */
    @Test
    void a_debugging_call_that_waits_under_the_id_of_a_real_instance_keeps_no_release_from_it() throws Exception {
        String real = id();
        newInstance(ordered("web-requests"), "1", real, "");
        assertThat(newInstance("CS" + id().substring(0, 12), "1", real, TEST)).isEqualTo("000005");

        assertThat(about(real, "releaseInstance", "")).isEqualTo("000000");

        assertThat(instance(real).orElseThrow().releasedAt()).isNotNull();
    }

    @Test
    void a_real_package_is_not_taken_for_the_one_that_a_debugging_call_opened() throws Exception {
        String real = id();
        String buyer = "buyer-" + id();
        newInstance(orderedBy(buyer, "ON_DEMAND", "web-requests-plus"), "1", real, "");
        newInstance(orderedBy(buyer, "ON_DEMAND", "web-requests-plus"), "1", id(), TEST);
        String order = orderedBy(buyer, "ON_DEMAND_PKG", PACKAGE);
        assertThat(newInstance(order, "1", id(), TEST)).isEqualTo("000000");
        String business = id();

        assertThat(newInstance(order, "1", business, ",\"productId\":\"" + PACKAGE + "\""))
                .isEqualTo("000005");

        assertThat(instance(real).orElseThrow().packages().prepaid()).isFalse();
        assertThat(unopened()).contains(business, "of this order line was opened by a debugging call");
    }

    @Test
    void what_a_debugging_call_says_of_an_order_binds_no_real_call() throws Exception {
        String debugging = id();
        assertThat(firstGeneration("CS" + id().substring(0, 12), "developer", debugging, "1"))
                .isEqualTo("000000");
        String order = "CS" + id().substring(0, 12);
        FirstGenerationCall upgrade = FirstGenerationCall.of(
                "upgrade", "instanceId", debugging, "orderId", order, "productId", "web-requests", "testFlag", "1");
        assertThat(pusher.callFirstGeneration(upgrade.query()).get("resultCode").asString())
                .isEqualTo("000000");
        String real = id();

        assertThat(firstGeneration(order, "buyer-1", real, "0")).isEqualTo("000000");

        assertThat(instance(real).orElseThrow().origin().buyerId()).isEqualTo("buyer-1");
        assertThat(instance(real).orElseThrow().origin().test()).isFalse();
    }

    @Test
    void an_order_that_a_debugging_call_opened_for_another_customer_is_no_real_one() throws Exception {
        String order = "CS" + id().substring(0, 12);
        assertThat(firstGeneration(order, "developer", id(), "1")).isEqualTo("000000");

        assertThat(firstGeneration(order, "buyer-1", id(), "0")).isEqualTo("000005");
    }

    private static String ordered(String... products) {
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(order, order(order, products));
        return order;
    }

    private static String orderedBy(String buyer, String chargingMode, String product) {
        String order = "CS" + id().substring(0, 12);
        gallery.knowsOrder(
                order,
                order(order, product)
                        .replace("buyer-1", buyer)
                        .replace("\"ON_DEMAND\"", "\"" + chargingMode + "\"")
                        .replace("\"" + PACKAGE + "\"}", "\"" + PACKAGE + "\",\"linearValue\":1}"));
        return order;
    }

    private static String newInstance(String order, String line, String business, String more) throws Exception {
        return code(pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + business + "\",\"orderId\":\""
                + order + "\",\"orderLineId\":\"" + order + "-00000" + line + "\"" + more + "}"));
    }

    private static String firstGeneration(String order, String buyer, String business, String testFlag)
            throws Exception {
        return code(pusher.callFirstGeneration(FirstGenerationCall.of(
                        "newInstance",
                        "customerId",
                        buyer,
                        "orderId",
                        order,
                        "productId",
                        "web-requests",
                        "businessId",
                        business,
                        "testFlag",
                        testFlag)
                .query()));
    }

    private static String about(String instance, String activity, String more) throws Exception {
        return code(pusher.call("{\"activity\":\"" + activity + "\",\"instanceId\":\"" + instance + "\"" + more + "}"));
    }

    private static String code(JsonNode answer) {
        return answer.get("resultCode").asString();
    }

    private static Optional<InstanceView> instance(String id) {
        return pusher.bean(LedgerQueries.class).instance(new InstanceId(id));
    }

    private static String unopened() throws Exception {
        return pusher.get("/operator/pusher/unopened-instances?limit=1000").body();
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }
}
