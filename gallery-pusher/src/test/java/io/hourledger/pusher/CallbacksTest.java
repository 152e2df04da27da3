package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Decision;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("servers")
class CallbacksTest {

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TestClock clock = new TestClock(NINE);
    private static GalleryStub gallery;
    private static RunningPusher pusher;

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(gallery, clock);
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    private static String newOrder(String... productsOfLines) {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        gallery.knowsOrder(orderId, order(orderId, productsOfLines));
        return orderId;
    }

    private static String changeOrder(String... productsOfLines) {
        return orderOfType("CHANGE", "ON_DEMAND", productsOfLines);
    }

    private static String orderOfType(String type, String chargingMode, String... productsOfLines) {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        gallery.knowsOrder(
                orderId,
                order(orderId, productsOfLines)
                        .replace("\"orderType\":\"NEW\"", "\"orderType\":\"" + type + "\"")
                        .replace("\"ON_DEMAND\"", "\"" + chargingMode + "\""));
        return orderId;
    }

    private static String newInstance(String orderId, String line, String businessId, String more) {
        return "{\"activity\":\"newInstance\",\"businessId\":\"" + businessId + "\",\"orderId\":\"" + orderId
                + "\",\"orderLineId\":\"" + orderId + "-00000" + line + "\"" + more + "}";
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private static String code(JsonNode answer) {
        return answer.get("resultCode").asString();
    }

    private static Optional<InstanceView> instance(String id) {
        return pusher.bean(LedgerQueries.class).instance(new InstanceId(id));
    }

    @Test
    void a_call_that_comes_again_gets_the_instance_of_the_first_call() throws Exception {
        String orderId = newOrder("web-requests");
        String first = id();
        assertThat(pusher.call(newInstance(orderId, "1", first, ""))
                        .get("instanceId")
                        .asString())
                .isEqualTo(first);
        JsonNode again = pusher.call(newInstance(orderId, "1", id(), ""));
        assertThat(code(again)).isEqualTo("000000");
        assertThat(again.get("instanceId").asString()).isEqualTo(first);
        assertThat(instance(first).orElseThrow().origin().buyerId()).isEqualTo("buyer-1");
        assertThat(instance(first).orElseThrow().origin().product().productId()).isEqualTo("web-requests");
    }

    @Test
    void calls_at_the_same_moment_open_one_instance() throws Exception {
        String orderId = newOrder("web-requests");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(threads.submit(() -> pusher.call(newInstance(orderId, "1", id(), ""))
                        .get("instanceId")
                        .asString()));
            }
            List<String> instances = new ArrayList<>();
            for (Future<String> answer : answers) {
                instances.add(answer.get());
            }
            assertThat(instances.stream().distinct()).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void two_lines_with_two_products_are_two_instances() throws Exception {
        String orderId = newOrder("web-requests", "web-egress");
        String first = id();
        String second = id();
        pusher.call(newInstance(orderId, "1", first, ""));
        pusher.call(newInstance(orderId, "2", second, ""));
        assertThat(instance(first).orElseThrow().origin().product().meter()).isEqualTo("requests");
        assertThat(instance(second).orElseThrow().origin().product().meter()).isEqualTo("egress");
    }

    @Test
    void for_pay_per_use_an_order_and_a_product_are_one_instance_whatever_the_line() throws Exception {
        String orderId = newOrder("web-requests", "web-requests");
        String first = id();
        pusher.call(newInstance(orderId, "1", first, ""));
        JsonNode second = pusher.call(newInstance(orderId, "2", id(), ""));
        assertThat(code(second)).isEqualTo("000000");
        assertThat(second.get("instanceId").asString()).isEqualTo(first);
    }

    @Test
    void a_line_with_several_products_and_no_product_in_the_call_is_held_for_a_person() throws Exception {
        String orderId = newOrder("web-requests,web-egress");
        String business = id();
        JsonNode answer = pusher.call(newInstance(orderId, "1", business, ""));
        assertThat(code(answer)).isEqualTo("000004");
        assertThat(answer.get("instanceId").asString()).isEqualTo(business);
        assertThat(instance(business)).isEmpty();
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains(orderId, "2 products (web-requests, web-egress) and the call does not tell");
        assertThat(code(pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + business + "\"}")))
                .isEqualTo("000004");

        String egress = id();
        pusher.call(newInstance(orderId, "1", egress, ",\"productId\":\"web-egress\""));
        assertThat(instance(egress).orElseThrow().origin().product().productId())
                .isEqualTo("web-egress");
    }

