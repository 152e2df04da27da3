package io.hourledger.ingest;

import static io.hourledger.ingest.LocalIssuer.signed;
import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.hourledger.contracts.access.ToldKeys;
import io.hourledger.embedded.TestBroker;
import io.hourledger.ingest.RunningIngest.Answer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Ingest takes usage by access tokens of the seller's own issuer, beside API keys. */
@Tag("servers")
@ExtendWith(OutputCaptureExtension.class)
class AccessTokensTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    private static RSAKey key;
    private static LocalIssuer issuer;

    private final String topic = TestBroker.freshName("usage");
    private RunningIngest ingest;

    @BeforeAll
    static void startIssuer() throws Exception {
        key = LocalIssuer.key("k-1");
        issuer = LocalIssuer.start(key);
    }

    @AfterAll
    static void stopIssuer() {
        issuer.close();
    }

    @AfterEach
    void stop() {
        issuer.publish(key);
        issuer.goAway(false);
        ingest.close();
    }

    /** It was told of all API keys, so an unknown one is called unknown. */
    private void start(String... settings) throws Exception {
        KeysTopic.make(topic).tell(new ToldKeys(new UUID(0, 1), 1, 1, List.of()));
        ingest = RunningIngest.startAt(TestBroker.bootstrapServers(), topic, settings);
    }

    private static String[] withIssuer(String... more) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("issuer", issuer.name());
        settings.put("audience", LocalIssuer.AUDIENCE);
        for (String setting : more) {
            int equals = setting.indexOf('=');
            settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return settings.entrySet().stream()
                .map(setting -> "hourledger.ingest.access-tokens." + setting.getKey() + "=" + setting.getValue())
                .toArray(String[]::new);
    }

    private Answer send(String token, String event) {
        return ingest.post("application/cloudevents+json", event, "Authorization", "Bearer " + token);
    }

    private void awaitAnswer(String token, int status) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> send(token, event("again")).status() == status);
    }

    private static void assertChallenged(Answer answer, int status, String code, String why) {
        assertThat(answer.status()).as(why).isEqualTo(status);
        assertThat(answer.text("/code")).as(why).isEqualTo(code);
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer error=\"" + code + "\"");
        assertThat(answer.header("WWW-Authenticate") + answer.text("/detail")).contains(why);
    }

    @Test
    void a_token_sends_what_its_claims_allow() throws Exception {
        start(withIssuer());
        String token = signed(
                key,
                issuer.claims()
                        .claim("usage_types", List.of("web.egress"))
                        .claim("usage_instances", List.of("i-1"))
                        .claim("usage_products", List.of("egress", "archive")));
        awaitAnswer(token, 202);

        Answer another = send(token, event("b").replace("i-1", "i-2"));
        assertThat(another.status()).isEqualTo(403);
        assertThat(another.text("/field")).isEqualTo("subject");
        assertThat(send(token, event("c").replace("/shop", "/mail")).text("/field"))
                .isEqualTo("source");
        assertThat(send(token, event("d").replace("web.egress", "job.done")).status())
                .isBetween(400, 403);

        ConsumerRecord<byte[], byte[]> logged = ingest.logged().getFirst();
        assertThat(new String(logged.headers().lastHeader("hourledger-key").value(), UTF_8))
                .isEqualTo("token:shop-eu");
        assertThat(new String(logged.headers().lastHeader("hourledger-products").value(), UTF_8))
                .isEqualTo("[\"archive\",\"egress\"]");
    }

    @Test
    void a_token_that_does_not_hold_is_refused_and_says_why() throws Exception {
        start(withIssuer("refresh=PT1S"));
        awaitAnswer(signed(key, issuer.claims()), 202);

        assertChallenged(
                send(signed(key, issuer.claims().expirationTime(LocalIssuer.inMinutes(-2))), event("a")),
                401,
                "invalid_token",
                "ended");
        assertChallenged(
                send(signed(key, issuer.claims().audience("another-service")), event("a")),
                401,
                "invalid_token",
                "aud");
        assertChallenged(
                send(signed(key, issuer.claims().issuer("https://elsewhere.example")), event("a")),
                401,
                "invalid_token",
                "iss");
        assertChallenged(
                send(signed(key, issuer.claims().expirationTime(null)), event("a")), 401, "invalid_token", "exp");
        String forged = signed(LocalIssuer.key("k-1"), issuer.claims());
        awaitAnswer(forged, 401);
        assertChallenged(send(forged, event("a")), 401, "invalid_token", "signature");
        assertThat(ingest.loggedEvents()).as("but for the first").containsOnly(event("again"));
    }

    /** Whoever knows the public key, which all do, could make a token if the token chose the algorithm. */
    @Test
    void a_token_cannot_choose_how_it_is_checked() throws Exception {
        start(withIssuer());
        awaitAnswer(signed(key, issuer.claims()), 202);
        SignedJWT symmetric = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k-1").build(),
                issuer.claims().build());
        symmetric.sign(new MACSigner(key.toPublicJWK().toRSAPublicKey().getEncoded()));

        assertChallenged(send(symmetric.serialize(), event("a")), 401, "invalid_token", "algorithm");
        assertThat(send(new PlainJWT(issuer.claims().build()).serialize(), event("a"))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void a_token_that_names_nothing_allows_nothing() throws Exception {
        start(withIssuer("required-scope=usage:write"));
        JWTClaimsSet.Builder scoped = issuer.claims().claim("scope", "profile usage:write");
        awaitAnswer(signed(key, scoped), 202);

        assertChallenged(send(signed(key, issuer.claims()), event("a")), 403, "insufficient_scope", "usage:write");
        assertChallenged(
                send(signed(key, scoped.claim("usage_types", List.of())), event("a")),
                403,
                "insufficient_scope",
                "usage_types");
        assertChallenged(
                send(signed(key, scoped.claim("usage_types", Map.of("a", "b"))), event("a")),
                403,
                "insufficient_scope",
                "usage_types");
        assertChallenged(
                send(signed(key, scoped.claim("usage_types", null).claim("usage_sources", null)), event("a")),
                403,
                "insufficient_scope",
                "usage_sources");
    }

    @Test
    void an_issuer_that_is_away_stops_no_api_key_and_no_token_of_a_known_key() throws Exception {
        issuer.goAway(true);
        start(withIssuer("refresh=PT1S"));
        String token = signed(key, issuer.claims());

        long before = System.nanoTime();
        Answer undecided = send(token, event("a"));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(AT_ONCE);
        assertThat(undecided.status()).isEqualTo(503);
        assertThat(undecided.text("/code")).isEqualTo("busy");
        assertThat(ingest.one(event("b")).status()).as("an API key").isEqualTo(202);
        assertThat(ingest.get("/actuator/health/readiness").status()).isEqualTo(200);

        issuer.goAway(false);
        awaitAnswer(token, 202);
        issuer.goAway(true);
        assertThat(send(signed(key, issuer.claims().subject("another")), event("c"))
                        .status())
                .isEqualTo(202);
    }

    @Test
    void an_issuer_that_accepts_connections_and_says_nothing_holds_up_nobody() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            start(withIssuer("jwks=http://127.0.0.1:" + silent.getLocalPort() + "/keys"));
            long before = System.nanoTime();
            assertThat(send(signed(key, issuer.claims()), event("a")).status()).isEqualTo(503);
            assertThat(ingest.one(event("b")).status()).isEqualTo(202);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(AT_ONCE);
        }
    }

    /** Anybody can send tokens with keys that they made up. */
    @Test
    void tokens_of_which_nobody_can_say_whether_they_hold_do_not_fill_the_log(CapturedOutput output) throws Exception {
        start(withIssuer());
        awaitAnswer(signed(key, issuer.claims()), 202);
        RSAKey unknown = LocalIssuer.key("k-9");
        for (int i = 0; i < 30; i++) {
            assertThat(send(signed(unknown, issuer.claims().jwtID("" + i)), event("a"))
                            .status())
                    .isEqualTo(503);
        }
        assertThat(output.getOut().split("request[s]? .*refused", -1)).hasSizeLessThan(10);
    }

    /** An issuer may sign with a key before anybody has read it, and a client gives up what is answered 401. */
    @Test
    void a_key_that_is_not_known_is_looked_for_before_a_token_is_called_invalid() throws Exception {
        start(withIssuer("refresh=PT1S"));
        awaitAnswer(signed(key, issuer.claims()), 202);
        RSAKey next = LocalIssuer.key("k-2");
        String token = signed(next, issuer.claims());
        String stranger = signed(LocalIssuer.key("k-3"), issuer.claims());

        assertThat(send(token, event("a")).status()).isEqualTo(503);
        issuer.publish(next);
        awaitAnswer(token, 202);
        awaitAnswer(stranger, 401);
        assertChallenged(send(stranger, event("b")), 401, "invalid_token", "no key");
        awaitAnswer(signed(key, issuer.claims()), 401); // the issuer has withdrawn it
    }

    @Test
    void keys_may_come_from_a_file(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("keys.json"), issuer.keys());
        issuer.goAway(true);
        start(withIssuer("jwks=" + file.toUri()));
        awaitAnswer(signed(key, issuer.claims()), 202);
    }

    @Test
    void without_an_issuer_no_token_is_taken() throws Exception {
        start();
        Answer refused = send(signed(key, issuer.claims()), event("a"));
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.text("/code")).isEqualTo("unauthorized");
    }
}
