package io.hourledger.simulator.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.FakeSeller;
import io.hourledger.simulator.FakeSeller.Told;
import io.hourledger.simulator.Gallery;
import io.hourledger.simulator.SharedGallery;
import io.hourledger.simulator.signing.EncryptedField;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Products that are sold with callbacks V1.0, koogallery.md, section 4.5. */
@Tag("servers")
class FirstGenerationTest {

    private final Gallery gallery = SharedGallery.GALLERY;
    private final FakeSeller seller = SharedGallery.SELLER;
    private final String buyer = "买家 & co-" + UUID.randomUUID();

    @BeforeEach
    void time() {
        gallery.clock.moveTo(Instant.parse("2026-05-04T09:30:00Z"));
    }

    private Gallery.Answer place(String lines, String more) {
        return gallery.control(
                "POST",
                "/sim/orders",
                "{\"waitSeconds\":20,\"orders\":[{\"name\":\"%s\",\"buyerId\":\"%s\",\"generation\":1,\"lines\":[%s]%s}]}"
                        .formatted(buyer, buyer, lines, more));
    }

    private JsonNode opened(String more) {
        return place("{\"products\":[{\"productId\":\"web-requests\"}]}", more)
                .json()
                .path("lines")
                .path(0);
    }

    private Gallery.Answer act(String instance, String action, String fields) {
        return gallery.control(
                "POST", "/sim/instances/" + instance + "/" + action, "{\"waitSeconds\":20" + fields + "}");
    }

    private List<Told> toldOf(String instance) {
        return seller.told().stream()
                .filter(told -> instance.equals(told.query().get("instanceId"))
                        || instance.equals(told.query().get("businessId")))
                .toList();
    }

    @Test
    void an_order_is_told_in_the_call_and_signed_by_its_parameters() throws Exception {
        JsonNode line = opened("");
        assertThat(line.path("state").asString("")).isEqualTo("done");
        Told told = toldOf(line.path("instanceId").asString("")).getFirst();
        assertThat(told.body()).isEmpty();
        assertThat(told.query())
                .containsEntry("activity", "newInstance")
                .containsEntry("orderId", line.path("orderId").asString(""))
                .containsEntry("productId", "web-requests")
                .containsEntry("customerId", buyer)
                .doesNotContainKeys("orderLineId", "testFlag", "signature");
        assertThat(EncryptedField.read(
                        Gallery.SELLER_KEY,
                        EncryptedField.Type.AES256,
                        told.query().get("email")))
                .contains(buyer + "@example.com");
        assertThat(told.query().get("timeStamp")).matches("[0-9]{17}");
        assertThat(told.query()).containsEntry("authToken", token(told));
    }

    private static String token(Told told) throws Exception {
        Map<String, String> others = new TreeMap<>(told.query());
        others.remove("authToken");
        String text = others.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                .collect(Collectors.joining("&"));
        Mac mac = Mac.getInstance("HmacSHA256");
        String key = Gallery.SELLER_KEY + told.query().get("timeStamp");
        mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(UTF_8)));
    }

    @Test
    void every_call_of_the_first_generation_is_sent_under_its_own_names() {
        String instance = opened(",\"testFlag\":true").path("instanceId").asString("");
        act(instance, "freeze", "");
        act(instance, "unfreeze", "");
        act(instance, "expire", "");
        act(
                instance,
                "refresh",
                ",\"scene\":\"TRIAL_TO_FORMAL\",\"name\":\"r-%s\",\"expireTime\":\"2027-05-04T09:30:00Z\",\"productId\":\"p-2\""
                        .formatted(buyer));
        act(instance, "upgrade", ",\"name\":\"u-%s\",\"products\":[{\"productId\":\"p-3\"}]".formatted(buyer));
        gallery.get("/sim/instances/" + instance + "/query");
        act(instance, "release", "");

        List<Told> told = toldOf(instance);
        assertThat(told)
                .extracting(Told::activity)
                .containsExactly(
                        "newInstance",
                        "instanceStatus",
                        "instanceStatus",
                        "expireInstance",
                        "refreshInstance",
                        "upgrade",
                        "queryInstance",
                        "releaseInstance");
        assertThat(told).allSatisfy(one -> assertThat(one.query()).containsEntry("testFlag", "1"));
        assertThat(told.get(1).query()).containsEntry("instanceStatus", "FREEZE");
        assertThat(told.get(2).query()).containsEntry("instanceStatus", "NORMAL");
        assertThat(told.get(3).query()).containsKey("orderId");
        assertThat(told.get(4).query())
                .containsEntry("trialToFormal", "1")
                .containsEntry("productId", "p-2")
                .containsEntry("expireTime", "20270504093000")
                .doesNotContainKeys("scene", "orderLineId");
        assertThat(told.get(5).query())
                .containsEntry("productId", "p-3")
                .containsEntry("skuCode", "p-3")
                .containsKey("orderId");
    }

    @Test
    void what_a_generation_does_not_have_is_not_sent() {
        String first = opened("").path("instanceId").asString("");
        assertThat(act(first, "check-change", ",\"products\":[{\"productId\":\"p-3\"}]")
                        .status())
                .isEqualTo(409);
        String second = gallery.control(
                        "POST",
                        "/sim/orders",
                        "{\"waitSeconds\":20,\"orders\":[{\"name\":\"2-%s\",\"buyerId\":\"b\",\"lines\":[{\"products\":[{\"productId\":\"p\"}]}]}]}"
                                .formatted(buyer))
                .json()
                .path("lines")
                .path(0)
                .path("instanceId")
                .asString("");
        assertThat(act(second, "expire", "").status()).isEqualTo(409);
    }

    @Test
    void items_that_the_first_generation_cannot_tell_apart_are_not_ordered() {
        assertThat(place("{\"products\":[{\"productId\":\"a\"},{\"productId\":\"b\"}]}", "")
                        .status())
                .isEqualTo(400);
        assertThat(place("{\"products\":[{\"productId\":\"a\"}]},{\"products\":[{\"productId\":\"a\"}]}", "")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void query_order_knows_no_order_of_the_first_generation() {
        JsonNode line = opened("");
        assertThat(gallery.queryOrder(
                                line.path("orderId").asString(""),
                                line.path("orderLineId").asString(""))
                        .code())
                .isNotEqualTo("MKT.0000");
    }

    @Test
    void an_account_of_the_app_that_can_be_read_on_the_way_is_no_answer() {
        String instance = opened("").path("instanceId").asString("");
        String answer =
                "{\"resultCode\":\"000000\",\"encryptType\":\"2\",\"info\":[{\"instanceId\":\"i\",\"appInfo\":{\"userName\":\"%s\"}}]}";
        seller.answer(told -> FakeSeller.Answer.of(answer.formatted("admin")));
        assertThat(gallery.get("/sim/instances/" + instance + "/query").body()).contains("userName is not encrypted");
        String encrypted = EncryptedField.write(Gallery.SELLER_KEY, EncryptedField.Type.AES128, "admin");
        seller.answer(told -> FakeSeller.Answer.of(answer.formatted(encrypted)));
        assertThat(gallery.get("/sim/instances/" + instance + "/query")
                        .json()
                        .path("usable")
                        .asBoolean())
                .isTrue();
        seller.answer(FakeSeller::opensAtOnce);
    }
}
