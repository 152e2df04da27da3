package io.hourledger.simulator.callback;

import static io.hourledger.simulator.Gallery.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.FakeSeller;
import io.hourledger.simulator.FakeSeller.Told;
import io.hourledger.simulator.Gallery;
import io.hourledger.simulator.SharedGallery;
import io.hourledger.simulator.signing.CallbackSignature;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The calls to the seller, koogallery.md, sections 4.2 to 4.6. */
@Tag("servers")
class LifecycleTest {

    private final Gallery gallery = SharedGallery.GALLERY;
    private final FakeSeller seller = SharedGallery.SELLER;
    private final String buyer = "buyer-" + UUID.randomUUID();

    @BeforeEach
    void time() {
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:30:00Z"));
    }

    @AfterEach
    void wellAgain() {
        seller.answer(FakeSeller::opensAtOnce);
        gallery.control("DELETE", "/sim/faults", null);
    }

    private JsonNode place(boolean derivedIds, boolean test, int waitSeconds) {
        return gallery.control(
                        "POST",
                        "/sim/orders",
                        """
                        {"derivedIds":%s,"waitSeconds":%s,"orders":[{"name":"%s","buyerId":"%s","testFlag":%s,
                         "lines":[{"products":[{"productId":"web-requests"}]}]}]}"""
                                .formatted(derivedIds, waitSeconds, buyer, buyer, test))
                .json()
                .path("lines")
                .path(0);
    }

    private List<Told> toldOf(JsonNode line) {
        String lineId = line.path("orderLineId").asString("");
        return seller.told().stream()
                .filter(told -> told.json().path("orderLineId").asString("").equals(lineId))
                .toList();
    }

    private List<Told> toldOfInstance(String instance) {
        return seller.told().stream()
                .filter(told -> told.json().path("instanceId").asString("").equals(instance))
                .toList();
    }

    private JsonNode callback(JsonNode line) {
        return gallery.get("/sim/callbacks/" + line.path("callbackId").asLong()).json();
    }

    private JsonNode act(String instance, String action, String fields) {
        return gallery.control(
                        "POST", "/sim/instances/" + instance + "/" + action, "{\"waitSeconds\":20" + fields + "}")
                .json();
    }

    private String verdict(String instance, String begin, String end) {
        String sn = "sn-" + UUID.randomUUID();
        String recorded = gallery.clock.instant().toString();
        gallery.push(List.of(record(instance, sn, begin, end, "1", recorded)));
        return gallery.records().stream()
                .filter(line -> line.contains(sn))
                .map(line -> line.replaceAll("^.*Z,", ""))
                .findAny()
                .orElseThrow();
    }

    @Test
    void new_instance_carries_ids_only_and_a_signature_over_its_bytes() {
        JsonNode line = place(false, false, 20);

        Told told = toldOf(line).get(0);
        assertThat(told.json().propertyNames()).containsExactly("activity", "businessId", "orderId", "orderLineId");
        assertThat(told.activity()).isEqualTo("newInstance");
        assertThat(told.query().keySet()).containsExactlyInAnyOrder("signature", "timestamp", "nonce");
        assertThat(told.query().get("timestamp")).matches("[0-9]{13}");
        assertThat(told.query().get("signature"))
                .isEqualTo(CallbackSignature.of(
                        Gallery.SELLER_KEY,
                        told.query().get("nonce"),
                        told.query().get("timestamp"),
                        told.body().getBytes(UTF_8)));
    }

    @Test
    void a_debugging_order_says_test_flag_1_and_is_never_billed() {
        JsonNode line = place(false, true, 20);
        String instance = line.path("instanceId").asString("");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:05:00Z"));

        assertThat(toldOf(line).get(0).json().path("testFlag").asString("")).isEqualTo("1");
        assertThat(verdict(instance, "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z"))
                .isEqualTo("accepted,");
        assertThat(gallery.lines("/sim/bill.csv")).noneMatch(row -> row.startsWith(instance));
    }

