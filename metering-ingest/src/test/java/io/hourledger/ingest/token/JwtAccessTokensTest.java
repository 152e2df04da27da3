package io.hourledger.ingest.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import io.hourledger.ingest.LocalIssuer;
import io.hourledger.ingest.accept.AccessTokens;
import io.hourledger.ingest.accept.AccessTokens.Invalid;
import io.hourledger.ingest.accept.AccessTokens.Reading;
import io.hourledger.ingest.accept.AccessTokens.Sender;
import io.hourledger.ingest.accept.AccessTokens.Undecided;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class JwtAccessTokensTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ClaimSettings CLAIMS = new ClaimSettings(
            "sub", "usage_sources", "usage_source_prefixes", "usage_types", "usage_instances", "usage_products");

    private final Semaphore verifications = new Semaphore(1);
    private RSAKey key;
    private LocalIssuer issuer;
    private JwtAccessTokens tokens;

    @BeforeEach
    void start() throws Exception {
        key = LocalIssuer.key("k-1");
        issuer = LocalIssuer.start(key);
        tokens = new JwtAccessTokens(settings(Duration.ofSeconds(1)), CLAIMS, Clock.systemUTC(), verifications);
        await().atMost(PATIENCE).until(() -> tokens.keyCount() == 1);
    }

    @AfterEach
    void stop() {
        tokens.close();
        issuer.close();
    }

    private AccessTokenSettings settings(Duration refresh) {
        return new AccessTokenSettings(
                issuer.name(), null, LocalIssuer.AUDIENCE, List.of("RS256"), Duration.ofSeconds(30), "", refresh);
    }

    private Reading read(JWTClaimsSet.Builder claims) throws Exception {
        return tokens.read("Bearer " + LocalIssuer.signed(key, claims));
    }

    /** Its issuer's clock may be ahead, and a client gives up what is answered 401. */
    @Test
    void a_token_that_begins_later_is_not_called_invalid() throws Exception {
        assertThat(read(issuer.claims().notBeforeTime(LocalIssuer.inMinutes(2))))
                .isInstanceOf(Undecided.class);
        assertThat(read(issuer.claims().notBeforeTime(LocalIssuer.inMinutes(9))))
                .as("it never holds")
                .isInstanceOf(Invalid.class);
    }

    /** Some issuers change their key and keep its id, or have none. */
    @Test
    void a_key_that_changed_under_its_id_is_read_again_before_a_token_is_called_invalid() throws Exception {
        assertThat(read(issuer.claims())).isInstanceOf(Sender.class);
        RSAKey next = LocalIssuer.key("k-1");
        issuer.publish(next);
        key = next;

        String rightful = "Bearer " + LocalIssuer.signed(next, issuer.claims());
        String forged = "Bearer " + LocalIssuer.signed(LocalIssuer.key("k-1"), issuer.claims());
        assertThat(tokens.read(rightful)).isInstanceOf(Undecided.class);
        assertThat(tokens.read(forged)).isInstanceOf(Undecided.class);
        await().atMost(PATIENCE).until(() -> tokens.read(rightful) instanceof Sender);
        await().atMost(PATIENCE).until(() -> tokens.read(forged) instanceof Invalid);
    }

    @Test
    void only_so_many_signatures_are_verified_at_a_time_and_a_token_that_held_needs_none() throws Exception {
        assertThat(read(issuer.claims().jwtID("1"))).isInstanceOf(Sender.class);
        String held = "Bearer " + LocalIssuer.signed(key, issuer.claims().jwtID("2"));
        assertThat(tokens.read(held)).isInstanceOf(Sender.class);

        verifications.acquire();
        assertThat(read(issuer.claims().jwtID("3"))).isInstanceOf(Undecided.class);
        assertThat(tokens.read(held)).isInstanceOf(Sender.class);
        verifications.release();
        assertThat(read(issuer.claims().jwtID("3"))).isInstanceOf(Sender.class);
    }

    /** Whoever holds a token of a neighbour with the same keys could learn from the words what a token for us must say. */
    @Test
    void what_the_claims_lack_is_said_without_a_signature_and_without_our_values() throws Exception {
        verifications.acquire();
        for (JWTClaimsSet.Builder claims : List.of(
                issuer.claims().issuer("https://elsewhere.example"),
                issuer.claims().audience("another-service"),
                issuer.claims().expirationTime(LocalIssuer.inMinutes(-2)),
                issuer.claims().expirationTime(null),
                issuer.claims().subject(null))) {
            assertThat(read(claims)).isInstanceOfSatisfying(Invalid.class, refused -> assertThat(refused.why())
                    .doesNotContain(issuer.name(), LocalIssuer.AUDIENCE));
        }
    }

    /** A restart while the issuer is away takes no token at all, and that must be seen. */
    @Test
    void the_count_of_known_keys_is_published_from_the_start() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        issuer.goAway(true);
        try (JwtAccessTokens started = (JwtAccessTokens)
                new AccessTokenConfiguration().accessTokens(settings(Duration.ofSeconds(1)), CLAIMS, registry)) {
            assertThat(registry.get("usage.issuer.keys").gauge().value()).isZero();
            issuer.goAway(false);
            await().atMost(PATIENCE)
                    .until(() -> registry.get("usage.issuer.keys").gauge().value() == 1);
            assertThat(started.keyCount()).isEqualTo(1);
        }
    }

    @Test
    void without_an_issuer_the_figures_are_not_known() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        AccessTokenSettings none = new AccessTokenSettings(
                "", null, "", List.of("RS256"), Duration.ofSeconds(30), "", Duration.ofMinutes(5));

        assertThat(new AccessTokenConfiguration().accessTokens(none, CLAIMS, registry))
                .isSameAs(AccessTokens.NONE);
        assertThat(registry.get("usage.issuer.keys").gauge().value()).isNaN();
        assertThat(registry.get("usage.issuer.keys.age").gauge().value()).isNaN();
    }
}
