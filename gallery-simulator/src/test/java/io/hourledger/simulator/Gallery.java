package io.hourledger.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running simulator with a database of its own and a clock that a test sets, spoken to over HTTP as a seller and as an operator. */
public final class Gallery implements AutoCloseable {

    public static final String SELLER_KEY = "seller-key-of-the-tests";
    public static final String ACCESS_KEY = "AKAKAKAKAKAKAKAKAKAK";
    public static final String SECRET_KEY = "SKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSK";
    public static final String OPERATOR = "operator-token-of-the-tests";

    private static final String PUSH = "/api/mkp-openapi-public/global/v1/isv/usage-data";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final TestDatabase.Address address;
    private final Map<String, String> settings;
    private final HttpClient http = HttpClient.newHttpClient();
    public final TestClock clock;
    private ConfigurableApplicationContext context;

    /** An answer to a call. */
    public record Answer(int status, String body, java.net.http.HttpHeaders headers) {

        public String code() {
            return JSON.readTree(body).path("error_code").asString("");
        }

        public JsonNode json() {
            return JSON.readTree(body);
        }
    }

    public Gallery(String now, Map<String, String> settings) {
        this(TestDatabase.freshAddress(), new TestClock(Instant.parse(now)), settings);
    }

    private Gallery(TestDatabase.Address address, TestClock clock, Map<String, String> settings) {
        this.address = address;
        this.clock = clock;
        this.settings = settings;
        this.context = start();
    }

