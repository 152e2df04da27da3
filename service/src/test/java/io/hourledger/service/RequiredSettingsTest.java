package io.hourledger.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.time.FastClock;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.FileSystemResource;

/** What a service is told like all others, and what it says when that does not do. */
@Tag("fast")
class RequiredSettingsTest {

    private static final Instant NOW = Instant.parse("2026-11-24T13:00:00Z");

    @Test
    void without_a_catalogue_the_start_ends_with_the_place_that_is_empty() {
        assertThatThrownBy(() -> new RequiredSettings(new FileSystemResource("not/there.json"), null).readCatalogue())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hourledger.catalogue")
                .hasMessageContaining("not/there.json");
        assertThatThrownBy(() -> new RequiredSettings(null, null).readCatalogue())
                .hasMessageContaining("hourledger.catalogue");
    }

    @Test
    void operators_pages_are_never_open() {
        assertThatThrownBy(() -> OperatorPages.closed(new RequiredSettings(null, " "), "/operator/*"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hourledger.operator-token is not set");
    }

    @Test
    void the_token_stands_in_no_log() {
        assertThat(new RequiredSettings(null, "a-secret")).asString().doesNotContain("a-secret");
    }

    @Test
    void business_time_is_the_machines_unless_all_of_a_fast_clock_is_told() {
        assertThat(new BusinessClock.Settings(null, null, null).clock()).isEqualTo(Clock.systemUTC());
        assertThat(new BusinessClock.Settings(NOW, NOW, 720.0).clock()).isInstanceOf(FastClock.class);
        assertThatThrownBy(() -> new BusinessClock.Settings(NOW, null, null).clock())
                .hasMessageContaining("all of anchor, origin and speed");
    }
}
