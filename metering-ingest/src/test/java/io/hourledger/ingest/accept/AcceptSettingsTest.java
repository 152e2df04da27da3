package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.ingest.accept.AcceptSettings.ApiKeySettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

@Tag("fast")
class AcceptSettingsTest {

    private final Map<String, String> properties = new HashMap<>(Map.of(
            "hourledger.ingest.api-keys[0].name", "shop",
            "hourledger.ingest.api-keys[0].sha256", "0".repeat(64),
            "hourledger.ingest.api-keys[0].sources[0]", "/shop"));

    @Test
    void defaults_are_what_the_documents_say() {
        AcceptSettings settings = bound();

        assertThat(settings.maxAge()).isEqualTo(Duration.ofDays(1));
        assertThat(settings.maxAhead()).isEqualTo(Duration.ofHours(1));
        assertThat(settings.maxBody()).isEqualTo(DataSize.ofMegabytes(4));
        assertThat(settings.maxBatchEvents()).isEqualTo(10_000);
        assertThat(settings.maxRequestsInFlight()).isEqualTo(256);
        assertThat(settings.maxBytesInFlight()).isEqualTo(DataSize.ofMegabytes(64));
        assertThat(settings.answerTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({
        "max-age, PT0S, max-age must be above zero",
        "max-ahead, -PT1S, max-ahead must not be negative",
        "max-body, 0B, max-body must be above zero",
        "max-batch-events, 0, max-batch-events must be above zero",
        "max-requests-in-flight, 0, max-requests-in-flight must be above zero",
        "max-bytes-in-flight, 7MB, max-bytes-in-flight must lie between twice max-body",
        "max-bytes-in-flight, 3GB, max-bytes-in-flight must lie between",
        "answer-timeout, PT0S, answer-timeout must be above zero",
        "retry-after, PT0S, retry-after must be above zero",
        "api-keys[0].sha256, secret, must be 64 hexadecimal digits",
        "api-keys[0].name, ' ', a key without a name",
        "api-keys[0].sources[0], '', has an empty source",
        "api-keys[0].types[0], '', has an empty type",
    })
    void a_bad_value_is_refused_with_a_sentence_that_names_it(String name, String value, String sentence) {
        properties.put("hourledger.ingest." + name, value);

        assertThatThrownBy(this::bound).rootCause().hasMessageContaining(sentence);
    }

    @Test
    void two_keys_may_share_neither_name_nor_hash() {
        properties.put("hourledger.ingest.api-keys[1].name", "shop");
        properties.put("hourledger.ingest.api-keys[1].sha256", "1".repeat(64));
        properties.put("hourledger.ingest.api-keys[1].sources[0]", "/other");
        assertThatThrownBy(this::bound).rootCause().hasMessageContaining("names shop twice");

        properties.put("hourledger.ingest.api-keys[1].name", "other");
        properties.put("hourledger.ingest.api-keys[1].sha256", "0".repeat(64));
        assertThatThrownBy(this::bound).rootCause().hasMessageContaining("holds the key of other twice");
    }

    @Test
    void without_keys_in_the_settings_those_of_the_ledger_hold_alone() {
        properties.clear();
        properties.put("hourledger.ingest.max-age", "PT1H");

        assertThat(bound().apiKeys()).isEmpty();
    }

    @Test
    void a_name_that_is_too_long_is_refused_by_its_own_sentence() {
        properties.put("hourledger.ingest.api-keys[0].name", "n".repeat(92));

        assertThatThrownBy(this::bound).rootCause().hasMessageContaining("a name has at most 91 characters");
    }

    @ParameterizedTest
    @CsvSource({
        "/shop,       /shop,         true",
        "/shop,       /shop/eu-1,    true",
        "/shop,       /shopper,      false",
        "/shop,       /sho,          false",
        "/shop/,      /shop/eu-1,    true",
        "/shop/,      /shop,         false",
        "urn:shop,    urn:shop:eu-1, true",
        "urn:shop,    urn:shops,     false",
        "https://a.b, https://a.b/c, true",
        "https://a.b, https://a.bad, false",
        "'',          anything,      true",
    })
    void a_prefix_ends_where_a_part_of_the_source_ends(String prefix, String source, boolean allowed) {
        ApiKeySettings key = new ApiKeySettings("shop", "0".repeat(64), List.of(), List.of(prefix), List.of());

        assertThat(key.toKey().scope().allowsSource(source)).isEqualTo(allowed);
    }

    private AcceptSettings bound() {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("hourledger.ingest", AcceptSettings.class);
    }
}
