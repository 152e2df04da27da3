package io.hourledger.simulator.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** Names and defaults of the configuration, and what a wrong one says. */
@Tag("fast")
class SimulatorSettingsTest {

    private static final Map<String, String> KEYS = Map.of(
            "hourledger.simulator.seller-key", "s",
            "hourledger.simulator.access-key", "a",
            "hourledger.simulator.secret-key", "k");

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(SimulatorSettings.class)
    static class SettingsOnly {}

    private static ApplicationContextRunner started(String... properties) {
        return new ApplicationContextRunner()
                .withUserConfiguration(SettingsOnly.class)
                .withPropertyValues(
                        "hourledger.simulator.seller-key=s",
                        "hourledger.simulator.access-key=a",
                        "hourledger.simulator.secret-key=k")
                .withPropertyValues(properties);
    }

    @Test
    void only_the_keys_must_be_told_and_everything_else_has_a_default() {
        SimulatorSettings settings = new Binder(new MapConfigurationPropertySource(new HashMap<>(KEYS)))
                .bind("hourledger.simulator", SimulatorSettings.class)
                .get();

        assertThat(settings)
                .isEqualTo(new SimulatorSettings(
                        "s",
                        "a",
                        "k",
                        null,
                        AnswerModel.SILENT,
                        10,
                        0,
                        Duration.ZERO,
                        0,
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(15),
                        true,
                        true,
                        false,
                        false,
                        new SimulatorSettings.Callbacks(
                                Duration.ofSeconds(5),
                                Duration.ofMinutes(2),
                                Duration.ofHours(3),
                                Duration.ofSeconds(1),
                                16)));
    }

    @Test
    void a_bad_value_stops_the_start_and_says_how_to_mend_it() {
        started("hourledger.simulator.seller-key=").run(context -> assertThat(context.getStartupFailure())
                .rootCause()
                .hasMessageContaining("set hourledger.simulator.seller-key"));
        started("hourledger.simulator.calls-per-second=0").run(context -> assertThat(context.getStartupFailure())
                .rootCause()
                .hasMessageContaining("calls-per-second must be 1 or more"));
        started("hourledger.simulator.callbacks.timeout=0s").run(context -> assertThat(context.getStartupFailure())
                .rootCause()
                .hasMessageContaining("callbacks.timeout must be more than nothing"));
    }

    @Test
    void a_clock_tolerance_below_zero_is_refused() {
        assertThatThrownBy(() -> new Binder(new MapConfigurationPropertySource(Map.of(
                                "hourledger.simulator.clock-tolerance",
                                "-1s",
                                "hourledger.simulator.seller-key",
                                "s",
                                "hourledger.simulator.access-key",
                                "a",
                                "hourledger.simulator.secret-key",
                                "k")))
                        .bind("hourledger.simulator", SimulatorSettings.class))
                .rootCause()
                .hasMessageContaining("clock-tolerance");
    }
}
