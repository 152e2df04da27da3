package io.hourledger.pusher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Callbacks V1.0: GET with an authToken, on the address of V2.0. */
@Tag("servers")
class FirstGenerationCallbacksTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    private static final TestClock clock = new TestClock(NINE);
    private static GalleryStub gallery;
    private static RunningPusher pusher;

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(gallery, clock, "--hourledger.pusher.package-order-wait=0s");
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static FirstGenerationCall newInstance(String orderId, String productId, String businessId) {
        return FirstGenerationCall.of(
                "newInstance",
                "customerId",
                "buyer-1",
                "customerName",
                "阿里 & co = 100%+",
                "orderId",
                orderId,
                "productId",
                productId,
                "businessId",
                businessId);
    }

    private static JsonNode call(FirstGenerationCall call) throws Exception {
        return pusher.callFirstGeneration(call.query());
    }

    private static String code(FirstGenerationCall call) throws Exception {
        return code(call(call));
    }

    private static String code(JsonNode answer) {
        return answer.get("resultCode").asString();
    }

    private static Optional<InstanceView> instance(String id) {
        return pusher.bean(LedgerQueries.class).instance(new InstanceId(id));
    }

    private static String opened(String productId) throws Exception {
        String business = id();
        JsonNode answer = call(newInstance("CS" + id(), productId, business));
        assertThat(code(answer)).isEqualTo("000000");
        assertThat(answer.get("instanceId").asString()).isEqualTo(business);
        return business;
    }

    private static FirstGenerationCall about(String instanceId, String activity, String... more) {
        FirstGenerationCall call = FirstGenerationCall.of(activity, more);
        call.parameters().put("instanceId", instanceId);
        return call;
    }

    private static List<String> events(String instanceId) {
        return pusher.bean(JdbcClient.class)
                .sql("select event_type from ledger.event where instance_id = :id order by sequence_number")
                .param("id", instanceId)
                .query(String.class)
                .list();
    }

    @Test
    void an_order_is_opened_from_the_call_alone_and_its_repeat_is_the_same_instance() throws Exception {
        String order = "CS" + id();
        String first = id();
        clock.moveTo(NINE.plusSeconds(7));
        assertThat(call(newInstance(order, "web-requests", first))
                        .get("instanceId")
                        .asString())
                .isEqualTo(first);
        assertThat(call(newInstance(order, "web-requests", id()))
                        .get("instanceId")
                        .asString())
                .isEqualTo(first);
        InstanceView instance = instance(first).orElseThrow();
        assertThat(instance.origin().buyerId()).isEqualTo("buyer-1");
        assertThat(instance.origin().product().productId()).isEqualTo("web-requests");
        assertThat(instance.origin().order().orderId()).isEqualTo(order);
        assertThat(instance.openedAt()).isEqualTo(NINE.plusSeconds(7));
    }

    /** What it means for pay per use no page says (koogallery.md, section 4.5). */
    @ParameterizedTest
    @ValueSource(strings = {"20270101000000", "20270101000000000", "", "soon"})
    void a_time_of_acceptance_moves_no_opening(String acceptanceTime) throws Exception {
        String business = id();
        FirstGenerationCall call = newInstance("CS" + id(), "web-requests", business);
        call.parameters().put("acceptanceTime", acceptanceTime);
        clock.moveTo(NINE.plusSeconds(11));
        assertThat(code(call)).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().openedAt()).isEqualTo(NINE.plusSeconds(11));
    }

    @Test
    void two_products_of_one_order_are_two_instances() throws Exception {
        String order = "CS" + id();
        String requests = id();
        String egress = id();
        call(newInstance(order, "web-requests", requests));
        call(newInstance(order, "web-egress", egress));
        assertThat(instance(requests).orElseThrow().origin().product().meter()).isEqualTo("requests");
        assertThat(instance(egress).orElseThrow().origin().product().meter()).isEqualTo("egress");
    }

    @Test
    void an_order_and_a_product_are_one_instance_in_both_generations() throws Exception {
        String order = "CS" + id();
        gallery.knowsOrder(order, GalleryPusherTest.order(order, "web-requests"));
        String first = id();
        pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + first + "\",\"orderId\":\"" + order
                + "\",\"orderLineId\":\"" + order + "-000001\"}");
        assertThat(call(newInstance(order, "web-requests", id()))
                        .get("instanceId")
                        .asString())
                .isEqualTo(first);
        assertThat(code(about(first, "instanceStatus", "instanceStatus", "FREEZE")))
                .isEqualTo("000000");
        assertThat(pusher.call("{\"activity\":\"updateInstanceStatus\",\"instanceId\":\"" + first
                                + "\",\"status\":\"UNFREEZE\"}")
                        .get("resultCode")
                        .asString())
                .isEqualTo("000000");
        assertThat(events(first)).containsExactly("instance-opened", "instance-frozen", "instance-unfrozen");
    }

    @Test
    void a_repeat_that_says_something_else_of_the_order_is_refused_and_the_first_call_holds() throws Exception {
        String order = "CS" + id();
        String business = id();
        call(newInstance(order, "web-requests", business));
        FirstGenerationCall other = newInstance(order, "web-requests", id());
        other.parameters().put("customerId", "buyer-2");
        assertThat(code(other)).isEqualTo("000002");
        assertThat(instance(business).orElseThrow().origin().buyerId()).isEqualTo("buyer-1");
    }

    @Test
    void a_product_that_is_sold_otherwise_or_unknown_is_held_for_a_person() throws Exception {
        FirstGenerationCall period = newInstance("CS" + id(), "web-requests", id());
        period.parameters().put("chargingMode", "1");
        assertThat(code(period)).isEqualTo("000004");
        String unknown = id();
        assertThat(code(newInstance("CS" + id(), "something-new", unknown))).isEqualTo("000004");
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains("web-requests is sold as PERIOD", "something-new is not in the catalogue");
        assertThat(code(about(unknown, "queryInstance"))).isEqualTo("000004");
        assertThat(code(about(unknown, "releaseInstance"))).isEqualTo("000000");
    }

    @Test
    void an_instance_goes_through_its_whole_life() throws Exception {
        String instance = opened("web-requests");
        assertThat(code(about(instance, "instanceStatus", "instanceStatus", "FREEZE")))
                .isEqualTo("000000");
        assertThat(code(about(instance, "instanceStatus", "instanceStatus", "NORMAL")))
                .isEqualTo("000000");
        assertThat(code(about(instance, "expireInstance", "orderId", "CS1"))).isEqualTo("000000");
        assertThat(code(about(instance, "expireInstance", "orderId", "CS1"))).isEqualTo("000000");
        assertThat(code(about(
                        instance,
                        "refreshInstance",
                        "orderId",
                        "CS2",
                        "expireTime",
                        "20271124023618",
                        "trialToFormal",
                        "1")))
                .isEqualTo("000000");
        for (int i = 0; i < 2; i++) {
            assertThat(code(about(
                            instance,
                            "upgrade",
                            "orderId",
                            "CS-up-" + instance,
                            "productId",
                            "web-requests-plus",
                            "skuCode",
                            "sku",
                            "amount",
                            "3")))
                    .isEqualTo("000000");
        }
        assertThat(code(about(
                        instance,
                        "refreshInstance",
                        "orderId",
                        "CS3",
                        "productId",
                        "web-requests",
                        "expireTime",
                        "20281124023618")))
                .isEqualTo("000000");
        assertThat(code(about(instance, "releaseInstance", "orderId", "CS4"))).isEqualTo("000000");
        assertThat(code(about(instance, "releaseInstance"))).isEqualTo("000000");
        assertThat(events(instance))
                .containsExactly(
                        "instance-opened",
                        "instance-frozen",
                        "instance-unfrozen",
                        "instance-expired",
                        "instance-renewed",
                        "instance-upgraded",
                        "instance-renewed",
                        "instance-upgraded",
                        "instance-released");
        assertThat(instance(instance).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests");
    }

    @Test
    void what_comes_while_an_order_waits_is_done_at_the_opening() throws Exception {
        String order = "CS" + id();
        String business = id();
        String late = id();
        call(newInstance(order, "web-requests-package", business));
        assertThat(code(about(business, "expireInstance", "orderId", order))).isEqualTo("000000");
        assertThat(code(newInstance(order, "web-requests", late))).isEqualTo("000000");
        FirstGenerationCall buyer = newInstance("CS" + id(), "web-requests", id());
        buyer.parameters().put("customerId", "buyer-" + late);
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains(business);
    }

    @Test
    void a_package_is_for_the_buyers_instance_and_expires_as_it_is_frozen_in_the_second_generation() throws Exception {
        String buyer = "buyer-" + id();
        FirstGenerationCall payPerUse = newInstance("CS" + id(), "web-egress", id());
        FirstGenerationCall requests = newInstance("CS" + id(), "web-requests", id());
        String pack = id();
        FirstGenerationCall order = newInstance("CS" + id(), "web-requests-package", pack);
        for (FirstGenerationCall call : List.of(payPerUse, requests, order)) {
            call.parameters().put("customerId", buyer);
            assertThat(code(call)).isEqualTo("000000");
        }
        String served = requests.parameters().get("businessId");
        assertThat(code(about(pack, "expireInstance", "orderId", "CS1"))).isEqualTo("000000");
        assertThat(code(about(pack, "instanceStatus", "instanceStatus", "NORMAL")))
                .as("a status tells of no expiry")
                .isEqualTo("000005");
        assertThat(code(pusher.call("{\"activity\":\"updateInstanceStatus\",\"instanceId\":\"" + pack
                        + "\",\"status\":\"UNFREEZE\"}")))
                .isEqualTo("000005");
        JsonNode usage = call(about(pack, "queryInstance"))
                .path("info")
                .path(0)
                .path("usageInfo")
                .path(0);
        assertThat(usage.path("relatedInstanceId").asString()).isEqualTo(served);
        assertThat(usage.path("usageValue").asString()).isEqualTo("0.0000");
        assertThat(code(about(pack, "releaseInstance"))).isEqualTo("000000");
        assertThat(events(served))
                .containsExactly("instance-opened", "package-added", "package-expired", "package-released");
    }

    @Test
    void a_package_that_has_expired_goes_on_once_it_is_renewed_and_not_before() throws Exception {
        String buyer = "buyer-" + id();
        FirstGenerationCall requests = newInstance("CS" + id(), "web-requests", id());
        String pack = id();
        for (FirstGenerationCall call : List.of(requests, newInstance("CS" + id(), "web-requests-package", pack))) {
            call.parameters().put("customerId", buyer);
            assertThat(code(call)).isEqualTo("000000");
        }
        assertThat(code(about(pack, "instanceStatus", "instanceStatus", "FREEZE")))
                .isEqualTo("000000");
        assertThat(code(about(pack, "expireInstance", "orderId", "CS1"))).isEqualTo("000000");
        assertThat(code(about(pack, "instanceStatus", "instanceStatus", "NORMAL")))
                .as("it ends the freeze, and no more")
                .isEqualTo("000000");
        FirstGenerationCall renewal = about(pack, "refreshInstance", "orderId", "CS2", "expireTime", "20271124023618");
        assertThat(code(renewal)).isEqualTo("000000");
        renewal.parameters().put("round", "2");
        assertThat(code(renewal)).isEqualTo("000000");
        assertThat(events(requests.parameters().get("businessId")))
                .containsExactly(
                        "instance-opened",
                        "package-added",
                        "package-frozen",
                        "package-expired",
                        "package-unfrozen",
                        "package-renewed");
    }

    /** V1.0 tells an order call by call, and the package's may be the first. */
    @Test
    void a_package_waits_for_pay_per_use_of_its_own_order_and_never_lands_on_an_older_instance() throws Exception {
        TestClock time = new TestClock(NINE);
        try (RunningPusher careful = new RunningPusher(gallery, time)) {
            String older = id();
            careful.callFirstGeneration(
                    newInstance("CS" + id(), "web-requests", older).query());
            String order = "CS" + id();
            FirstGenerationCall pack = newInstance(order, "web-requests-package", id());
            assertThat(code(careful.callFirstGeneration(pack.query()))).isEqualTo("000004");
            time.moveTo(NINE.plus(Duration.ofMinutes(9)));
            careful.callFirstGeneration(newInstance(order, "web-requests", id()).query());
            time.moveTo(NINE.plus(Duration.ofMinutes(11)));

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(careful.get("/operator/pusher/unopened-instances?limit=1000")
                                    .body())
                            .contains("could be for 2 pay-per-use"));
            assertThat(careful.bean(LedgerQueries.class)
                            .instance(new InstanceId(older))
                            .orElseThrow()
                            .packages()
                            .prepaid())
                    .isFalse();

            String alone = id();
            FirstGenerationCall later = newInstance("CS" + id(), "web-egress-package", alone);
            careful.callFirstGeneration(
                    newInstance("CS" + id(), "web-egress", id()).query());
            assertThat(code(careful.callFirstGeneration(later.query()))).isEqualTo("000004");
            time.moveTo(NINE.plus(Duration.ofMinutes(22)));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(careful.get("/operator/pusher/unopened-instances?limit=1000")
                                    .body())
                            .doesNotContain(alone));
        }
    }

    @Test
    void of_two_packages_of_one_order_a_person_opens_each_under_its_own_id() throws Exception {
        String order = "CS" + id();
        String buyer = "buyer-" + id();
        String instance = id();
        String requests = id();
        String egress = id();
        for (FirstGenerationCall call : List.of(
                newInstance("CS" + id(), "web-egress", instance), newInstance("CS" + id(), "web-egress", id()))) {
            call.parameters().put("customerId", buyer);
            assertThat(code(call)).isEqualTo("000000");
        }
        for (FirstGenerationCall call : List.of(
                newInstance(order, "web-requests-package", requests),
                newInstance(order, "web-egress-package", egress))) {
            call.parameters().put("customerId", buyer);
            assertThat(code(call)).isEqualTo("000004");
        }

        var ofTheOther = resolved(requests, "web-egress-package", instance);

        assertThat(ofTheOther.statusCode()).isEqualTo(409);
        assertThat(ofTheOther.body()).contains("nothing is said of web-requests-package");
        assertThat(resolved(egress, "web-egress-package", instance).statusCode())
                .isEqualTo(204);
    }

    private static HttpResponse<String> resolved(String packageId, String product, String instance) throws Exception {
        return pusher.post(
                "/operator/pusher/unopened-instances/" + packageId + "/package",
                "{\"who\":\"li.wei\",\"why\":\"the buyer said so\",\"items\":[{\"productId\":\"" + product
                        + "\",\"instanceId\":\"" + instance + "\"}]}");
    }

    @Test
    void a_package_that_was_frozen_goes_on_once_its_status_is_normal() throws Exception {
        String buyer = "buyer-" + id();
        FirstGenerationCall requests = newInstance("CS" + id(), "web-requests", id());
        String pack = id();
        FirstGenerationCall order = newInstance("CS" + id(), "web-requests-package", pack);
        for (FirstGenerationCall call : List.of(requests, order)) {
            call.parameters().put("customerId", buyer);
            assertThat(code(call)).isEqualTo("000000");
        }
        for (String status : List.of("FREEZE", "NORMAL")) {
            assertThat(code(about(pack, "instanceStatus", "instanceStatus", status)))
                    .isEqualTo("000000");
        }
        assertThat(events(requests.parameters().get("businessId")))
                .containsExactly("instance-opened", "package-added", "package-frozen", "package-unfrozen");
    }

    @Test
    void a_package_that_expired_before_it_was_open_is_not_opened_as_if_it_ran() throws Exception {
        String buyer = "buyer-" + id();
        String pack = id();
        FirstGenerationCall order = newInstance("CS" + id(), "web-requests-package", pack);
        order.parameters().put("customerId", buyer);
        assertThat(code(order)).isEqualTo("000004");
        assertThat(code(about(pack, "expireInstance", "orderId", "CS1"))).isEqualTo("000000");
        assertThat(code(about(pack, "instanceStatus", "instanceStatus", "NORMAL")))
                .isEqualTo("000000");
        FirstGenerationCall requests = newInstance("CS" + id(), "web-requests", id());
        requests.parameters().put("customerId", buyer);
        assertThat(code(requests)).isEqualTo("000000");
        order.parameters().put("round", "2");
        assertThat(code(order)).isEqualTo("000004");
        assertThat(events(requests.parameters().get("businessId"))).containsExactly("instance-opened");
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains("package " + pack + " has expired");
    }

    @Test
    void a_renewal_leaves_a_freeze_to_the_call_that_ends_it() throws Exception {
        String instance = opened("web-requests");
        assertThat(code(about(instance, "instanceStatus", "instanceStatus", "FREEZE")))
                .isEqualTo("000000");
        assertThat(code(about(instance, "refreshInstance", "orderId", "CS2", "expireTime", "20271124023618")))
                .isEqualTo("000000");
        assertThat(events(instance)).containsExactly("instance-opened", "instance-frozen", "instance-renewed");
        assertThat(code(about(instance, "instanceStatus", "instanceStatus", "NORMAL")))
                .isEqualTo("000000");
        assertThat(events(instance)).endsWith("instance-renewed", "instance-unfrozen");
    }

    @Test
    void two_products_of_an_order_that_are_not_pay_per_use_are_not_taken_for_one_instance() throws Exception {
        String order = "CS" + id();
        String first = id();
        assertThat(code(newInstance(order, "web-requests-yearly", first))).isEqualTo("000000");
        assertThat(code(newInstance(order, "web-egress-yearly", id()))).isEqualTo("000004");
        assertThat(code(newInstance(order, "web-requests-yearly", id()))).isEqualTo("000000");
        assertThat(instance(first).orElseThrow().origin().product().productId()).isEqualTo("web-requests-yearly");
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains("instance " + first + " of this order is another product's");
    }

    @Test
    void a_real_call_is_not_answered_with_the_instance_of_a_debugging_call() throws Exception {
        String order = "CS" + id();
        FirstGenerationCall debugging = newInstance(order, "web-requests", id());
        debugging.parameters().put("testFlag", "1");
        assertThat(code(debugging)).isEqualTo("000000");
        JsonNode real = call(newInstance(order, "web-requests", id()));
        assertThat(code(real)).isEqualTo("000005");
        assertThat(real.has("instanceId")).isFalse();
    }

    @Test
    void a_repeat_that_tells_amount_or_mode_otherwise_is_the_open_instance() throws Exception {
        String order = "CS" + id();
        String first = id();
        FirstGenerationCall call = newInstance(order, "web-requests", first);
        call.parameters().put("amount", "1");
        assertThat(code(call)).isEqualTo("000000");
        for (String amount : List.of("1.0", "")) {
            FirstGenerationCall repeat = newInstance(order, "web-requests", id());
            repeat.parameters().put("amount", amount);
            repeat.parameters().put("chargingMode", "1");
            assertThat(call(repeat).path("instanceId").asString()).isEqualTo(first);
        }
    }

    @Test
    void what_is_not_open_yet_is_not_opened_by_a_call_that_tells_its_amount_otherwise() throws Exception {
        String order = "CS" + id();
        FirstGenerationCall call = newInstance(order, "web-requests-package", id());
        call.parameters().put("customerId", "buyer-" + id());
        assertThat(code(call)).isEqualTo("000004");
        call.parameters().put("amount", "500");
        assertThat(code(call)).isEqualTo("000002");
    }

    @Test
    void a_package_whose_size_only_the_call_tells_waits_for_a_person() throws Exception {
        FirstGenerationCall order = newInstance("CS" + id(), "web-requests-package-by-order", id());
        order.parameters().put("amount", "500");
        assertThat(code(order)).isEqualTo("000004");
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains("the call orders 500 of package web-requests-package-by-order");
    }

    @ParameterizedTest
    @CsvSource({
        "expireInstance, 000003",
        "releaseInstance, 000003",
        "refreshInstance, 000003",
        "upgrade, 000002",
        "instanceStatus, 000002",
        "queryInstance, 000002"
    })
    void an_instance_that_nobody_knows_is_said_as_the_table_of_each_call_has_it(String activity, String code)
            throws Exception {
        assertThat(code(about(
                        "nobody",
                        activity,
                        "orderId",
                        "CS" + id(),
                        "expireTime",
                        "20271124023618",
                        "instanceStatus",
                        "FREEZE",
                        "productId",
                        "web-requests")))
                .isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({
        "newInstance, orderId",
        "newInstance, productId",
        "newInstance, businessId",
        "newInstance, customerId",
        "refreshInstance, orderId",
        "refreshInstance, expireTime",
        "refreshInstance, instanceId",
        "expireInstance, orderId",
        "expireInstance, instanceId",
        "releaseInstance, instanceId",
        "upgrade, orderId",
        "upgrade, productId",
        "upgrade, instanceId",
        "instanceStatus, instanceId",
        "instanceStatus, instanceStatus",
        "queryInstance, instanceId"
    })
    void a_call_without_what_it_needs_is_answered_with_invalid_parameters(String activity, String missing)
            throws Exception {
        FirstGenerationCall call = FirstGenerationCall.of(
                activity,
                "orderId",
                "CS" + id(),
                "productId",
                "web-requests",
                "businessId",
                id(),
                "customerId",
                "buyer-1",
                "instanceId",
                "nobody",
                "expireTime",
                "20271124023618",
                "instanceStatus",
                "FREEZE");
        call.parameters().put(missing, "");
        assertThat(code(call)).isEqualTo("000002");
        call.parameters().remove(missing);
        assertThat(code(call)).isEqualTo("000002");
    }

    @ParameterizedTest
    @ValueSource(strings = {"upgradeInstance", "updateInstanceStatus", "changeInstanceCheck", "dance", ""})
    void what_is_no_activity_of_the_first_generation_is_an_invalid_parameter(String activity) throws Exception {
        assertThat(code(about("nobody", activity))).isEqualTo("000002");
    }

    @ParameterizedTest
    @CsvSource({"1, true", "0, false", "'', false"})
    void a_debugging_call_opens_an_instance_that_is_never_billed(String flag, boolean test) throws Exception {
        String business = id();
        FirstGenerationCall call = newInstance("CS" + id(), "web-requests", business);
        call.parameters().put("testFlag", flag);
        assertThat(code(call)).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().origin().test()).isEqualTo(test);
        assertThat(code(about(business, "releaseInstance", "testFlag", "1"))).isEqualTo(test ? "000000" : "000003");
    }

    @Test
    void parameters_may_come_in_any_order_and_in_any_encoding_of_their_values() throws Exception {
        FirstGenerationCall call = newInstance("CS" + id(), "web-requests", id());
        call.parameters().put("userName", "a b");
        call.parameters().put("empty", "");
        List<String> pairs = call.pairs(call.token(GalleryStub.KEY));
        Collections.shuffle(pairs);
        String query = String.join("&", pairs);
        assertThat(query).contains("a+b").contains("%25%2B");
        assertThat(code(pusher.callFirstGeneration(query.replace("a+b", "%61%20b"))))
                .isEqualTo("000000");
        // a token whose + was not encoded comes as a space
        for (int i = 0; i < 50; i++) {
            FirstGenerationCall asked = about("nobody", "queryInstance", "round", "" + i);
            String token = asked.token(GalleryStub.KEY);
            if (token.contains("+")) {
                assertThat(code(pusher.callFirstGeneration(asked.query(token).replace("%2B", "+"))))
                        .isEqualTo("000002");
            }
        }
    }

    @Test
    void a_forged_or_stale_call_is_not_believed_changes_nothing_and_is_not_kept() throws Exception {
        String instance = opened("web-requests");
        long before = calls();
        FirstGenerationCall release = about(instance, "releaseInstance");
        String token = release.token(GalleryStub.KEY);
        for (String query : List.of(
                release.query((token.startsWith("x") ? "y" : "x") + token.substring(1)),
                release.query(token + "="),
                release.query(""),
                release.query(release.token("another key")),
                release.query(token).replace("authToken", "authtoken"),
                release.query(token) + "&testFlag=0",
                release.query(token).replace("releaseInstance", "expireInstance"),
                "",
                stale(instance, Duration.ofSeconds(70)),
                stale(instance, Duration.ofSeconds(-70)),
                FirstGenerationCall.at(
                                Clock.systemUTC().instant(),
                                ZoneId.of("UTC+8"),
                                "releaseInstance",
                                "instanceId",
                                instance)
                        .query(),
                timeStamp(instance, "20260231120000000"),
                timeStamp(instance, "2026112409000000"),
                timeStamp(instance, "soon"),
                timeStamp(instance, ""))) {
            assertThat(code(pusher.callFirstGeneration(query))).as(query).isEqualTo("000001");
        }
        assertThat(calls()).isEqualTo(before);
        assertThat(instance(instance).orElseThrow().releasedAt()).isNull();
    }

    private static String stale(String instance, Duration age) {
        return FirstGenerationCall.at(
                        Clock.systemUTC().instant().minus(age),
                        ZoneOffset.UTC,
                        "releaseInstance",
                        "instanceId",
                        instance)
                .query();
    }

    private static String timeStamp(String instance, String digits) {
        FirstGenerationCall call = about(instance, "releaseInstance");
        call.parameters().put("timeStamp", digits);
        return call.query();
    }

    @Test
    void the_zone_of_the_time_stamp_is_a_setting() throws Exception {
        try (RunningPusher kit =
                new RunningPusher(gallery, clock, "--hourledger.pusher.callback-timestamp-zone=Asia/Shanghai")) {
            assertThat(code(kit.callFirstGeneration(FirstGenerationCall.at(
                                    Clock.systemUTC().instant(),
                                    ZoneId.of("UTC+8"),
                                    "queryInstance",
                                    "instanceId",
                                    "nobody")
                            .query())))
                    .isEqualTo("000002");
            assertThat(code(kit.callFirstGeneration(
                            about("nobody", "queryInstance").query())))
                    .isEqualTo("000001");
        }
    }

    @Test
    void the_identical_call_gets_the_stored_answer_again_and_does_nothing() throws Exception {
        String instance = opened("web-requests");
        String freeze =
                about(instance, "instanceStatus", "instanceStatus", "FREEZE").query();
        byte[] first = pusher.sendFirstGeneration(freeze).body();
        assertThat(code(about(instance, "instanceStatus", "instanceStatus", "NORMAL")))
                .isEqualTo("000000");
        assertThat(pusher.sendFirstGeneration(freeze).body()).isEqualTo(first);
        assertThat(events(instance)).containsExactly("instance-opened", "instance-frozen", "instance-unfrozen");
    }

    /** The text that is signed has no marks, so other parameters can have the same. */
    @Test
    void other_parameters_under_a_token_that_was_used_are_not_believed() throws Exception {
        FirstGenerationCall call = about("nobody", "queryInstance", "x", "1&y=2");
        assertThat(code(call)).isEqualTo("000002");
        assertThat(code(pusher.callFirstGeneration(call.query().replace("x=1%26y%3D2", "x=1&y=2"))))
                .isEqualTo("000001");
    }

    @Test
    void what_cannot_be_read_in_one_way_only_is_an_invalid_parameter() throws Exception {
        String instance = opened("web-requests");
        FirstGenerationCall release = about(instance, "releaseInstance");
        for (String query : List.of(
                release.query() + "&activity=releaseInstance",
                release.query() + "&instanceId=other",
                release.query() + "&a=%FF",
                release.query() + "&a=%C0%80",
                about(instance, "releaseInstance", "userName", "a\u0000b").query(),
                about(instance, "releaseInstance", "userName", "a\nb").query(),
                about(instance, "release\u0000Instance").query(),
                about(instance + "\u0000", "releaseInstance").query(),
                about(instance, "releaseInstance", "testFlag", "yes").query())) {
            assertThat(code(pusher.callFirstGeneration(query))).as(query).isEqualTo("000002");
        }
        assertThat(instance(instance).orElseThrow().releasedAt()).isNull();
    }

    @Test
    void every_believed_call_is_kept_with_its_answer() throws Exception {
        String marker = id();
        call(about(marker, "queryInstance"));
        assertThat(pusher.bean(JdbcClient.class)
                        .sql(
                                """
                                select generation || ' ' || result_code || ' ' || convert_from(answer, 'UTF8')
                                  from pusher.callback
                                 where convert_from(body, 'UTF8') like :marker and answered_at is not null""")
                        .param("marker", "%" + marker + "%")
                        .query(String.class)
                        .list())
                .singleElement()
                .asString()
                .startsWith("1 000002 {\"resultCode\":\"000002\"");
    }

    @Test
    void a_query_of_many_instances_answers_those_that_are_known() throws Exception {
        String one = opened("web-requests");
        String other = opened("web-egress");
        JsonNode answer = call(about(one + ",nobody," + other, "queryInstance", "testFlag", "0"));
        assertThat(answer.path("info")).hasSize(2);
        assertThat(answer.toString()).contains(one, other, "usageValue", "statisticalTime");
    }

    @Test
    void an_answer_comes_in_time_though_the_database_does_not_and_the_call_is_worked_on() throws Exception {
        String instance = opened("web-requests");
        String freeze =
                about(instance, "instanceStatus", "instanceStatus", "FREEZE").query();
        try (java.sql.Connection blocker =
                pusher.bean(javax.sql.DataSource.class).getConnection()) {
            blocker.setAutoCommit(false);
            try (java.sql.Statement lock = blocker.createStatement()) {
                lock.execute("lock table pusher.callback in access exclusive mode");
            }
            long began = System.nanoTime();
            JsonNode answer = pusher.callFirstGeneration(freeze);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            assertThat(code(answer)).isEqualTo("000005");
            blocker.rollback();
        }
        await().untilAsserted(() -> assertThat(events(instance)).endsWith("instance-frozen"));
        await().untilAsserted(() ->
                assertThat(code(pusher.callFirstGeneration(freeze))).isEqualTo("000000"));
    }

    private static long calls() {
        return pusher.bean(JdbcClient.class)
                .sql("select count(*) from pusher.callback")
                .query(Long.class)
                .single();
    }

    @Test
    void a_long_query_is_answered_in_form_and_one_that_no_server_reads_without_a_trace() throws Exception {
        for (int chars : List.of(20_000, 40_000, 200_000)) {
            var answer = pusher.sendFirstGeneration(about("nobody", "queryInstance", "userName", "x".repeat(chars))
                    .query());
            String body = new String(answer.body(), UTF_8);
            assertThat(body).as(chars + " characters").doesNotContain("Exception");
            if (chars == 200_000) {
                assertThat(answer.statusCode()).isEqualTo(400);
            } else {
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().firstValue("Body-Sign")).isPresent();
                assertThat(body).contains(chars == 20_000 ? "000002" : "000001");
            }
        }
    }

    /** The page can be read as if values were signed as they came. */
    @Test
    void a_token_over_the_values_as_they_came_is_believed_where_both_readings_say_the_same() throws Exception {
        String business = id();
        FirstGenerationCall call = newInstance("CS" + id(), "web-requests", business);
        assertThat(call.query()).contains("%E9%98%BF");
        assertThat(code(pusher.callFirstGeneration(call.query(call.tokenOfValuesAsTheyCome(GalleryStub.KEY)))))
                .isEqualTo("000000");
        assertThat(instance(business)).isPresent();

        FirstGenerationCall unlike = newInstance("CS " + id(), "web-requests", id());
        assertThat(code(pusher.callFirstGeneration(unlike.query(unlike.tokenOfValuesAsTheyCome(GalleryStub.KEY)))))
                .as("the order id would be another one")
                .isEqualTo("000001");
        assertThat(code(pusher.callFirstGeneration(unlike.query()))).isEqualTo("000000");
    }

    @Test
    void an_account_is_called_on_its_own_path_with_its_own_key() throws Exception {
        try (RunningPusher other = new RunningPusher(
                gallery, clock, "--hourledger.pusher.account=b", "--hourledger.pusher.seller-key=key-of-b")) {
            FirstGenerationCall call = about("nobody", "queryInstance");
            String ofB = call.query(call.token("key-of-b"));
            assertThat(body(other.sendFirstGeneration("/b", call.query()))).contains("000001");
            assertThat(body(pusher.sendFirstGeneration("/default", ofB))).contains("000001");
            var unknown = other.sendFirstGeneration("/default", ofB);
            assertThat(unknown.statusCode()).isEqualTo(404);
            assertThat(unknown.headers().firstValue("Body-Sign")).isEmpty();
            assertThat(body(unknown)).contains("unknown-account");
            assertThat(body(other.sendFirstGeneration("/b", ofB))).contains("000002");
            assertThat(body(other.sendFirstGeneration("", ofB))).contains("000002");
        }
    }

    private static String body(java.net.http.HttpResponse<byte[]> answer) {
        return new String(answer.body(), UTF_8);
    }

    @Test
    void how_far_the_time_stamp_may_be_off_is_a_setting() throws Exception {
        try (RunningPusher patient =
                new RunningPusher(gallery, clock, "--hourledger.pusher.callback-timestamp-tolerance=10m")) {
            assertThat(code(patient.callFirstGeneration(stale("nobody", Duration.ofMinutes(9)))))
                    .isEqualTo("000003");
            assertThat(code(patient.callFirstGeneration(stale("nobody", Duration.ofMinutes(11)))))
                    .isEqualTo("000001");
        }
    }

    @Test
    void what_buyers_say_of_themselves_is_not_kept_and_the_identical_call_is_known_all_the_same() throws Exception {
        String business = id();
        FirstGenerationCall call = newInstance("CS" + id(), "web-requests", business);
        call.parameters().put("email", "secret-mail");
        call.parameters().put("mobilePhone", "secret-phone");
        call.parameters().put("userName", "secret-user");
        String query = call.query();
        byte[] first = pusher.sendFirstGeneration(query).body();
        assertThat(pusher.sendFirstGeneration(query).body()).isEqualTo(first);
        assertThat(pusher.bean(JdbcClient.class)
                        .sql(
                                """
                                select convert_from(body, 'UTF8') from pusher.callback
                                 where convert_from(body, 'UTF8') like :marker""")
                        .param("marker", "%" + business + "%")
                        .query(String.class)
                        .list())
                .singleElement()
                .asString()
                .contains("customerId=buyer-1")
                .doesNotContain("secret", "customerName", "%E9%98%BF");
    }
}
