package io.hourledger.ingest.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import io.hourledger.ingest.LocalIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The issuer's keys are in a file, and time passes when the test says so. */
@Tag("fast")
class IssuerKeysTest {

    private static final Duration REFRESH = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    private Path file;
    private IssuerKeys<JWKSet> keys;
    private long nanos = 1_000_000;

    @BeforeEach
    void readOnce() throws Exception {
        file = folder.resolve("keys.json");
        publish(new JWKSet(LocalIssuer.key("k-1")));
        AccessTokenSettings settings = new AccessTokenSettings(
                "https://id.seller.example",
                file.toUri(),
                LocalIssuer.AUDIENCE,
                List.of("RS256"),
                Duration.ofSeconds(30),
                "",
                REFRESH);
        keys = new IssuerKeys<>(settings, set -> set, () -> nanos);
        keys.tick();
        assertThat(known()).isEqualTo("k-1");
    }

    @AfterEach
    void close() {
        keys.close();
    }

    private void publish(JWKSet published) throws IOException {
        Files.writeString(file, published.toString(false));
    }

    private String known() {
        return Objects.requireNonNull(keys.known()).keys().getKeys().getFirst().getKeyID();
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        keys.tick();
    }

    /** An issuer at its start, or one whose keys were withdrawn by mistake. */
    @Test
    void an_answer_without_a_usable_key_withdraws_none() throws Exception {
        for (JWKSet useless : List.of(new JWKSet(), new JWKSet(new OctetSequenceKeyGenerator(256).generate()))) {
            publish(useless);
            pass(REFRESH);
            assertThat(known()).isEqualTo("k-1");
            assertThat(keys.secondsSinceRead()).as("it is no reading").isGreaterThanOrEqualTo(REFRESH.toSeconds());
        }
        publish(new JWKSet(LocalIssuer.key("k-2")));
        pass(PAUSE);
        assertThat(known()).isEqualTo("k-2");
        assertThat(keys.count()).isEqualTo(1);
    }

    @Test
    void a_key_is_missing_only_once_keys_were_read_that_are_newer_than_the_token() {
        assertThat(keys.isMissingFor("a token")).isFalse();
        pass(REFRESH.minus(PAUSE));
        assertThat(keys.isMissingFor("a token"))
                .as("its issuer may publish through caches")
                .isFalse();
        pass(PAUSE);
        assertThat(keys.isMissingFor("a token")).isTrue();
    }

    /** Ids of keys are dates and counters: anybody can ask for the next one, before the issuer has it. */
    @Test
    void who_asked_before_has_no_later_token_called_invalid() {
        keys.isMissingFor("a token that somebody made up");
        pass(REFRESH);
        assertThat(keys.isMissingFor("a token that somebody made up")).isTrue();
        assertThat(keys.isMissingFor("the first token of the next key")).isFalse();
    }

    @Test
    void a_token_that_nobody_sent_for_long_is_asked_for_anew() {
        keys.isMissingFor("a token");
        pass(REFRESH);
        assertThat(keys.isMissingFor("a token")).isTrue();
        pass(Duration.ofHours(1));
        assertThat(keys.isMissingFor("a token")).isFalse();
    }
}
