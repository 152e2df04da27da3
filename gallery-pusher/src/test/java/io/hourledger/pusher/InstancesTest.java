package io.hourledger.pusher;

import static io.hourledger.pusher.GalleryPusherTest.order;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestClock;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.instance.Decision;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an app and its buyers see of their instances, over HTTP. */
@Tag("servers")
class InstancesTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
    private static final Instant ELEVEN = NINE.plus(Duration.ofHours(2));
    private static final String SHOP = "the-key-of-the-shop";
    private static final String MAIL = "the-key-of-the-mail";
    private static final String SECRET = "a secret for tokens, of 32 characters or more";
    private static final String OLD_SECRET = "the secret before it, of 32 characters or more";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TestClock clock = new TestClock(NINE);
    private static GalleryStub gallery;
    private static RunningPusher pusher;

    @BeforeAll
    static void start() throws Exception {
        gallery = new GalleryStub();
        pusher = new RunningPusher(
                gallery,
                clock,
                "--hourledger.instances.api-keys[0].name=shop",
                "--hourledger.instances.api-keys[0].sha256=" + sha256(SHOP),
                "--hourledger.instances.api-keys[0].products[0]=web-requests",
                "--hourledger.instances.api-keys[0].products[1]=web-requests-plus",
                "--hourledger.instances.api-keys[1].name=mail",
                "--hourledger.instances.api-keys[1].sha256=" + sha256(MAIL),
                "--hourledger.instances.api-keys[1].products[0]=*",
                "--hourledger.instances.token-secret=" + SECRET,
                "--hourledger.instances.previous-token-secret=" + OLD_SECRET,
                "--hourledger.instances.allowed-origins[0]=https://app.example.com");
        // the aggregator's tables, as it makes them
        Flyway.configure()
                .dataSource(pusher.bean(DataSource.class))
                .schemas("aggregator")
                .defaultSchema("aggregator")
                .locations("filesystem:../billing-aggregator/src/main/resources/db/aggregator")
                .load()
                .migrate();
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    private static String sha256(String key) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
    }

    private static String opened(String product, String buyer) throws Exception {
        String orderId = "CS" + UUID.randomUUID().toString().substring(0, 12);
        gallery.knowsOrder(orderId, order(orderId, product).replace("buyer-1", buyer));
        JsonNode answer = pusher.call("{\"activity\":\"newInstance\",\"businessId\":\"" + UUID.randomUUID()
                + "\",\"orderId\":\"" + orderId + "\",\"orderLineId\":\"" + orderId + "-000001\"}");
        assertThat(answer.get("resultCode").asString()).isEqualTo("000000");
        return answer.get("instanceId").asString();
    }

    private static void metered(String instance, Instant hour, String amount) {
        Decision decision = pusher.bean(Ledger.class)
                .handle(new MeterHour(
                        new InstanceId(instance),
                        new UsageHour(hour),
                        0,
                        new CountedBy("requests", 1),
                        new BigDecimal(amount),
                        new EventSpan(3, hour, hour),
                        new LogPosition(0, 0, 2),
                        hour.plus(Duration.ofMinutes(62))));
        assertThat(decision).isInstanceOf(Decision.Done.class);
    }

    private static HttpResponse<String> send(String method, String path, String bearer, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + pusher.port() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode get(String path, String bearer) throws Exception {
        HttpResponse<String> answer = send("GET", path, bearer);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static String refusal(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        return JSON.readTree(answer.body()).get("code").asString();
    }

    private static List<String> listed(String query, String bearer) throws Exception {
        List<String> ids = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = get("/v1/instances?" + query + after, bearer);
            page.get("instances").forEach(one -> ids.add(one.get("instanceId").asString()));
            after = page.get("next").isNull()
                    ? ""
                    : "&after=" + page.get("next").asString();
        } while (!after.isEmpty());
        return ids;
    }

    @Test
    void pages_of_a_list_have_each_instance_of_the_apps_products_once_by_product_buyer_and_state() throws Exception {
        String buyer = "buyer-" + UUID.randomUUID();
        TreeSet<String> requests = new TreeSet<>();
        for (int i = 0; i < 5; i++) {
            requests.add(opened("web-requests", buyer));
        }
        String plus = opened("web-requests-plus", buyer);
        String egress = opened("web-egress", buyer);
        String frozen = requests.first();
        pusher.call("{\"activity\":\"updateInstanceStatus\",\"instanceId\":\"" + frozen + "\",\"status\":\"FREEZE\"}");
        await().untilAsserted(() ->
                assertThat(listed("buyer=" + buyer + "&state=frozen", MAIL)).containsExactly(frozen));
        await().untilAsserted(() -> assertThat(listed("buyer=" + buyer, MAIL)).hasSize(7));

        for (int limit = 1; limit <= 7; limit++) {
            assertThat(listed("limit=" + limit + "&buyer=" + buyer, SHOP))
                    .as("limit " + limit)
                    .doesNotHaveDuplicates()
                    .containsAll(requests)
                    .contains(plus)
                    .hasSize(6);
            assertThat(listed("limit=" + limit + "&product=web-requests", MAIL))
                    .as("limit " + limit)
                    .doesNotHaveDuplicates()
                    .containsAll(requests)
                    .doesNotContain(plus, egress);
            assertThat(listed("limit=" + limit + "&state=active", MAIL))
                    .as("limit " + limit)
                    .doesNotHaveDuplicates()
                    .contains(plus, egress)
                    .doesNotContain(frozen);
        }
        assertThat(listed("product=web-egress", SHOP)).isEmpty();
        assertThat(listed("account=another", MAIL)).isEmpty();
        assertThat(listed("account=default&buyer=" + buyer, MAIL)).hasSize(7);
        assertThat(get("/v1/instances/" + frozen, SHOP).get("state").asString()).isEqualTo("frozen");
    }

    @Test
    void an_instance_is_shown_from_the_moment_in_which_it_is_open() throws Exception {
        String instance = opened("web-requests", "buyer-1");
        JsonNode shown = get("/v1/instances/" + instance, SHOP);
        assertThat(shown.get("productId").asString()).isEqualTo("web-requests");
        assertThat(shown.get("buyerId").asString()).isEqualTo("buyer-1");
        assertThat(shown.get("account").asString()).isEqualTo("default");
        assertThat(shown.get("state").asString()).isEqualTo("active");
        assertThat(shown.get("openedAt").asString()).isEqualTo(NINE.toString());
        assertThat(shown.get("releasedAt").isNull()).isTrue();
        assertThat(shown.get("appInfo").get("from").asString()).isEqualTo("nobody");
    }

    @Test
    void usage_shows_closed_hours_with_their_records_and_open_ones_as_provisional() throws Exception {
        String instance = opened("web-requests", "buyer-1");
        metered(instance, NINE, "12.5");
        metered(instance, NINE.plus(Duration.ofHours(1)), "7");
        JdbcClient jdbc = pusher.bean(JdbcClient.class);
        jdbc.sql(
                        """
                        insert into aggregator.partition_position (partition, checkpoint, next_offset, consumed, counted, duplicates, quarantined)
                        values (3, 1, 100, 100, 100, 0, 0) on conflict do nothing""")
                .update();
        for (int number = 0; number < 3; number++) {
            jdbc.sql(
                            """
                            insert into aggregator.bucket (partition, hour, instance, meter, raw_total, events, first_event_at,
                                                           last_event_at, first_offset, last_offset)
                            values (3, :hour, :instance, 'requests', :total, 17, :hour, :hour, 0, 99)""")
                    .param("hour", NINE.plus(Duration.ofHours(number)).atOffset(ZoneOffset.UTC))
                    .param("instance", instance)
                    .param("total", number + 17)
                    .update();
        }
        clock.moveTo(ELEVEN.plus(Duration.ofMinutes(30)));
        try {
            await().untilAsserted(() -> {
                JsonNode usage = get("/v1/instances/" + instance + "/usage", SHOP);
                JsonNode closed = usage.get("closedHours");
                assertThat(closed).hasSize(2);
                assertThat(closed.get(0).get("hour").asString())
                        .isEqualTo(NINE.plus(Duration.ofHours(1)).toString());
                assertThat(closed.get(1).get("amount").asString()).isEqualTo("12.5");
                JsonNode record = closed.get(1).get("records").get(0);
                assertThat(record.get("state").asString()).isEqualTo("reported");
                assertThat(record.get("amount").asString()).isEqualTo("12.5");
                assertThat(record.get("begin").asString()).isEqualTo(NINE.toString());
                JsonNode open = usage.get("openHours");
                assertThat(open).hasSize(1);
                assertThat(open.get(0).get("hour").asString()).isEqualTo(ELEVEN.toString());
                assertThat(open.get(0).get("provisional").asBoolean()).isTrue();
                assertThat(open.get(0).get("amount").asString()).isEqualTo("19");
                assertThat(usage.get("totals").get("reported").asString()).isEqualTo("19.5");
                assertThat(usage.get("unit").asString()).isEqualTo("requests");
            });
            JsonNode newest = get("/v1/instances/" + instance + "/usage?limit=1", SHOP);
            assertThat(newest.get("closedHours")).hasSize(1);
            JsonNode before = get(
                    "/v1/instances/" + instance + "/usage?limit=1&before="
                            + newest.get("next").asString(),
                    SHOP);
            assertThat(before.get("closedHours").get(0).get("hour").asString()).isEqualTo(NINE.toString());
            assertThat(before.get("next").isNull()).isTrue();
            assertThat(before.get("openHours")).isNull();
        } finally {
            clock.moveTo(NINE);
        }
    }

    @Test
    void what_belongs_to_another_app_is_answered_as_what_is_not_there() throws Exception {
        String foreign = opened("web-egress", "buyer-1");
        for (String path : List.of("", "/usage")) {
            HttpResponse<String> ofAnother = send("GET", "/v1/instances/" + foreign + path, SHOP);
            HttpResponse<String> ofNobody = send("GET", "/v1/instances/" + UUID.randomUUID() + path, SHOP);
            assertThat(refusal(ofAnother, 404)).isEqualTo("instance_not_found");
            assertThat(ofAnother.body().replaceAll("[0-9a-f-]{36}", ""))
                    .isEqualTo(ofNobody.body().replaceAll("[0-9a-f-]{36}", ""));
        }
        assertThat(refusal(send("POST", "/v1/instances/" + foreign + "/usage-token", SHOP), 404))
                .isEqualTo("instance_not_found");
    }

    @Test
    void a_token_reads_the_usage_of_its_instance_and_nothing_else() throws Exception {
        String instance = opened("web-requests", "buyer-1");
        String other = opened("web-requests", "buyer-2");
        HttpResponse<String> issued = send("POST", "/v1/instances/" + instance + "/usage-token?expires-in=60", SHOP);
        assertThat(issued.statusCode()).isEqualTo(200);
        assertThat(issued.headers().firstValue("Cache-Control")).contains("no-store");
        String token = JSON.readTree(issued.body()).get("token").asString();

        assertThat(get("/v1/instances/" + instance + "/usage", token)
                        .get("instanceId")
                        .asString())
                .isEqualTo(instance);
        assertThat(refusal(send("GET", "/v1/instances/" + other + "/usage", token), 404))
                .isEqualTo("instance_not_found");
        assertThat(refusal(send("GET", "/v1/instances/" + instance, token), 401))
                .isEqualTo("unauthorized");
        assertThat(refusal(send("GET", "/v1/instances", token), 401)).isEqualTo("unauthorized");
        assertThat(refusal(send("POST", "/v1/instances/" + instance + "/usage-token", token), 401))
                .isEqualTo("unauthorized");
        for (int i = 0; i < token.length(); i++) {
            String forged = token.substring(0, i) + (token.charAt(i) == 'x' ? 'y' : 'x') + token.substring(i + 1);
            assertThat(send("GET", "/v1/instances/" + instance + "/usage", forged)
                            .statusCode())
                    .as("changed at " + i)
                    .isEqualTo(401);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/v1/instances,'',401,unauthorized",
        "GET,/v1/instances,guessed,401,unauthorized",
        "GET,/v1/instances?state=gone,mail,400,invalid_state",
        "GET,/v1/instances?limit=0,mail,400,invalid_limit",
        "GET,/v1/instances?limit=201,mail,400,invalid_limit",
        "GET,/v1/instances?limit=many,mail,400,bad_request",
        "GET,/v1/instances?after=nonsense,mail,400,invalid_cursor",
        "GET,/v1/instances?buyer=%00,mail,400,invalid_filter",
        "GET,/v1/instances/%00,mail,400,bad_request",
        "GET,/v1/instances/i/usage?before=x,mail,400,invalid_cursor",
        "GET,/v1/instances/i/usage?before=Kzk5OTk5OS0wMS0wMVQwMDowMDowMFoKMA,mail,400,invalid_cursor",
        "GET,/v1/instances/i/usage?limit=999,mail,400,invalid_limit",
        "POST,/v1/instances/i/usage-token?expires-in=3601,mail,400,invalid_expiry",
        "POST,/v1/instances/i/usage-token?expires-in=0,mail,400,invalid_expiry",
        "DELETE,/v1/instances/i,mail,405,method_not_allowed",
        "GET,/v1/instances/i/nothing,mail,404,not_found"
    })
    void every_refusal_is_a_problem_with_a_code(String method, String path, String key, int status, String code)
            throws Exception {
        assertThat(refusal(send(method, path, key.equals("mail") ? MAIL : key), status))
                .isEqualTo(code);
    }

    @Test
    void pages_of_an_allowed_origin_may_read_usage_and_no_others_anything() throws Exception {
        String instance = opened("web-requests", "buyer-1");
        String usage = "/v1/instances/" + instance + "/usage";
        String[] preflight = {"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization"
        };
        HttpResponse<String> asked = send("OPTIONS", usage, "", with("https://app.example.com", preflight));
        assertThat(asked.statusCode()).isEqualTo(204);
        assertThat(asked.headers().firstValue("Access-Control-Allow-Origin")).contains("https://app.example.com");
        assertThat(asked.headers().firstValue("Access-Control-Allow-Headers")).contains("Authorization");
        assertThat(asked.headers().firstValue("Access-Control-Allow-Credentials"))
                .isEmpty();
        assertThat(refusal(send("OPTIONS", usage, "", with("https://evil.example.com", preflight)), 403))
                .isEqualTo("origin_not_allowed");
        assertThat(refusal(send("OPTIONS", "/v1/instances", "", with("https://app.example.com", preflight)), 403))
                .isEqualTo("origin_not_allowed");

        HttpResponse<String> read = send("GET", usage, SHOP, "Origin", "https://app.example.com");
        assertThat(read.headers().firstValue("Access-Control-Allow-Origin")).contains("https://app.example.com");
        assertThat(read.headers().firstValue("Vary")).contains("Origin");
        assertThat(send("GET", usage, SHOP, "Origin", "https://evil.example.com")
                        .headers()
                        .firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
    }

    private static String[] with(String origin, String... more) {
        List<String> headers = new ArrayList<>(List.of("Origin", origin));
        headers.addAll(List.of(more));
        return headers.toArray(String[]::new);
    }
}
