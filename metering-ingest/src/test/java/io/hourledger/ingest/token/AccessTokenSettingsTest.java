package io.hourledger.ingest.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

@Tag("fast")
class AccessTokenSettingsTest {

    private static final String PREFIX = "hourledger.ingest.access-tokens";

    private final Map<String, String> properties = new HashMap<>(Map.of(
            PREFIX + ".issuer", "https://id.seller.example",
            PREFIX + ".audience", "hourledger"));

    private Binder binder() {
        return new Binder(new MapConfigurationPropertySource(properties));
    }

    private AccessTokenSettings bound() {
        return binder().bindOrCreate(PREFIX, AccessTokenSettings.class);
    }

    @Test
    void defaults_are_what_the_documents_say() {
        AccessTokenSettings settings = bound();

        assertThat(settings.areTaken()).isTrue();
        assertThat(settings.jwks()).isNull();
        assertThat(settings.algorithms()).containsExactly("RS256");
        assertThat(settings.clockSkew()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.requiredScope()).isEmpty();
        assertThat(settings.refresh()).isEqualTo(Duration.ofMinutes(5));
        properties.clear();
        assertThat(bound().areTaken()).as("without an issuer").isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "issuer, http://id.seller.example, issuer must be an https: address",
        "audience, ' ', audience is not set",
        "jwks, http://id.seller.example/keys, jwks must be an https: or file: address",
        "algorithms, HS256, algorithms must be some of",
        "algorithms, none, algorithms must be some of",
        "clock-skew, PT10M, clock-skew must lie between",
        "clock-skew, -PT1S, clock-skew must lie between",
        "refresh, PT0S, refresh must be above zero",
        "claims.types, usage_sources, each of the six needs a claim of its own",
        "claims.sender, '', each of the six needs a claim of its own",
    })
    void a_bad_value_is_refused_with_a_sentence_that_names_it(String name, String value, String sentence) {
        properties.put(PREFIX + "." + name, value);

        assertThatThrownBy(() -> {
                    bound();
                    binder().bindOrCreate(PREFIX + ".claims", ClaimSettings.class);
                })
                .rootCause()
                .hasMessageContaining(sentence);
    }
}