    private ConfigurableApplicationContext start() {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.datasource.url=" + address.jdbcUrl(),
                "--spring.datasource.username=" + address.user(),
                "--spring.datasource.password=" + address.password(),
                "--hourledger.operator-token=" + OPERATOR,
                "--hourledger.simulator.seller-key=" + SELLER_KEY,
                "--hourledger.simulator.access-key=" + ACCESS_KEY,
                "--hourledger.simulator.secret-key=" + SECRET_KEY,
                "--hourledger.simulator.calls-per-second=1000",
                "--hourledger.simulator.callbacks.retry-every=50ms",
                "--hourledger.simulator.callbacks.poll-every=50ms"));
        settings.forEach((name, value) -> arguments.add("--" + name + "=" + value));
        ApplicationContextInitializer<ConfigurableApplicationContext> clockFirst = starting ->
                ((GenericApplicationContext) starting).registerBean("businessClock", Clock.class, () -> clock);
        SpringApplicationBuilder application = GallerySimulator.application().initializers(clockFirst);
        return application.run(arguments.toArray(String[]::new));
    }

    /** Stops it and starts it again on the same database. */
    public void restart() {
        context.close();
        context = start();
    }

    public javax.sql.DataSource database() {
        return context.getBean(javax.sql.DataSource.class);
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    private String base() {
        return "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
    }

    // ---- as a seller

    /** A record as it is sent; begin, end and record time in ISO form. */
    public static Map<String, Object> record(
            String instanceId, String sn, String begin, String end, String value, String recordTime) {
        Map<String, Object> fields = new java.util.TreeMap<>();
        fields.put("instance_id", instanceId);
        fields.put("metering_sn", sn);
        fields.put("begin_time", TIME.format(Instant.parse(begin)));
        fields.put("end_time", TIME.format(Instant.parse(end)));
        fields.put("record_time", TIME.format(Instant.parse(recordTime)));
        fields.put("usage_value", value);
        return fields;
    }

    public static String body(List<? extends Map<String, Object>> records) {
        return JSON.writeValueAsString(Map.of("usage_records", records));
    }

    public Answer push(List<? extends Map<String, Object>> records) {
        return push(body(records));
    }

    public Answer push(String body) {
        return push(body, UUID.randomUUID().toString());
    }

    public Answer push(String body, String nonce) {
        String ts = Long.toString(Clock.systemUTC().millis());
        String signed = "ts=" + ts + "&nonce=" + nonce + "&body=" + body;
        String signature = Base64.getEncoder().encodeToString(FakeSeller.hmac(SELLER_KEY, signed.getBytes(UTF_8)));
        return push(body, Map.of("signature", signature, "ts", ts, "nonce", nonce));
    }

    public Answer push(String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base() + PUSH))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return send(request.timeout(Duration.ofSeconds(20)).build());
    }

    public HttpRequest pushRequest(String body, Duration timeout) {
        String ts = Long.toString(Clock.systemUTC().millis());
        String nonce = UUID.randomUUID().toString();
        String signed = "ts=" + ts + "&nonce=" + nonce + "&body=" + body;
        String signature = Base64.getEncoder().encodeToString(FakeSeller.hmac(SELLER_KEY, signed.getBytes(UTF_8)));
        return HttpRequest.newBuilder(URI.create(base() + PUSH))
                .header("Content-Type", "application/json")
                .header("signature", signature)
                .header("ts", ts)
                .header("nonce", nonce)
                .timeout(timeout)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    public Answer queryOrder(String orderId, String orderLineId) {
        String query = "orderId=" + orderId + (orderLineId == null ? "" : "&orderLineId=" + orderLineId);
        return queryOrder(query, SECRET_KEY, Clock.systemUTC().instant());
    }

    /** Signed by hand, after the gateway's own description. */
    public Answer queryOrder(String sortedQuery, String secretKey, Instant signedAt) {
        String path = "/api/mkp-openapi-public/global/v1/order/query";
        URI uri = URI.create(base() + path + "?" + sortedQuery);
        String date = TIME.format(signedAt);
        String canonical = "GET\n" + path + "/\n" + sortedQuery + "\nhost:" + uri.getAuthority() + "\nx-sdk-date:"
                + date + "\n\nhost;x-sdk-date\n" + sha256("");
        String toSign = "SDK-HMAC-SHA256\n" + date + "\n" + sha256(canonical);
        String signature = HexFormat.of().formatHex(FakeSeller.hmac(secretKey, toSign.getBytes(UTF_8)));
        return send(HttpRequest.newBuilder(uri)
                .header("X-Sdk-Date", date)
                .header(
                        "Authorization",
                        "SDK-HMAC-SHA256 Access=" + ACCESS_KEY + ", SignedHeaders=host;x-sdk-date, Signature="
                                + signature)
                .GET()
                .build());
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- as an operator

    public Answer control(String method, String path, String body) {
        return send(HttpRequest.newBuilder(URI.create(base() + path))
                .header("Authorization", "Bearer " + OPERATOR)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** Lines {@code instance_id,buyer,product,started_at}. */
    public Answer layDown(String csv) {
        return send(HttpRequest.newBuilder(URI.create(base() + "/sim/instances.csv"))
                .header("Authorization", "Bearer " + OPERATOR)
                .header("Content-Type", "text/csv")
                .PUT(HttpRequest.BodyPublishers.ofString(csv))
                .build());
    }

    public Answer get(String path) {
        return control("GET", path, null);
    }

    public Answer getWithoutToken(String path) {
        return send(HttpRequest.newBuilder(URI.create(base() + path)).GET().build());
    }

    public void calls(FakeSeller seller) {
        control("PUT", "/sim/settings", "{\"callbackUrl\":\"" + seller.url() + "\"}");
    }

    /** Opens one pay-per-use instance and returns its id. */
    public String open(String buyer, String product) {
        Answer answer = control(
                "POST",
                "/sim/orders",
                """
                {"derivedIds":true,"waitSeconds":20,"orders":[{"name":"%s %s","buyerId":"%s",
                 "lines":[{"products":[{"productId":"%s"}]}]}]}"""
                        .formatted(buyer, product, buyer, product));
        JsonNode line = answer.json().path("lines").path(0);
        if (!line.path("state").asString("").equals("done")) {
            throw new AssertionError("not opened: " + answer.body());
        }
        return line.path("instanceId").asString("");
    }

    /** The console's records as lines without the head. */
    public List<String> records() {
        return lines("/sim/usage-records.csv");
    }

    public List<String> lines(String path) {
        List<String> lines = get(path).body().lines().toList();
        return lines.subList(1, lines.size());
    }

    public JsonNode stats() {
        return get("/sim/stats").json();
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response.headers());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
