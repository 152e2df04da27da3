package io.hourledger.pusher;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.LedgerQueries;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole service over a database of its own, and its marketplace's side of the callbacks. */
final class RunningPusher implements AutoCloseable {

    static final String TOKEN = "operator-token";
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    RunningPusher(GalleryStub gallery, Clock businessTime, String... settings) {
        this(PusherTables.fresh(), gallery, businessTime, settings);
    }

    RunningPusher(TestDatabase.Address database, GalleryStub gallery, Clock businessTime, String... settings) {
        this(database, gallery, businessTime, UnaryOperator.identity(), settings);
    }

    /**
     * The same.
     *
     * @param observed the queries that the service asks, in place of the ledger's own
     */
    RunningPusher(
            TestDatabase.Address database,
            GalleryStub gallery,
            Clock businessTime,
            UnaryOperator<LedgerQueries> observed,
            String... settings) {
        SpringApplicationBuilder application = GalleryPusher.application().initializers(context -> {
            GenericApplicationContext beans = (GenericApplicationContext) context;
            beans.registerBean("clock", Clock.class, () -> businessTime);
            beans.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof LedgerQueries queries ? observed.apply(queries) : bean;
                }
            });
        });
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--hourledger.catalogue=classpath:catalogue.json",
                "--hourledger.operator-token=" + TOKEN,
                "--hourledger.pusher.seller-key=" + GalleryStub.KEY,
                "--hourledger.pusher.access-key=AK",
                "--hourledger.pusher.secret-key=SK",
                "--hourledger.pusher.base-url=" + gallery.address(),
                "--hourledger.journal.unsafe-without=true",
                "--spring.datasource.hikari.maximum-pool-size=21",
                "--hourledger.pusher.calls-per-second=100",
                "--hourledger.pusher.window=10ms",
                "--hourledger.pusher.retry-unopened-every=100ms",
                "--hourledger.pusher.first-back-off=50ms",
                "--hourledger.pusher.first-pause=50ms"));
        for (String own : settings) {
            // given twice, both would be taken for a list
            arguments.removeIf(preset -> preset.startsWith(own.split("=", 2)[0] + "="));
        }
        arguments.addAll(List.of(settings));
        context = application.run(arguments.toArray(String[]::new));
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** A signed call; the answer's own signature is checked too. */
    JsonNode call(String body) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = send(
                body,
                Long.toString(Clock.systemUTC().millis()),
                UUID.randomUUID().toString());
        return signedAnswer(response);
    }

    /** A signed call on the path of an account, such as {@code /default}; the answer's own signature is checked too. */
    JsonNode call(String account, String key, String body) throws IOException, InterruptedException {
        return call(account, key, UUID.randomUUID().toString(), body);
    }

    /** The same under this nonce. */
    JsonNode call(String account, String key, String nonce, String body) throws IOException, InterruptedException {
        String timestamp = Long.toString(Clock.systemUTC().millis());
        return signedAnswer(key, sendSigned(account, body, query(key, body, timestamp, nonce)));
    }

    private static String query(String key, String body, String timestamp, String nonce) {
        return "signature=" + signature(key, body, nonce + timestamp) + "&timestamp=" + timestamp + "&nonce=" + nonce;
    }

    /** A call that is signed with one key and answered with another, since it is not believed. */
    JsonNode callUnbelieved(String account, String key, String answerKey, String timestamp, String body)
            throws IOException, InterruptedException {
        String nonce = UUID.randomUUID().toString();
        return signedAnswer(answerKey, sendSigned(account, body, query(key, body, timestamp, nonce)));
    }

    /** A V1.0 call with this query; the answer's own signature is checked too. */
    JsonNode callFirstGeneration(String query) throws IOException, InterruptedException {
        return signedAnswer(sendFirstGeneration(query));
    }

    HttpResponse<byte[]> sendFirstGeneration(String query) throws IOException, InterruptedException {
        return sendFirstGeneration("", query);
    }

    /** The same to the path of an account, such as {@code /default}. */
    HttpResponse<byte[]> sendFirstGeneration(String account, String query) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(
                                "http://localhost:" + port() + "/callbacks/koogallery" + account + "?" + query))
                        .timeout(ANSWERED_WITHIN)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static JsonNode signedAnswer(HttpResponse<byte[]> response) {
        return signedAnswer(GalleryStub.KEY, response);
    }

    private static JsonNode signedAnswer(String key, HttpResponse<byte[]> response) {
        String expected = "sign_type=\"HMAC-SHA256\", signature=\""
                + java.util.Base64.getEncoder().encodeToString(hmac(key, response.body())) + "\"";
        if (!response.headers().firstValue("Body-Sign").orElse("").equals(expected)) {
            throw new AssertionError("wrong Body-Sign: " + response.headers().map());
        }
        return JSON.readTree(response.body());
    }

    HttpResponse<byte[]> send(String body, String timestamp, String nonce) throws IOException, InterruptedException {
        return sendMoved(body, timestamp, nonce, "", "");
    }

    /** Signed over nonce and timestamp one after the other, with this percent-encoded text at the nonce's end or the timestamp's front. */
    HttpResponse<byte[]> sendMoved(
            String body, String timestamp, String nonce, String behindNonce, String beforeTimestamp)
            throws IOException, InterruptedException {
        String between = java.net.URLDecoder.decode(behindNonce + beforeTimestamp, UTF_8);
        return sendSigned(
                body,
                "signature=" + signature(body, nonce + between + timestamp) + "&timestamp=" + beforeTimestamp
                        + timestamp + "&nonce=" + nonce + behindNonce);
    }

    /** Signed, with this text behind the query. */
    HttpResponse<byte[]> sendWithMore(String body, String timestamp, String nonce, String more)
            throws IOException, InterruptedException {
        return sendSigned(
                body,
                "signature=" + signature(body, nonce + timestamp) + "&timestamp=" + timestamp + "&nonce=" + nonce
                        + more);
    }

    private static String signature(String body, String nonceAndTimestamp) {
        return signature(GalleryStub.KEY, body, nonceAndTimestamp);
    }

    private static String signature(String key, String body, String nonceAndTimestamp) {
        String inner = HexFormat.of().formatHex(hmac(key, body.getBytes(UTF_8)));
        return HexFormat.of().withUpperCase().formatHex(hmac(key, (key + nonceAndTimestamp + inner).getBytes(UTF_8)));
    }

    private HttpResponse<byte[]> sendSigned(String body, String query) throws IOException, InterruptedException {
        return sendSigned("", body, query);
    }

    private HttpResponse<byte[]> sendSigned(String account, String body, String query)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(
                                "http://localhost:" + port() + "/callbacks/koogallery" + account + "?" + query))
                        .timeout(ANSWERED_WITHIN)
                        .header("Content-Type", "application/json;charset=utf8")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        int at = path.startsWith("/actuator") ? managementPort() : port();
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + at + path))
                        .timeout(ANSWERED_WITHIN)
                        .header("Authorization", "Bearer " + TOKEN)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
                        .timeout(ANSWERED_WITHIN)
                        .header("Authorization", "Bearer " + TOKEN)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    int port() {
        return Integer.parseInt(context.getEnvironment().getProperty("local.server.port"));
    }

    private int managementPort() {
        return Integer.parseInt(context.getEnvironment().getProperty("local.management.port"));
    }

    private static byte[] hmac(String key, byte[] bytes) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
            return mac.doFinal(bytes);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
