package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.IvParameterSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an app says of its instances reaches the marketplace, and what is told until then. */
@Tag("servers")
@ExtendWith(OutputCaptureExtension.class)
class AppInfoTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    private static final String KEY = "the-key-of-the-shop";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static GalleryStub gallery;
    private static RunningPusher plain;
    private static RunningPusher waiting;
    private static final TestClock clock = new TestClock(NINE);

    @BeforeAll
    static void start() throws Exception {
        gallery = new GalleryStub();
        plain = new RunningPusher(
                gallery,
                new TestClock(NINE),
                "--hourledger.instances.api-keys[0].name=shop",
                "--hourledger.instances.api-keys[0].sha256=" + sha256(KEY),
                "--hourledger.instances.api-keys[0].products[0]=web-requests",
                "--hourledger.app-info.templates[0].products[0]=web-egress",
                "--hourledger.app-info.templates[0].front-end-url=https://app.example.com/i/{instanceId}?buyer={buyerId}",
                "--hourledger.app-info.templates[0].memo=order {orderId}");
        waiting = new RunningPusher(
                gallery,
                clock,
                "--hourledger.instances.api-keys[0].name=shop",
                "--hourledger.instances.api-keys[0].sha256=" + sha256(KEY),
                "--hourledger.instances.api-keys[0].products[0]=*",
                "--hourledger.app-info.wait-for-app=true",
                "--hourledger.app-info.templates[0].products[0]=*",
                "--hourledger.app-info.templates[0].front-end-url=https://app.example.com/i/{instanceId}");
    }

    @AfterAll
    static void stop() {
        plain.close();
        waiting.close();
        gallery.close();
    }

    private static String opened(RunningPusher pusher, String product) throws Exception {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        gallery.knowsOrder(orderId, order(orderId, product));
        JsonNode answer = pusher.call(newInstance(orderId));
        assertThat(answer.get("resultCode").asString()).isIn("000000", "000004");
        return answer.get("instanceId").asString();
    }

    private static String newInstance(String orderId) {
        return "{\"activity\":\"newInstance\",\"businessId\":\"" + UUID.randomUUID() + "\",\"orderId\":\"" + orderId
                + "\",\"orderLineId\":\"" + orderId + "-000001\"}";
    }

    private static JsonNode query(RunningPusher pusher, String instanceId) throws Exception {
        return pusher.call("{\"activity\":\"queryInstance\",\"instanceId\":\"" + instanceId + "\"}");
    }

    private static HttpResponse<String> put(RunningPusher pusher, String instanceId, String key, String body)
            throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(
                                "http://localhost:" + pusher.port() + "/v1/instances/" + instanceId + "/app-info"))
                        .timeout(Duration.ofSeconds(30))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String sha256(String key) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
    }

    private static String code(HttpResponse<String> problem) {
        assertThat(problem.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        return JSON.readTree(problem.body()).get("code").asString();
    }

    /** As the marketplace's sample does it. */
    private static String decrypted(String field) throws Exception {
        SecureRandom seeded = SecureRandom.getInstance("SHA1PRNG");
        seeded.setSeed(GalleryStub.KEY.getBytes(UTF_8));
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(256, seeded);
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                generator.generateKey(),
                new IvParameterSpec(field.substring(0, 16).getBytes(UTF_8)));
        return new String(cipher.doFinal(Base64.getDecoder().decode(field.substring(16))), UTF_8);
    }

    @Test
    void what_an_app_says_is_told_with_its_account_encrypted_and_its_memo_in_ascii(CapturedOutput log)
            throws Exception {
        String instance = opened(plain, "web-requests");
        assertThat(query(plain, instance).get("info").get(0).get("appInfo"))
                .as("nothing is said yet")
                .isNull();

        assertThat(put(
                                plain,
                                instance,
                                KEY,
                                "{\"frontEndUrl\":\"https://shop.example.com/login\",\"adminUrl\":\"https://shop.example.com/admin\","
                                        + "\"userName\":\"anna@buyer.example\",\"password\":\"s3cret-Passwort\",\"memo\":\"欢迎\"}")
                        .statusCode())
                .isEqualTo(204);

        JsonNode appInfo = query(plain, instance).get("info").get(0).get("appInfo");
        assertThat(appInfo.get("frontEndUrl").asString()).isEqualTo("https://shop.example.com/login");
        assertThat(appInfo.get("adminUrl").asString()).isEqualTo("https://shop.example.com/admin");
        assertThat(appInfo.get("memo").asString()).isEqualTo("欢迎");
        assertThat(decrypted(appInfo.get("userName").asString())).isEqualTo("anna@buyer.example");
        assertThat(decrypted(appInfo.get("password").asString())).isEqualTo("s3cret-Passwort");
        byte[] answer = plain.bean(JdbcClient.class)
                .sql("select answer from pusher.callback where activity = 'queryInstance' order by id desc limit 1")
                .query(byte[].class)
                .single();
        assertThat(new String(answer, UTF_8)).contains("\\u6B22\\u8FCE").doesNotContain("s3cret");
        assertThat(plain.bean(JdbcClient.class)
                        .sql("select app_info::text from pusher.app_info")
                        .query(String.class)
                        .list())
                .noneMatch(row -> row.contains("anna@buyer.example") || row.contains("s3cret"));
        assertThat(log.getAll()).doesNotContain("s3cret-Passwort").doesNotContain("anna@buyer.example");
    }

    @Test
    void the_newest_word_of_the_app_is_told() throws Exception {
        String instance = opened(plain, "web-requests");
        put(plain, instance, KEY, "{\"frontEndUrl\":\"https://a.example.com\",\"userName\":\"anna\"}");
        put(plain, instance, KEY, "{\"frontEndUrl\":\"https://b.example.com\"}");
        JsonNode appInfo = query(plain, instance).get("info").get(0).get("appInfo");
        assertThat(appInfo.get("frontEndUrl").asString()).isEqualTo("https://b.example.com");
        assertThat(appInfo.get("userName")).isNull();
    }

    @Test
    void a_new_instance_is_answered_at_once_with_the_template_of_its_product() throws Exception {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        gallery.knowsOrder(orderId, order(orderId, "web-egress"));
        JsonNode answer = plain.call(newInstance(orderId));
        assertThat(answer.get("resultCode").asString()).isEqualTo("000000");
        assertThat(answer.get("appInfo").get("frontEndUrl").asString())
                .isEqualTo(
                        "https://app.example.com/i/" + answer.get("instanceId").asString() + "?buyer=buyer-1");
        assertThat(answer.get("appInfo").get("memo").asString()).isEqualTo("order " + orderId);
    }

    @Test
    void what_the_marketplace_would_not_take_is_refused_by_name_and_never_repeated() throws Exception {
        String instance = opened(plain, "web-requests");
        for (String body : new String[] {
            "{}",
            "[]",
            "{\"frontEndUrl\":\"ftp://app.example.com\"}",
            "{\"frontEndUrl\":\"https://user:pass@app.example.com\"}",
            "{\"frontEndUrl\":\"https://app.example.com/\",\"frontEndUrl\":\"https://b.example.com/\"}",
            "{\"frontEndUrl\":\"https://app.example.com/\",\"colour\":\"s3cret\"}",
            "{\"frontEndUrl\":\"https://app.example.com/\",\"password\":\"s3cret\"}",
            "{\"frontEndUrl\":\"https://app.example.com/\",\"userName\":\"s3cret\\u0000\"}",
            "{\"frontEndUrl\":\"https://app.example.com/\",\"userName\":\"" + "s3cret".repeat(14) + "\"}",
            "{\"frontEndUrl\":\"https://app.example.com/\",\"memo\":\"" + "欢".repeat(171) + "\"}",
            "{\"frontEndUrl\":\"https://app.example.com/" + "x".repeat(500) + "\"}"
        }) {
            HttpResponse<String> refused = put(plain, instance, KEY, body);
            assertThat(refused.statusCode()).as(body).isEqualTo(400);
            assertThat(code(refused)).isEqualTo("invalid_app_info");
            assertThat(refused.body()).doesNotContain("s3cret");
        }
        assertThat(query(plain, instance).get("info").get(0).get("appInfo")).isNull();
        HttpResponse<String> tooLarge =
                put(plain, instance, KEY, "{\"frontEndUrl\":\"https://a.example.com\"}" + " ".repeat(20_000));
        assertThat(tooLarge.statusCode()).isEqualTo(413);
        assertThat(code(tooLarge)).isEqualTo("body_too_large");
    }

    @Test
    void an_account_of_79_bytes_fits_into_the_marketplaces_128_characters() throws Exception {
        String instance = opened(plain, "web-requests");
        put(
                plain,
                instance,
                KEY,
                "{\"frontEndUrl\":\"https://a.example.com\",\"userName\":\"" + "u".repeat(79) + "\"}");
        String userName = query(plain, instance)
                .get("info")
                .get(0)
                .get("appInfo")
                .get("userName")
                .asString();
        assertThat(userName).hasSizeLessThanOrEqualTo(128);
        assertThat(decrypted(userName)).isEqualTo("u".repeat(79));
    }

    @Test
    void nobody_but_the_app_of_the_product_may_describe_an_instance() throws Exception {
        String foreign = opened(plain, "web-egress");
        String body = "{\"frontEndUrl\":\"https://evil.example.com\"}";
        HttpResponse<String> ofAnotherApp = put(plain, foreign, KEY, body);
        assertThat(ofAnotherApp.statusCode()).isEqualTo(404);
        HttpResponse<String> ofNobody = put(plain, UUID.randomUUID().toString(), KEY, body);
        assertThat(ofNobody.statusCode()).isEqualTo(404);
        assertThat(ofNobody.body().replaceAll("[0-9a-f-]{36}", ""))
                .as("it says nothing of whether there is one")
                .isEqualTo(ofAnotherApp.body().replaceAll("[0-9a-f-]{36}", ""));
        assertThat(put(plain, foreign, "guessed", body).statusCode()).isEqualTo(401);
        assertThat(put(plain, foreign, RunningPusher.TOKEN, body).statusCode()).isEqualTo(401);
    }

    @Test
    void the_marketplace_is_told_to_ask_again_until_the_app_has_said_where_to_log_in() throws Exception {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        JsonNode first = waiting.call(newInstance(orderId));
        assertThat(first.get("resultCode").asString()).isEqualTo("000004");
        String instance = first.get("instanceId").asString();
        assertThat(query(waiting, instance).get("resultCode").asString()).isEqualTo("000004");
        assertThat(waiting.call(newInstance(orderId)).get("resultCode").asString())
                .isEqualTo("000004");

        put(waiting, instance, KEY, "{\"frontEndUrl\":\"https://shop.example.com\"}");

        JsonNode queried = query(waiting, instance);
        assertThat(queried.get("resultCode").asString()).isEqualTo("000000");
        assertThat(queried.get("info").get(0).get("appInfo").get("frontEndUrl").asString())
                .isEqualTo("https://shop.example.com");
        JsonNode again = waiting.call(newInstance(orderId));
        assertThat(again.get("resultCode").asString()).isEqualTo("000000");
        assertThat(again.get("appInfo").get("frontEndUrl").asString()).isEqualTo("https://shop.example.com");
    }

    @Test
    void an_app_that_says_nothing_is_an_alarm_and_the_template_ends_it_before_the_marketplace_gives_up()
            throws Exception {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        gallery.knowsOrder(orderId, order(orderId, "web-requests"));
        String instance = waiting.call(newInstance(orderId)).get("instanceId").asString();
        clock.move(Duration.ofMinutes(119));
        assertThat(waiting.call(newInstance(orderId)).get("resultCode").asString())
                .isEqualTo("000004");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(awaitedSeconds()).isGreaterThanOrEqualTo(119 * 60));

        clock.move(Duration.ofMinutes(1));

        JsonNode told = waiting.call(newInstance(orderId));
        assertThat(told.get("resultCode").asString()).isEqualTo("000000");
        assertThat(told.get("appInfo").get("frontEndUrl").asString())
                .isEqualTo("https://app.example.com/i/" + instance);
        assertThat(query(waiting, instance).get("resultCode").asString()).isEqualTo("000000");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(awaitedSeconds()).isZero());
        assertThat(waiting.bean(JdbcClient.class)
                        .sql("select ended_by from pusher.awaited_app_info where instance_id = :id")
                        .param("id", instance)
                        .query(String.class)
                        .single())
                .isEqualTo("template");
    }

    private static double awaitedSeconds() throws Exception {
        return waiting.get("/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("app_info_awaited_age_seconds"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    /** Then the app must put it again; nobody is told a wrong account. */
    @Test
    void an_account_is_not_told_under_another_seller_key_and_the_address_is() throws Exception {
        TestDatabase.Address database = TestDatabase.freshAddress();
        String[] settings = {
            "--hourledger.instances.api-keys[0].name=shop",
            "--hourledger.instances.api-keys[0].sha256=" + sha256(KEY),
            "--hourledger.instances.api-keys[0].products[0]=*"
        };
        String instance;
        try (RunningPusher first = new RunningPusher(database, gallery, new TestClock(NINE), settings)) {
            instance = opened(first, "web-requests");
            put(first, instance, KEY, "{\"frontEndUrl\":\"https://shop.example.com\",\"userName\":\"anna\"}");
            first.bean(JdbcClient.class)
                    .sql("update pusher.app_info set user_name = set_byte(user_name, 20, get_byte(user_name, 20) # 1)")
                    .update();
            JsonNode appInfo = query(first, instance).get("info").get(0).get("appInfo");
            assertThat(appInfo.get("frontEndUrl").asString()).isEqualTo("https://shop.example.com");
            assertThat(appInfo.get("userName")).isNull();
        }
    }

    @Test
    void waiting_without_a_template_that_ends_it_stops_the_start() {
        assertThatThrownBy(() ->
                        new RunningPusher(gallery, new TestClock(NINE), "--hourledger.app-info.wait-for-app=true"))
                .rootCause()
                .hasMessageContaining("needs a template for the product *");
    }
}
