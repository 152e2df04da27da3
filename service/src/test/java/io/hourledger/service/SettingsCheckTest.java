package io.hourledger.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

@Tag("fast")
class SettingsCheckTest {

    private static final Map<String, Object> NEEDED = Map.of(
            "hourledger.kafka.bootstrap-servers", "kafka:9092",
            "hourledger.catalogue", "classpath:catalogue.json",
            "hourledger.ingest.api-keys[0].name", "app",
            "hourledger.ingest.api-keys[0].sha256", "00");

    private static void start(Map<String, Object> settings, Map<String, Object> variables) {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("given", settings));
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new SystemEnvironmentPropertySource("variables-systemEnvironment", variables));
            SettingsCheck.of("ingest").initialize(context);
            context.refresh();
        }
    }

    private static Map<String, Object> with(String name) {
        Map<String, Object> settings = new HashMap<>(NEEDED);
        settings.put(name, "x");
        return settings;
    }

    @ParameterizedTest
    @CsvSource({
        "hourledger.aggregator.grase, hourledger.aggregator.grace",
        "hourledger.something.quite.different, ",
        "hourledger.ingest.api-keys[1].sorces[0], hourledger.ingest.api-keys[].sources[]",
        "hourledger.kafka.bootstrap-server, hourledger.kafka.bootstrap-servers"
    })
    void a_misspelt_setting_stops_the_start_and_the_right_one_is_named(String misspelt, String meant) {
        assertThatThrownBy(() -> start(with(misspelt), Map.of()))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContaining("there is no setting " + misspelt)
                .satisfies(wrong ->
                        assertThat(wrong.getMessage().contains("did you mean")).isEqualTo(meant != null))
                .hasMessageContaining(meant == null ? "docs/configuration.md" : "did you mean " + meant);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hourledger.pusher.account",
                "hourledger.ingest.api-keys[3].source-prefixes[0]",
                "hourledger.kafka.client.sasl.jaas.config",
                "hourledger.kafka.client[batch.size]",
                "hourledger.aggregator.checkpointInterval",
                "hourledger.ingest.api-keys[0].sources",
                "spring.datasource.url",
                "server.port"
            })
    void settings_of_all_services_and_of_spring_are_known(String name) {
        assertThatCode(() -> start(with(name), Map.of())).doesNotThrowAnyException();
    }

    @Test
    void a_group_that_is_left_empty_says_nothing() {
        Map<String, Object> settings = new HashMap<>(NEEDED);
        settings.put("hourledger.aggregator", "");
        assertThatCode(() -> start(settings, Map.of())).doesNotThrowAnyException();
    }

    @Test
    void environment_variables_are_settings_too() {
        assertThatCode(() -> start(NEEDED, Map.of("HOURLEDGER_AGGREGATOR_CHECKPOINTINTERVAL", "PT1S")))
                .doesNotThrowAnyException();
        assertThatCode(() -> start(NEEDED, Map.of("HOURLEDGER_AGGREGATOR_CHECKPOINT_INTERVAL", "PT1S")))
                .doesNotThrowAnyException();
        assertThatCode(() -> start(NEEDED, Map.of("HOURLEDGER_INGEST_API_KEYS_1_SHA256", "x")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> start(NEEDED, Map.of("HOURLEDGER_AGGREGATOR_GRASE", "PT5M")))
                .isInstanceOf(WrongSettingsException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HOURLEDGER_SERVICE_HOST",
                "HOURLEDGER_PUSHER_SERVICE_PORT_HTTP",
                "HOURLEDGER_INGEST_PORT",
                "HOURLEDGER_PORT_8081_TCP_ADDR",
                "HOURLEDGER_ID_KEY",
                "HOURLEDGER_INGEST_KEY_SHA256",
                "HOURLEDGER_DATABASE_PASSWORD"
            })
    void what_kubernetes_tells_of_its_services_and_compose_files_of_theirs_is_no_setting(String variable) {
        assertThatCode(() -> start(NEEDED, Map.of(variable, "10.0.0.1"))).doesNotThrowAnyException();
    }

    @Test
    void all_missing_settings_are_named_at_once() {
        assertThatThrownBy(() -> start(Map.of(), Map.of()))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContainingAll(
                        "hourledger.kafka.bootstrap-servers is not set",
                        "hourledger.catalogue is not set",
                        "hourledger.ingest.api-keys[].name is not set");
    }
}