    @Test
    void while_the_order_cannot_be_looked_up_the_call_is_in_progress_and_then_opened_as_of_its_first_call()
            throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        clock.moveTo(NINE.plusSeconds(7));
        JsonNode answer = pusher.call(newInstance(orderId, "1", business, ""));
        assertThat(code(answer)).isEqualTo("000004");
        assertThat(answer.get("instanceId").asString()).isEqualTo(business);
        clock.moveTo(NINE.plusSeconds(3600));
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().until(() -> instance(business).isPresent());
        assertThat(instance(business).orElseThrow().life().openedAt()).isEqualTo(NINE.plusSeconds(7));
        assertThat(code(pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + business + "\"}")))
                .isEqualTo("000000");
        JsonNode again = pusher.call(newInstance(orderId, "1", id(), ""));
        assertThat(again.get("instanceId").asString()).isEqualTo(business);
    }

    @Test
    void a_product_that_is_not_in_the_catalogue_is_held() throws Exception {
        String orderId = newOrder("something-new");
        assertThat(code(pusher.call(newInstance(orderId, "1", id(), "")))).isEqualTo("000004");
        assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000").body())
                .contains("something-new is not in the catalogue");
    }

    @Test
    void an_order_that_is_released_before_it_could_be_opened_is_never_opened() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        pusher.call(newInstance(orderId, "1", business, ""));
        assertThat(code(pusher.call("{\"activity\":\"releaseInstance\",\"instanceId\":\"" + business + "\"}")))
                .isEqualTo("000000");
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        String later = newOrder("web-requests");
        gallery.knowsOrder(later, "{}");
        String waits = id();
        pusher.call(newInstance(later, "1", waits, ""));
        gallery.knowsOrder(later, order(later, "web-requests"));
        await().until(() -> instance(waits).isPresent());
        assertThat(instance(business)).isEmpty();
    }

    private static final String STATUS =
            "{\"activity\":\"updateInstanceStatus\",\"instanceId\":\"%s\",\"status\":\"%s\"}";

    @Test
    void a_freeze_that_comes_while_the_order_waits_is_done_at_the_opening() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        clock.moveTo(NINE);
        pusher.call(newInstance(orderId, "1", business, ""));
        clock.moveTo(NINE.plusSeconds(600));
        assertThat(code(pusher.call(STATUS.formatted(business, "FREEZE")))).isEqualTo("000000");
        clock.moveTo(NINE.plusSeconds(7200));
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().until(() -> instance(business).isPresent());

        assertThat(instance(business).orElseThrow().life().openedAt()).isEqualTo(NINE);
        assertThat(instance(business).orElseThrow().life().pauses())
                .singleElement()
                .satisfies(pause -> {
                    assertThat(pause.from()).isEqualTo(NINE.plusSeconds(600));
                    assertThat(pause.to()).isNull();
                });
        Decision metered = pusher.bean(Ledger.class).handle(metered(business, NINE.plusSeconds(3600)));
        assertThat(((Decision.Done) metered).events())
                .filteredOn(UsageWithheld.class::isInstance)
                .singleElement()
                .satisfies(withheld ->
                        assertThat(((UsageWithheld) withheld).reason()).isEqualTo("frozen"));
    }

    @Test
    void whatever_comes_while_the_order_waits_is_done_in_the_order_of_the_calls() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        String upgrade = changeOrder("web-requests-plus");
        clock.moveTo(NINE);
        pusher.call(newInstance(orderId, "1", business, ""));
        for (String call : List.of(
                STATUS.formatted(business, "FREEZE"),
                STATUS.formatted(business, "UNFREEZE"),
                "{\"activity\":\"refreshInstance\",\"scene\":\"RENEWAL\",\"orderId\":\"CS9\",\"orderLineId\":\"CS9-1\","
                        + "\"instanceId\":\"" + business + "\",\"expireTime\":\"20271124023618\"}",
                "{\"activity\":\"upgradeInstance\",\"instanceId\":\"" + business + "\",\"orderId\":\"" + upgrade
                        + "\",\"orderLineId\":\"" + upgrade + "-000001\"}",
                STATUS.formatted(business, "FREEZE"))) {
            clock.moveTo(clock.instant().plusSeconds(60));
            assertThat(code(pusher.call(call))).isEqualTo("000000");
        }
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().until(() -> instance(business).isPresent());
        assertThat(pusher.bean(JdbcClient.class)
                        .sql("select event_type from ledger.event where instance_id = :id order by sequence_number")
                        .param("id", business)
                        .query(String.class)
                        .list())
                .containsExactly(
                        "instance-opened",
                        "instance-frozen",
                        "instance-unfrozen",
                        "instance-renewed",
                        "instance-upgraded",
                        "instance-frozen");
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests-plus");
    }

    @Test
    void an_upgrade_that_cannot_be_done_holds_the_opening_for_a_person() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        String upgrade = changeOrder("web-egress");
        pusher.call(newInstance(orderId, "1", business, ""));
        assertThat(code(pusher.call("{\"activity\":\"upgradeInstance\",\"instanceId\":\"" + business
                        + "\",\"orderId\":\"" + upgrade + "\",\"orderLineId\":\"" + upgrade + "-000001\"}")))
                .isEqualTo("000000");
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().untilAsserted(() -> assertThat(pusher.get("/operator/pusher/unopened-instances?limit=1000")
                        .body())
                .contains(orderId, "an instance has one meter"));
        assertThat(instance(business)).isEmpty();
    }

    @Test
    void an_upgrade_that_came_before_the_opening_is_done_once_a_person_has_named_its_product() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        String upgrade = changeOrder("web-requests,web-requests-plus");
        pusher.call(newInstance(orderId, "1", business, ""));
        assertThat(code(pusher.call(upgrade(business, upgrade)))).isEqualTo("000000");
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().untilAsserted(() -> assertThat(unopened()).contains(business, "its upgrade by order " + upgrade));

        assertThat(named(business, "web-egress", upgrade).statusCode())
                .as("it is not on the line")
                .isEqualTo(409);
        assertThat(named(business, "web-requests-plus", "CS-another").statusCode())
                .isEqualTo(404);
        assertThat(named(business, "web-requests-plus", upgrade).body()).contains("opened");

        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests-plus");
    }

    @Test
    void an_upgrade_that_came_before_the_opening_and_will_not_be_done_is_dismissed_by_a_person() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        String upgrade = changeOrder("web-egress");
        pusher.call(newInstance(orderId, "1", business, ""));
        assertThat(code(pusher.call(upgrade(business, upgrade)))).isEqualTo("000000");
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().untilAsserted(() -> assertThat(unopened()).contains(orderId, "(UPGRADE by order " + upgrade + ")"));
        String path = "/operator/pusher/undone-changes/" + business + "/dismiss";
        String dismiss = "{\"who\":\"li.wei\",\"why\":\"refunded\",\"orderId\":\"" + upgrade + "\"}";

        assertThat(pusher.post(path, dismiss).statusCode()).isEqualTo(200);

        await().until(() -> instance(business).isPresent());
        assertThat(events(business, "instance-upgraded")).isZero();
        assertThat(pusher.post(path, dismiss).statusCode()).isEqualTo(404);
        assertThat(pusher.bean(JdbcClient.class)
                        .sql("select dismissed_by from pusher.deferred_change where instance_id = :id")
                        .param("id", business)
                        .query(String.class)
                        .list())
                .containsExactly("li.wei");
    }

    private static HttpResponse<String> unsold(String instanceId) throws Exception {
        return pusher.post(
                "/operator/pusher/instances",
                "{\"who\":\"li.wei\",\"why\":\"a trial\",\"productId\":\"web-requests\",\"instanceId\":\"" + instanceId
                        + "\"}");
    }

    @Test
    void the_id_of_an_order_that_waits_is_not_given_to_an_instance_without_a_marketplace() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        pusher.call(newInstance(orderId, "1", business, ""));

        HttpResponse<String> refused = unsold(business);

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("the marketplace has asked for instance " + business);
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().until(() -> instance(business).isPresent());
        assertThat(instance(business).orElseThrow().origin().isSold()).isTrue();
    }

    @Test
    void the_marketplace_is_told_nothing_of_an_instance_that_it_did_not_sell() throws Exception {
        String trial = id();
        assertThat(unsold(trial).statusCode()).isEqualTo(204);
        assertThat(code(pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + trial + "\"}")))
                .isEqualTo("000003");
    }

    private static HttpResponse<String> named(String instanceId, String productId, String orderId) throws Exception {
        return pusher.post(
                "/operator/pusher/unopened-instances/" + instanceId + "/product",
                "{\"who\":\"li.wei\",\"why\":\"the buyer said so\",\"productId\":\"" + productId + "\",\"orderId\":\""
                        + orderId + "\"}");
    }

    @Test
    void a_debugging_call_keeps_no_change_for_a_real_instance_that_waits() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        pusher.call(newInstance(orderId, "1", business, ""));
        assertThat(code(pusher.call(
                        STATUS.formatted(business, "FREEZE").replace("\"status\"", "\"testFlag\":1,\"status\""))))
                .isEqualTo("000003");
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().until(() -> instance(business).isPresent());
        assertThat(instance(business).orElseThrow().life().pauses()).isEmpty();
    }

    private static MeterHour metered(String instanceId, Instant hour) {
        return new MeterHour(
                new InstanceId(instanceId),
                new UsageHour(hour),
                0,
                new CountedBy("requests", 1),
                BigDecimal.TEN,
                new EventSpan(10, hour, hour.plusSeconds(60)),
                new LogPosition(0, 0, 9),
                hour.plusSeconds(3720));
    }

    @Test
    void a_debugging_call_opens_an_instance_that_is_never_billed_and_can_not_end_a_real_one() throws Exception {
        String test = id();
        pusher.call(newInstance(newOrder("web-requests"), "1", test, ",\"testFlag\":\"1\""));
        assertThat(instance(test).orElseThrow().origin().test()).isTrue();
        String real = id();
        pusher.call(newInstance(newOrder("web-requests"), "1", real, ",\"testFlag\":\"0\""));
        assertThat(instance(real).orElseThrow().origin().test()).isFalse();

        assertThat(code(pusher.call(
                        "{\"activity\":\"releaseInstance\",\"testFlag\":1,\"instanceId\":\"" + real + "\"}")))
                .isEqualTo("000003");
        assertThat(instance(real).orElseThrow().releasedAt()).isNull();
        assertThat(code(pusher.call(
                        "{\"activity\":\"releaseInstance\",\"testFlag\":1,\"instanceId\":\"" + test + "\"}")))
                .isEqualTo("000000");
        assertThat(instance(test).orElseThrow().releasedAt()).isNotNull();
    }

    @Test
    void a_real_call_for_what_a_debugging_call_opened_is_no_success() throws Exception {
        String order = newOrder("web-requests");
        String test = id();
        assertThat(code(pusher.call(newInstance(order, "1", test, ",\"testFlag\":\"1\""))))
                .isEqualTo("000000");
        assertThat(code(pusher.call(newInstance(order, "1", id(), "")))).isEqualTo("000005");
        assertThat(code(pusher.call(newInstance(order, "1", id(), ",\"testFlag\":\"1\""))))
                .isEqualTo("000000");
    }

    @Test
    void releasing_again_is_one_release() throws Exception {
        String business = id();
        clock.moveTo(NINE);
        pusher.call(newInstance(newOrder("web-requests"), "1", business, ""));
        String release = "{\"activity\":\"releaseInstance\",\"instanceId\":\"" + business + "\"}";
        assertThat(code(pusher.call(release))).isEqualTo("000000");
        clock.moveTo(NINE.plusSeconds(60));
        assertThat(code(pusher.call(release))).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().releasedAt()).isEqualTo(NINE);
    }

    private static String opened(String product) throws Exception {
        String business = id();
        pusher.call(newInstance(newOrder(product), "1", business, ""));
        return business;
    }

    @Test
    void an_instance_is_frozen_and_unfrozen_however_often_it_is_said() throws Exception {
        String business = opened("web-requests");
        String status = "{\"activity\":\"updateInstanceStatus\",\"instanceId\":\"" + business + "\",\"status\":\"%s\"}";
        assertThat(code(pusher.call(status.formatted("FREEZE")))).isEqualTo("000000");
        assertThat(code(pusher.call(status.formatted("FREEZE")))).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().life().pauses())
                .singleElement()
                .satisfies(pause -> assertThat(pause.to()).isNull());
        assertThat(code(pusher.call(status.formatted("UNFREEZE")))).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().life().pauses())
                .singleElement()
                .satisfies(pause -> assertThat(pause.to()).isNotNull());
        assertThat(code(pusher.call(status.formatted("MELT")))).isEqualTo("000002");
    }

    @ParameterizedTest
    @ValueSource(strings = {"20271124023618", "20271124023618256"})
    void an_instance_is_renewed_until_a_time_of_14_or_17_digits(String expireTime) throws Exception {
        String business = opened("web-requests");
        String renew =
                "{\"activity\":\"refreshInstance\",\"scene\":\"RENEWAL\",\"orderId\":\"CS9\",\"orderLineId\":\"CS9-1\","
                        + "\"instanceId\":\"" + business + "\",\"expireTime\":\"%s\"}";
        assertThat(code(pusher.call(renew.formatted(expireTime)))).isEqualTo("000000");
        assertThat(code(pusher.call(renew.formatted(expireTime)))).isEqualTo("000000");
        assertThat(code(pusher.call(renew.formatted("2027112402361")))).isEqualTo("000002");
        assertThat(code(pusher.call(renew.formatted("20279924023618")))).isEqualTo("000002");
        assertThat(events(business, "instance-renewed")).isOne();
    }

    @Test
    void an_upgrade_takes_the_product_from_its_order() throws Exception {
        String business = opened("web-requests");
        String order = changeOrder("web-requests-plus");
        String upgrade = "{\"activity\":\"upgradeInstance\",\"instanceId\":\"" + business + "\",\"orderId\":\"" + order
                + "\",\"orderLineId\":\"" + order + "-000001\"}";
        assertThat(code(pusher.call(upgrade))).isEqualTo("000000");
        assertThat(code(pusher.call(upgrade))).isEqualTo("000000");
        assertThat(events(business, "instance-upgraded")).isOne();
        assertThat(code(pusher.call(upgrade.replace(order, "CS-nobody-knows")))).isEqualTo("000005");
    }

    @Test
    void a_change_is_possible_within_one_meter() throws Exception {
        String business = opened("web-requests");
        String check = "{\"activity\":\"changeInstanceCheck\",\"instanceId\":\"" + business
                + "\",\"productInfo\":{\"productId\":\"%s\"}}";
        assertThat(code(pusher.call(check.formatted("web-requests-plus")))).isEqualTo("000000");
        assertThat(code(pusher.call(check.formatted("web-egress")))).isEqualTo("000002");
        assertThat(code(pusher.call(check.formatted("nothing")))).isEqualTo("000002");
        assertThat(code(pusher.call(check.replace(business, "nobody")))).isEqualTo("000003");
    }

    private static String refresh(String instanceId, String scene, String orderId, String expireTime, String more) {
        return "{\"activity\":\"refreshInstance\",\"scene\":\"" + scene + "\",\"orderId\":\"" + orderId
                + "\",\"orderLineId\":\"" + orderId + "-000001\",\"instanceId\":\"" + instanceId
                + "\",\"expireTime\":\"" + expireTime + "\"" + more + "}";
    }

    private static String upgrade(String instanceId, String orderId) {
        return "{\"activity\":\"upgradeInstance\",\"instanceId\":\"" + instanceId + "\",\"orderId\":\"" + orderId
                + "\",\"orderLineId\":\"" + orderId + "-000001\"}";
    }

    private static HttpResponse<String> named(String instanceId, String productId) throws Exception {
        return pusher.post(
                "/operator/pusher/unopened-instances/" + instanceId + "/product",
                "{\"who\":\"li.wei\",\"why\":\"the buyer said so\",\"productId\":\"" + productId + "\"}");
    }

    private static String unopened() throws Exception {
        return pusher.get("/operator/pusher/unopened-instances?limit=1000").body();
    }

    private static String undone() throws Exception {
        return pusher.get("/operator/pusher/undone-changes?limit=1000").body();
    }

    private static List<String> terms(String instanceId) {
        return pusher.bean(JdbcClient.class)
                .sql(
                        """
                        select payload ->> 'expiresAt' from ledger.event
                         where instance_id = :id and event_type = 'instance-renewed' order by sequence_number""")
                .param("id", instanceId)
                .query(String.class)
                .list();
    }

    @Test
    void a_refresh_tells_a_scene_that_the_document_has_and_the_line_of_its_order() throws Exception {
        String business = opened("web-requests");
        String refresh = refresh(business, "RENEWAL", "CS9", "20271124023618", "");
        for (String wrong : List.of(
                refresh.replace("\"RENEWAL\"", "\"NO_SUCH_SCENE\""),
                refresh.replace("\"scene\":\"RENEWAL\",", ""),
                refresh.replace("\"orderLineId\":\"CS9-000001\",", ""),
                refresh.replace("\"orderId\":\"CS9\",", ""))) {
            assertThat(code(pusher.call(wrong))).as(wrong).isEqualTo("000002");
        }
        assertThat(terms(business)).isEmpty();
        assertThat(code(pusher.call(refresh))).isEqualTo("000000");
    }

    @Test
    void a_trial_that_is_bought_goes_on_as_the_product_that_the_call_names() throws Exception {
        String business = opened("web-requests");
        String bought =
                refresh(business, "TRIAL_TO_FORMAL", "CS7", "20271124023618", ",\"productId\":\"web-requests-plus\"");
        assertThat(code(pusher.call(bought))).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests-plus");
        assertThat(terms(business)).containsExactly("2027-11-24T02:36:18Z");
    }

    @Test
    void a_renewal_with_a_change_takes_the_product_from_its_order() throws Exception {
        String business = opened("web-requests");
        String order = orderOfType("RENEW", "ON_DEMAND", "web-requests-plus");
        String refresh = refresh(business, "RENEWAL_CHANGE", order, "20271124023618", "");
        assertThat(code(pusher.call(refresh))).isEqualTo("000000");
        assertThat(code(pusher.call(refresh))).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests-plus");
        assertThat(events(business, "instance-renewed")).isOne();
        assertThat(events(business, "instance-upgraded")).isOne();
    }

    /** The marketplace cancels a renewal under the order that renewed (koogallery.md, section 4.4). */
    @Test
    void a_renewal_is_cancelled_under_its_own_order_once() throws Exception {
        String business = opened("web-requests");
        String renewal = refresh(business, "RENEWAL", "CS9", "20281124000000", "");
        String cancelled = refresh(business, "UNSUBSCRIBE_RENEWAL_PERIOD", "CS9", "20271124000000", "");
        for (String call : List.of(renewal, cancelled, cancelled, renewal)) {
            assertThat(code(pusher.call(call))).isEqualTo("000000");
        }
        assertThat(terms(business)).containsExactly("2028-11-24T00:00:00Z", "2027-11-24T00:00:00Z");
    }

    @Test
    void a_renewal_that_is_cancelled_ends_no_freeze() throws Exception {
        String business = opened("web-requests");
        assertThat(code(pusher.call(STATUS.formatted(business, "FREEZE")))).isEqualTo("000000");
        assertThat(code(pusher.call(refresh(business, "UNSUBSCRIBE_RENEWAL_PERIOD", "CS9", "20271124000000", ""))))
                .isEqualTo("000000");
        assertThat(instance(business).orElseThrow().life().pauses())
                .singleElement()
                .satisfies(pause -> assertThat(pause.to()).isNull());
        assertThat(code(pusher.call(refresh(business, "RENEWAL", "CS10", "20281124000000", ""))))
                .isEqualTo("000000");
        assertThat(instance(business).orElseThrow().life().pauses())
                .singleElement()
                .satisfies(pause -> assertThat(pause.to()).isNotNull());
    }

    @Test
    void a_renewal_of_an_instance_that_nobody_knows_asks_for_no_order() throws Exception {
        assertThat(code(pusher.call(refresh("nobody", "RENEWAL_CHANGE", "CS-nobody-knows", "20271124000000", ""))))
                .isEqualTo("000003");
        assertThat(code(pusher.call(upgrade("nobody", "CS-nobody-knows")))).isEqualTo("000003");
    }

    @Test
    void of_several_items_an_upgrade_means_the_one_of_the_instances_meter() throws Exception {
        String business = opened("web-requests");
        String order = changeOrder("web-egress,web-requests-plus");
        assertThat(code(pusher.call(upgrade(business, order)))).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests-plus");
    }

    @Test
    void an_upgrade_to_one_of_several_items_that_fit_is_done_once_a_person_has_named_it() throws Exception {
        String business = opened("web-requests");
        String order = changeOrder("web-requests,web-requests-plus");
        assertThat(code(pusher.call(upgrade(business, order)))).isEqualTo("000005");
        assertThat(events(business, "instance-upgraded")).isZero();
        assertThat(undone()).contains(business, order, "the call does not tell which is meant");

        assertThat(named(business, "web-egress").statusCode()).isEqualTo(409);
        assertThat(named("nobody", "web-egress").statusCode()).isEqualTo(404);
        assertThat(named(business, "web-requests-plus").body()).contains("call-again", order);
        assertThat(events(business, "instance-upgraded")).isZero();

        assertThat(code(pusher.call(upgrade(business, order)))).isEqualTo("000000");
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests-plus");
        assertThat(undone()).doesNotContain(business);
    }

    @Test
    void an_upgrade_that_will_not_be_done_is_dismissed_by_a_person_or_ended_by_the_release() throws Exception {
        String business = opened("web-requests");
        String order = changeOrder("something-new");
        String dismiss = "{\"who\":\"li.wei\",\"why\":\"refunded\",\"orderId\":\"" + order + "\"}";
        String path = "/operator/pusher/undone-changes/" + business + "/dismiss";
        assertThat(code(pusher.call(upgrade(business, order)))).isEqualTo("000005");
        assertThat(pusher.post(path, dismiss.replace("li.wei", "")).statusCode())
                .isEqualTo(400);
        assertThat(undone()).contains(business);
        assertThat(pusher.post(path, dismiss).statusCode()).isEqualTo(200);
        assertThat(pusher.post(path, dismiss).statusCode()).isEqualTo(404);
        assertThat(undone()).doesNotContain(business);
        assertThat(pusher.bean(JdbcClient.class)
                        .sql(
                                "select dismissed_by || ': ' || dismissed_because from pusher.dismissed_change where instance_id = :id")
                        .param("id", business)
                        .query(String.class)
                        .list())
                .containsExactly("li.wei: refunded");

        assertThat(code(pusher.call(upgrade(business, order)))).isEqualTo("000005");
        assertThat(undone()).contains(business);
        pusher.call("{\"activity\":\"releaseInstance\",\"instanceId\":\"" + business + "\"}");
        assertThat(undone()).doesNotContain(business);
    }

    @Test
    void an_item_that_the_catalogue_does_not_know_makes_the_others_unsure() throws Exception {
        String business = opened("web-requests");
        assertThat(code(pusher.call(upgrade(business, changeOrder("web-requests-plus,something-new")))))
                .isEqualTo("000005");
        assertThat(undone()).contains(business);
    }

    @Test
    void a_line_with_several_products_is_opened_as_the_one_that_a_person_names() throws Exception {
        String orderId = newOrder("web-requests,web-egress");
        String business = id();
        clock.moveTo(NINE);
        assertThat(code(pusher.call(newInstance(orderId, "1", business, "")))).isEqualTo("000004");
        clock.moveTo(NINE.plusSeconds(600));
        assertThat(named(business, "web-requests-plus").statusCode())
                .as("it is not on the line")
                .isEqualTo(409);
        assertThat(named(business, "web-egress").body()).contains("opened");

        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-egress");
        assertThat(instance(business).orElseThrow().life().openedAt()).isEqualTo(NINE);
        assertThat(pusher.call(newInstance(orderId, "1", id(), ""))
                        .path("instanceId")
                        .asString())
                .isEqualTo(business);
        assertThat(unopened()).doesNotContain(business);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRIAL_TO_FORMAL", "UNSUBSCRIBE", "RENEW", "CHANGE", "GIFT"})
    void an_order_that_is_no_purchase_opens_nothing_without_a_person(String type) throws Exception {
        String business = id();
        String orderId = orderOfType(type, "ON_DEMAND", "web-requests");
        assertThat(code(pusher.call(newInstance(orderId, "1", business, "")))).isEqualTo("000004");
        assertThat(instance(business)).isEmpty();
        assertThat(unopened()).contains(business, "which opens no instance");
        assertThat(named(business, "web-requests").body()).contains("opened");
        assertThat(instance(business)).isPresent();
    }

    @Test
    void a_trial_of_what_is_paid_by_use_waits_for_a_person_and_one_of_a_period_does_not() throws Exception {
        String byUse = id();
        pusher.call(newInstance(orderOfType("TRIAL", "ON_DEMAND", "web-requests"), "1", byUse, ""));
        assertThat(instance(byUse)).isEmpty();
        assertThat(unopened()).contains(byUse, "no document says whether its usage is billed");
        String period = id();
        assertThat(code(pusher.call(
                        newInstance(orderOfType("TRIAL", "PERIOD", "web-requests-yearly"), "1", period, ""))))
                .isEqualTo("000000");
        assertThat(instance(period)).isPresent();
    }

    @Test
    void an_order_that_changes_nothing_upgrades_nothing() throws Exception {
        String business = opened("web-requests");
        assertThat(code(pusher.call(upgrade(business, newOrder("web-requests-plus")))))
                .isEqualTo("000005");
        assertThat(events(business, "instance-upgraded")).isZero();
        assertThat(undone()).contains(business, "of type NEW, which changes no product");
    }

    @Test
    void a_change_that_cannot_be_done_is_refused_before_it_is_sold() throws Exception {
        String business = opened("web-requests");
        String check = "{\"activity\":\"changeInstanceCheck\",\"instanceId\":\"" + business + "\",\"productInfo\":%s}";
        String plus = "{\"productId\":\"web-requests-plus\",\"skuCode\":\"s\",\"productName\":\"n\"}";
        assertThat(code(pusher.call(check.formatted(plus)))).isEqualTo("000000");
        for (String other : List.of("web-requests-yearly", "web-requests-package", "web-egress", "nothing")) {
            assertThat(code(pusher.call(check.formatted("{\"productId\":\"" + other + "\"}"))))
                    .as(other)
                    .isEqualTo("000002");
        }
        for (String noObject : List.of("[" + plus + "]", "\"web-requests-plus\"", "null", "{}")) {
            assertThat(code(pusher.call(check.formatted(noObject))))
                    .as(noObject)
                    .isEqualTo("000002");
        }
        String waits = id();
        pusher.call(newInstance("CS" + id().substring(0, 12), "1", waits, ""));
        assertThat(code(pusher.call(check.formatted(plus).replace(business, waits))))
                .isEqualTo("000005");
        pusher.call("{\"activity\":\"releaseInstance\",\"instanceId\":\"" + business + "\"}");
        assertThat(code(pusher.call(check.formatted(plus)))).isEqualTo("000002");
    }

    private static long events(String instanceId, String type) {
        return pusher.bean(JdbcClient.class)
                .sql("select count(*) from ledger.event where instance_id = :id and event_type = :type")
                .param("id", instanceId)
                .param("type", type)
                .query(Long.class)
                .single();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"activity\":\"newInstance\"}",
                "{\"activity\":\"newInstance\",\"orderId\":\"1\",\"orderLineId\":\"2\"}",
                "{\"activity\":\"queryInstance\"}",
                "{\"activity\":\"queryInstance\",\"instanceId\":\",,\"}",
                "{\"activity\":\"releaseInstance\",\"instanceId\":{}}",
                "{\"activity\":\"dance\"}",
                "{}",
                "[]",
                "no json"
            })
    void a_call_without_what_it_needs_is_answered_with_invalid_parameters(String body) throws Exception {
        assertThat(code(pusher.call(body))).isEqualTo("000002");
    }

    @Test
    void what_nobody_knows_does_not_exist() throws Exception {
        assertThat(code(pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\"}")))
                .isEqualTo("000003");
        assertThat(code(pusher.call("{\"activity\":\"releaseInstance\",\"instanceId\":\"nobody\"}")))
                .isEqualTo("000003");
    }

    @Test
    void more_than_a_hundred_instances_are_too_many() throws Exception {
        String ids = String.join(
                ",",
                java.util.stream.IntStream.range(0, 101).mapToObj(i -> "i" + i).toList());
        assertThat(code(pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + ids + "\"}")))
                .isEqualTo("000002");
    }

    @Test
    void the_identical_call_gets_the_stored_answer_again_and_does_nothing() throws Exception {
        String business = opened("web-requests");
        String timestamp = Long.toString(Clock.systemUTC().millis());
        String nonce = id();
        String freeze = STATUS.formatted(business, "FREEZE");
        String first = new String(pusher.send(freeze, timestamp, nonce).body(), UTF_8);
        assertThat(code(pusher.call(STATUS.formatted(business, "UNFREEZE")))).isEqualTo("000000");
        assertThat(pusher.send(freeze, timestamp, nonce).body()).asString(UTF_8).isEqualTo(first);
        assertThat(instance(business).orElseThrow().life().pauses())
                .singleElement()
                .satisfies(pause -> assertThat(pause.to()).isNotNull());
        assertThat(events(business, "instance-frozen")).isOne();
    }

    @Test
    void an_answer_of_not_yet_is_not_repeated_once_the_order_has_moved_on() throws Exception {
        String orderId = "CS" + id().substring(0, 12);
        String business = id();
        String timestamp = Long.toString(Clock.systemUTC().millis());
        String nonce = id();
        String call = newInstance(orderId, "1", business, "");
        String query = "{\"activity\":\"queryInstance\",\"instanceId\":\"" + business + "\"}";
        String asked = id();
        assertThat(code(sent(call, timestamp, nonce))).isEqualTo("000004");
        assertThat(code(sent(query, timestamp, asked))).isEqualTo("000004");
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        await().until(() -> instance(business).isPresent());
        assertThat(code(sent(call, timestamp, nonce))).isEqualTo("000000");
        assertThat(code(sent(query, timestamp, asked))).isEqualTo("000000");
        assertThat(storedCode(nonce)).isEqualTo("000000");
    }

    /** The instance has ended, so a freeze goes wrong; what the identical one does later could undo a later call. */
    @Test
    void a_call_that_sets_a_state_is_not_done_again_though_it_went_wrong() throws Exception {
        String business = opened("web-requests");
        pusher.call("{\"activity\":\"releaseInstance\",\"instanceId\":\"" + business + "\"}");
        String timestamp = Long.toString(Clock.systemUTC().millis());
        String nonce = id();
        String freeze = STATUS.formatted(business, "FREEZE");
        byte[] first = pusher.send(freeze, timestamp, nonce).body();
        assertThat(code(JSON.readTree(first))).isEqualTo("000005");
        Instant answeredAt = answeredAt(nonce);
        assertThat(pusher.send(freeze, timestamp, nonce).body()).isEqualTo(first);
        assertThat(answeredAt(nonce)).isEqualTo(answeredAt);
    }

    private static JsonNode sent(String body, String timestamp, String nonce) throws Exception {
        return JSON.readTree(pusher.send(body, timestamp, nonce).body());
    }

    private static String storedCode(String nonce) {
        return pusher.bean(JdbcClient.class)
                .sql("select result_code from pusher.callback where nonce = :nonce")
                .param("nonce", nonce)
                .query(String.class)
                .single();
    }

    private static Instant answeredAt(String nonce) {
        return pusher.bean(JdbcClient.class)
                .sql("select answered_at from pusher.callback where nonce = :nonce")
                .param("nonce", nonce)
                .query(java.time.OffsetDateTime.class)
                .single()
                .toInstant();
    }

    @Test
    void another_call_under_a_nonce_that_was_used_is_not_believed() throws Exception {
        String business = opened("web-requests");
        String timestamp = Long.toString(Clock.systemUTC().millis());
        String nonce = id();
        pusher.send("{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\"}", timestamp, nonce);
        assertThat(code(JSON.readTree(pusher.send(STATUS.formatted(business, "FREEZE"), timestamp, nonce)
                        .body())))
                .isEqualTo("000001");
        assertThat(instance(business).orElseThrow().life().pauses()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"activity\":\"query\\u0000Instance\",\"instanceId\":\"nobody\"}",
                "{\"activity\":\"queryInstance\",\"instanceId\":\"no\\u0000body\"}",
                "{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\\u0007\"}",
                "{\"activity\":\"newInstance\",\"orderId\":\"1\\u0000\",\"orderLineId\":\"2\",\"businessId\":\"3\"}",
                "{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\",\"instanceId\":\"other\"}",
                "{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\",\"testFlag\":\"yes\"}"
            })
    void control_characters_and_members_that_stand_twice_are_invalid_parameters(String body) throws Exception {
        assertThat(code(pusher.call(body))).isEqualTo("000002");
    }

    @Test
    void a_nonce_with_a_control_character_is_not_believed() throws Exception {
        assertThat(code(JSON.readTree(pusher.sendMoved(
                                "{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\"}",
                                Long.toString(Clock.systemUTC().millis()),
                                id(),
                                "%00",
                                "")
                        .body())))
                .isEqualTo("000001");
    }

    /** The server's own refusal of a query is no answer of a seller, since nobody signed it. */
    @ParameterizedTest
    @ValueSource(strings = {"&x=%ff", "&nonce=other"})
    void a_query_that_cannot_be_read_is_answered_as_a_call_that_is_not_believed(String more) throws Exception {
        HttpResponse<byte[]> answer = queried("nobody", more);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(code(JSON.readTree(answer.body()))).isEqualTo("000001");
        assertThat(answer.headers().firstValue("Body-Sign")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"&x", "&&", "&=y"})
    void what_nobody_reads_of_a_query_makes_no_call_unbelievable(String more) throws Exception {
        assertThat(code(JSON.readTree(queried("nobody", more).body()))).isEqualTo("000003");
    }

    private static HttpResponse<byte[]> queried(String instanceId, String more) throws Exception {
        return pusher.sendWithMore(
                "{\"activity\":\"queryInstance\",\"instanceId\":\"" + instanceId + "\"}",
                Long.toString(Clock.systemUTC().millis()),
                id(),
                more);
    }

    @Test
    void a_renewal_until_a_year_that_the_database_does_not_have_stops_no_reader_of_the_ledger() throws Exception {
        String business = opened("web-requests");
        assertThat(code(pusher.call("{\"activity\":\"refreshInstance\",\"scene\":\"RENEWAL\",\"orderId\":\"CS9\","
                        + "\"orderLineId\":\"CS9-1\",\"instanceId\":\"" + business
                        + "\",\"expireTime\":\"00000101000000\"}")))
                .isEqualTo("000002");
        assertThat(events(business, "instance-renewed")).isZero();
        opened("web-requests");
    }

    @Test
    void a_renewal_that_names_another_product_goes_on_as_that() throws Exception {
        String business = opened("web-requests");
        String renew =
                "{\"activity\":\"refreshInstance\",\"scene\":\"RENEWAL\",\"orderId\":\"CS8\",\"orderLineId\":\"CS8-1\","
                        + "\"productId\":\"%s\",\"instanceId\":\"" + business + "\",\"expireTime\":\"20271124023618\"}";
        assertThat(code(pusher.call(renew.formatted("web-egress")))).isEqualTo("000005");
        assertThat(code(pusher.call(renew.formatted("nothing")))).isEqualTo("000005");
        assertThat(events(business, "instance-renewed")).isZero();
        assertThat(code(pusher.call(renew.formatted("web-requests-plus")))).isEqualTo("000000");
        assertThat(code(pusher.call(renew.formatted("web-requests-plus")))).isEqualTo("000000");
        assertThat(events(business, "instance-renewed")).isOne();
        assertThat(events(business, "instance-upgraded")).isOne();
        assertThat(instance(business).orElseThrow().origin().product().productId())
                .isEqualTo("web-requests-plus");
    }

    /** The signature covers nonce + timestamp without a mark between them. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "00", "%2B"})
    void a_call_played_again_with_the_end_of_its_nonce_moved_to_its_timestamp_is_not_believed(String moved)
            throws Exception {
        String body = "{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\"}";
        for (String timestamp : List.of(
                Long.toString(Clock.systemUTC().millis()),
                Long.toString(Clock.systemUTC().instant().getEpochSecond()))) {
            String nonce = id();
            assertThat(code(JSON.readTree(
                            pusher.sendMoved(body, timestamp, nonce, moved, "").body())))
                    .isEqualTo("000003");
            assertThat(code(JSON.readTree(
                            pusher.sendMoved(body, timestamp, nonce, "", moved).body())))
                    .isEqualTo("000001");
        }
    }

    @Test
    void a_timestamp_is_read_in_seconds_or_milliseconds_and_may_be_a_minute_off() throws Exception {
        String body = "{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\"}";
        long seconds = Clock.systemUTC().instant().getEpochSecond();
        assertThat(code(JSON.readTree(
                        pusher.send(body, Long.toString(seconds - 50), id()).body())))
                .isEqualTo("000003");
        assertThat(code(JSON.readTree(pusher.send(body, Long.toString(seconds * 1000 + 50_000), id())
                        .body())))
                .isEqualTo("000003");
        for (String off :
                List.of("" + (seconds - 70), "" + (seconds + 70), "" + (seconds * 1000 - 70_000), "soon", "")) {
            assertThat(code(JSON.readTree(pusher.send(body, off, id()).body()))).isEqualTo("000001");
        }
    }

    @Test
    void a_forged_call_changes_nothing_and_is_not_kept() throws Exception {
        long before = calls();
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + pusher.port()
                                        + "/callbacks/koogallery?signature=00&timestamp="
                                        + Clock.systemUTC().millis() + "&nonce=n"))
                                .POST(HttpRequest.BodyPublishers.ofString(newInstance("CS1", "1", "b", "")))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(code(JSON.readTree(answer.body()))).isEqualTo("000001");
        assertThat(answer.headers().firstValue("Body-Sign")).isPresent();
        assertThat(calls()).isEqualTo(before);
    }

    @Test
    void every_believed_call_is_kept_with_its_answer() throws Exception {
        String marker = id();
        pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + marker + "\"}");
        assertThat(pusher.bean(JdbcClient.class)
                        .sql(
                                """
                                select result_code || ' ' || convert_from(answer, 'UTF8') from pusher.callback
                                 where convert_from(body, 'UTF8') like :marker and answered_at is not null""")
                        .param("marker", "%" + marker + "%")
                        .query(String.class)
                        .list())
                .singleElement()
                .asString()
                .startsWith("000003 {\"resultCode\":\"000003\"");
    }

    @Test
    void a_body_without_end_is_not_read_to_its_end() throws Exception {
        assertThat(code(JSON.readTree(pusher.send(
                                "{\"activity\":\"" + "x".repeat(100_000) + "\"}",
                                Long.toString(Clock.systemUTC().millis()),
                                id())
                        .body())))
                .isEqualTo("000001");
    }

    @Test
    void the_operators_endpoints_want_the_operators_token() throws Exception {
        for (String path : List.of("", "/records-needing-review", "/unopened-instances")) {
            HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("http://localhost:" + pusher.port() + "/operator/pusher" + path))
                                    .header("Authorization", "Bearer guess")
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(new String(answer.body(), UTF_8)).contains("operator-token-required");
        }
    }

    private static long calls() {
        return pusher.bean(JdbcClient.class)
                .sql("select count(*) from pusher.callback")
                .query(Long.class)
                .single();
    }
}