    @Test
    void a_call_is_repeated_with_another_business_id_until_it_is_answered_well() {
        AtomicInteger calls = new AtomicInteger();
        seller.answer(told -> calls.incrementAndGet() < 4
                ? FakeSeller.Answer.of("{\"resultCode\":\"000005\",\"resultMsg\":\"busy\"}")
                : FakeSeller.opensAtOnce(told));

        JsonNode line = place(false, false, 20);

        assertThat(line.path("state").asString("")).isEqualTo("done");
        assertThat(line.path("attempts").asInt()).isEqualTo(4);
        assertThat(toldOf(line).stream()
                        .map(told -> told.json().path("businessId").asString("")))
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    @Test
    void derived_ids_stay_the_same_on_every_call_and_in_every_run() {
        AtomicInteger calls = new AtomicInteger();
        seller.answer(told ->
                calls.incrementAndGet() < 3 ? new FakeSeller.Answer(503, "", "") : FakeSeller.opensAtOnce(told));

        JsonNode line = place(true, false, 20);

        assertThat(toldOf(line).stream()
                        .map(told -> told.json().path("businessId").asString(""))
                        .distinct())
                .containsExactly(DerivedId.businessId(line.path("orderLineId").asString("")));
        assertThat(DerivedId.orderId("buyer one")).isEqualTo("CS80456299E2D3CEEEE76042");
        assertThat(DerivedId.businessId("CS1-000001")).isEqualTo("074b7bf91667fd39ef513a484d7bca39");
    }

    @Test
    void an_answer_without_quotes_around_its_signature_does_not_count() {
        String body = "{\"resultCode\":\"000000\",\"instanceId\":\"i-%s\"}".formatted(buyer);
        seller.answer(told -> new FakeSeller.Answer(200, body, "sign_type=HMAC-SHA256, signature=AAAA"));

        JsonNode line = place(false, false, 1);

        assertThat(line.path("state").asString("")).isEqualTo("pending");
        assertThat(callback(line).path("lastAnswer").asString("")).isEqualTo("Body-Sign NOT_QUOTED");
        assertThat(gallery.get("/sim/instances.csv").body()).doesNotContain("i-" + buyer);
        seller.answer(FakeSeller::opensAtOnce);
        gallery.control("POST", "/sim/callbacks/await?seconds=20", null);
    }

    @Test
    void an_answer_without_or_with_a_wrong_signature_does_not_count() {
        AtomicInteger calls = new AtomicInteger();
        String wrong = "sign_type=\"HMAC-SHA256\", signature=\"AAAA\"";
        seller.answer(told -> switch (calls.incrementAndGet()) {
            case 1 -> new FakeSeller.Answer(200, FakeSeller.opensAtOnce(told).body(), "");
            case 2 -> new FakeSeller.Answer(200, FakeSeller.opensAtOnce(told).body(), wrong);
            default -> FakeSeller.opensAtOnce(told);
        });

        assertThat(place(false, false, 20).path("attempts").asInt()).isEqualTo(3);
    }

    @Test
    void an_asynchronous_opening_is_polled_until_the_instance_is_there() {
        String instance = "async-" + buyer;
        AtomicInteger queries = new AtomicInteger();
        seller.answer(told -> {
            if (told.activity().equals("newInstance")) {
                return FakeSeller.Answer.of("{\"resultCode\":\"000004\",\"instanceId\":\"" + instance + "\"}");
            }
            String info = queries.incrementAndGet() < 3 ? "" : "{\"instanceId\":\"" + instance + "\"}";
            return FakeSeller.Answer.of("{\"resultCode\":\"000000\",\"info\":[" + info + "]}");
        });

        JsonNode line = place(false, false, 20);

        assertThat(line.path("state").asString("")).isEqualTo("done");
        assertThat(line.path("instanceId").asString("")).isEqualTo(instance);
        assertThat(toldOfInstance(instance)).hasSize(3).allMatch(told -> told.activity()
                .equals("queryInstance"));
    }

    @Test
    void a_seller_that_opens_the_same_line_twice_under_two_ids_is_found_out() {
        JsonNode line = place(false, false, 20);
        String first = line.path("instanceId").asString("");
        seller.answer(
                told -> FakeSeller.Answer.of("{\"resultCode\":\"000000\",\"instanceId\":\"second-" + buyer + "\"}"));
        long id = line.path("callbackId").asLong();

        gallery.control("POST", "/sim/callbacks/" + id + "/send-again?waitSeconds=1", null);

        assertThat(callback(line).path("lastAnswer").asString("")).contains("was opened as " + first + " before");
        seller.answer(told -> FakeSeller.Answer.of("{\"resultCode\":\"000000\",\"instanceId\":\"" + first + "\"}"));
        gallery.control("POST", "/sim/callbacks/await?seconds=20", null);
        assertThat(callback(line).path("state").asString("")).isEqualTo("done");
    }

    @Test
    void usage_counts_from_the_first_new_instance_call_to_the_answer_to_release() {
        String instance = place(false, false, 20).path("instanceId").asString("");
        gallery.clock.moveTo(Instant.parse("2026-05-04T10:20:00Z"));
        assertThat(act(instance, "release", "").path("state").asString("")).isEqualTo("done");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:05:00Z"));

        assertThat(toldOfInstance(instance).get(0).activity()).isEqualTo("releaseInstance");
        assertThat(verdict(instance, "2026-05-04T09:29:59Z", "2026-05-04T10:00:00Z"))
                .isEqualTo("rejected,011");
        assertThat(verdict(instance, "2026-05-04T09:30:00Z", "2026-05-04T10:00:00Z"))
                .isEqualTo("accepted,");
        assertThat(verdict(instance, "2026-05-04T10:00:00Z", "2026-05-04T10:20:00Z"))
                .isEqualTo("accepted,");
        assertThat(verdict(instance, "2026-05-04T10:00:00Z", "2026-05-04T10:21:00Z"))
                .isEqualTo("rejected,011");
    }

    @Test
    void usage_while_frozen_is_refused_and_usage_before_and_after_it_is_not() {
        String instance = place(false, false, 20).path("instanceId").asString("");
        gallery.clock.moveTo(Instant.parse("2026-05-04T10:10:00Z"));
        act(instance, "freeze", "");
        gallery.clock.moveTo(Instant.parse("2026-05-04T10:40:00Z"));
        act(instance, "unfreeze", "");
        gallery.clock.moveTo(Instant.parse("2026-05-04T11:05:00Z"));

        assertThat(toldOfInstance(instance).stream()
                        .map(told -> told.json().path("status").asString("")))
                .containsExactly("FREEZE", "UNFREEZE");
        assertThat(verdict(instance, "2026-05-04T10:00:00Z", "2026-05-04T10:10:00Z"))
                .isEqualTo("accepted,");
        assertThat(verdict(instance, "2026-05-04T10:15:00Z", "2026-05-04T10:20:00Z"))
                .isEqualTo("rejected,013");
        assertThat(verdict(instance, "2026-05-04T10:40:00Z", "2026-05-04T11:00:00Z"))
                .isEqualTo("accepted,");
    }

    @Test
    void a_renewal_names_its_own_order_which_can_be_queried() {
        String instance = place(false, false, 20).path("instanceId").asString("");

        act(
                instance,
                "refresh",
                ",\"scene\":\"RENEWAL\",\"name\":\"renewal of %s\",\"expireTime\":\"2026-06-04T00:00:00Z\""
                        .formatted(buyer));

        JsonNode told = toldOfInstance(instance).get(0).json();
        assertThat(told.path("activity").asString("")).isEqualTo("refreshInstance");
        assertThat(told.path("scene").asString("")).isEqualTo("RENEWAL");
        assertThat(told.path("expireTime").asString("")).isEqualTo("20260604000000");
        JsonNode order = gallery.queryOrder(
                        told.path("orderId").asString(""),
                        told.path("orderLineId").asString(""))
                .json()
                .path("orderInfo");
        assertThat(order.path("orderType").asString("")).isEqualTo("RENEW");
        assertThat(order.path("buyerInfo").path("customerId").asString("")).isEqualTo(buyer);
    }

    @Test
    void a_renewal_with_a_change_has_the_product_in_its_order_and_a_change_is_checked_for_one_product() {
        String instance = place(false, false, 20).path("instanceId").asString("");

        act(
                instance,
                "refresh",
                ",\"scene\":\"RENEWAL_CHANGE\",\"name\":\"change of %s\",\"productId\":\"web-plus\",\"expireTime\":\"2026-06-04T00:00:00Z\""
                        .formatted(buyer));
        act(instance, "check-change", ",\"products\":[{\"productId\":\"web-plus\"}]");

        JsonNode refreshed = toldOfInstance(instance).get(0).json();
        assertThat(refreshed.has("productId")).isFalse();
        assertThat(gallery.queryOrder(
                                refreshed.path("orderId").asString(""),
                                refreshed.path("orderLineId").asString(""))
                        .body())
                .contains("\"productInfo\":[{\"productId\":\"web-plus\"}]");
        JsonNode checked = toldOfInstance(instance).get(1).json().path("productInfo");
        assertThat(checked.isObject()).isTrue();
        assertThat(checked.path("productId").asString("")).isEqualTo("web-plus");
        assertThat(checked.has("skuCode")).isTrue();
        assertThat(checked.has("productName")).isTrue();
    }

    @Test
    void an_upgrade_is_tried_once_and_changes_the_product() {
        String instance = place(false, false, 20).path("instanceId").asString("");
        String upgrade = ",\"name\":\"upgrade of %s\",\"products\":[{\"productId\":\"web-egress\"}]".formatted(buyer);
        seller.answer(told -> new FakeSeller.Answer(500, "", ""));

        JsonNode failed = act(instance, "upgrade", upgrade);

        assertThat(failed.path("state").asString("")).isEqualTo("failed");
        assertThat(failed.path("attempts").asInt()).isEqualTo(1);
        seller.answer(FakeSeller::opensAtOnce);
        gallery.control(
                "POST", "/sim/callbacks/" + failed.path("callbackId").asLong() + "/send-again?waitSeconds=20", null);
        assertThat(gallery.get("/sim/instances.csv").body()).contains(instance + "," + buyer + ",web-egress,");
    }

    @Test
    void what_a_seller_says_of_an_instance_can_be_asked_for() {
        String instance = place(false, false, 20).path("instanceId").asString("");
        String info =
                "{\"resultCode\":\"000000\",\"info\":[{\"instanceId\":\"%s\",\"usageInfo\":[{\"usageValue\":\"3.5\"}]}]}"
                        .formatted(instance);
        seller.answer(told -> FakeSeller.Answer.of(info));

        JsonNode queried = gallery.get("/sim/instances/" + instance + "/query").json();

        assertThat(queried.path("usable").asBoolean()).isTrue();
        assertThat(queried.path("answer")
                        .path("info")
                        .path(0)
                        .path("usageInfo")
                        .path(0)
                        .path("usageValue")
                        .asString(""))
                .isEqualTo("3.5");
    }

    @Test
    void calls_about_one_instance_go_out_one_after_the_other() {
        String instance = place(false, false, 20).path("instanceId").asString("");
        AtomicInteger calls = new AtomicInteger();
        seller.answer(told ->
                calls.incrementAndGet() < 5 ? new FakeSeller.Answer(500, "", "") : FakeSeller.opensAtOnce(told));

        gallery.control("POST", "/sim/instances/" + instance + "/freeze", "{}");
        gallery.control("POST", "/sim/instances/" + instance + "/unfreeze", "{}");
        gallery.control("POST", "/sim/callbacks/await?seconds=20", null);

        assertThat(toldOfInstance(instance).stream()
                        .map(told -> told.json().path("status").asString("")))
                .containsExactly("FREEZE", "FREEZE", "FREEZE", "FREEZE", "FREEZE", "UNFREEZE");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_seller_that_falls_for_forged_and_stale_calls_is_found_out(int generation) {
        String instance = gallery.control(
                        "POST",
                        "/sim/orders",
                        "{\"waitSeconds\":20,\"orders\":[{\"name\":\"%s\",\"buyerId\":\"%s\",\"generation\":%d,\"lines\":[{\"products\":[{\"productId\":\"p\"}]}]}]}"
                                .formatted(buyer, buyer, generation))
                .json()
                .path("lines")
                .path(0)
                .path("instanceId")
                .asString("");
        for (String kind : List.of("forged-call", "stale-call", "repeated-call")) {
            gallery.control("POST", "/sim/faults", "{\"target\":\"callback\",\"kind\":\"" + kind + "\"}");
            assertThat(act(instance, "freeze", "").path("state").asString("")).isEqualTo("done");
        }

        List<Told> told = toldOfInstance(instance);
        assertThat(told).hasSize(6);
        String token = generation == 1 ? "authToken" : "signature";
        assertThat(told.get(4).query())
                .as("the identical call")
                .isEqualTo(told.get(5).query());
        assertThat(told.subList(0, 5).stream().map(one -> one.query().get(token)))
                .doesNotHaveDuplicates();
        JsonNode probes = gallery.get("/sim/callbacks/probes?limit=3").json();
        assertThat(probes.valueStream()
                        .map(probe -> probe.path("kind").asString("") + " "
                                + probe.path("answer").asString("") + " "
                                + probe.path("right").asBoolean()))
                .containsExactly("repeated-call 000000 true", "stale-call 000000 false", "forged-call 000000 false");
    }

    @Test
    void a_kind_of_fault_is_of_its_own_target() {
        assertThat(gallery.control("POST", "/sim/faults", "{\"kind\":\"forged-call\"}")
                        .status())
                .isEqualTo(400);
        assertThat(gallery.control("POST", "/sim/faults", "{\"target\":\"callback\",\"kind\":\"reject-later\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_series_of_orders_opens_an_instance_for_each_buyer_and_product() {
        String name = "s" + UUID.randomUUID().toString().substring(0, 8);

        JsonNode placed = gallery.control(
                        "POST",
                        "/sim/orders/series",
                        "{\"name\":\"%s\",\"count\":100,\"products\":[\"web-requests\",\"web-egress\"],\"derivedIds\":true}"
                                .formatted(name))
                .json();
        JsonNode counts =
                gallery.control("POST", "/sim/callbacks/await?seconds=30", null).json();

        assertThat(placed.path("lines").asInt()).isEqualTo(200);
        assertThat(counts.path("pending").asInt()).isZero();
        assertThat(gallery.lines("/sim/instances.csv"))
                .filteredOn(row -> row.contains("," + name + "-"))
                .hasSize(200);
    }
}
