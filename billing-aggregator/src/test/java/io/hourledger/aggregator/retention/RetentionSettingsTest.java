package io.hourledger.aggregator.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

@Tag("fast")
class RetentionSettingsTest {

    private static RetentionSettings settings(String name, String value) {
        return new Binder(new MapConfigurationPropertySource(Map.of("hourledger.aggregator.retention." + name, value)))
                .bindOrCreate("hourledger.aggregator.retention", RetentionSettings.class);
    }

    @Test
    void ids_are_kept_a_quarter_and_all_else_longer_than_a_year() {
        assertThat(settings("ids", "P92D"))
                .isEqualTo(new RetentionSettings(Duration.ofDays(92), Duration.ofDays(400), Duration.ofDays(400)));
    }

    @Test
    void what_may_still_be_asked_for_cannot_be_set_to_go() {
        assertThatThrownBy(() -> settings("ids", "P30D")).hasStackTraceContaining("ids must be P31D or more");
        assertThatThrownBy(() -> settings("buckets", "P91D"))
                .hasStackTraceContaining("buckets must not be shorter than ids");
        assertThatThrownBy(() -> settings("quarantine", "P399D"))
                .hasStackTraceContaining("quarantine must not be shorter than buckets");
    }
}
