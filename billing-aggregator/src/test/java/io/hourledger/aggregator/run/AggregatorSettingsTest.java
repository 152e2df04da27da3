package io.hourledger.aggregator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.aggregator.hour.CountingRules;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ClassPathResource;

@Tag("fast")
class AggregatorSettingsTest {

    private static AggregatorSettings settings(Map<String, String> given) {
        Map<String, String> all = new HashMap<>(Map.of("hourledger.aggregator.id-key", "00"));
        given.forEach((name, value) -> all.put("hourledger.aggregator." + name, value));
        return new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("hourledger.aggregator", AggregatorSettings.class);
    }

    @Test
    void the_defaults_are_these() {
        assertThat(settings(Map.of()))
                .isEqualTo(new AggregatorSettings(
                        "00",
                        2,
                        Duration.ofMinutes(2),
                        Duration.ofHours(26),
                        Duration.ofHours(24),
                        Duration.ofMinutes(70),
                        Duration.ofSeconds(1),
                        3,
                        0,
                        0,
                        4,
                        2,
                        1000,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofHours(2),
                        "billing-aggregator",
                        "classic",
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        2000,
                        Duration.ofMillis(500),
                        false));
    }

    @Test
    void the_bounds_fit_the_heap_and_no_hour_of_1100_events_a_second_and_partition_reaches_them_in_4_gigabytes() {
        CountingRules rules = settings(Map.of()).countingRules(4, 4L << 30);

        assertThat(rules.mostIds()).isGreaterThan(4 * 1100 * 3600 + 1100 * 900);
        assertThat(4 * (27 * rules.mostIds() + 200L * rules.mostBuckets())).isLessThan((4L << 30) * 81 / 100);
        assertThat(settings(Map.of("max-ids", "5000", "max-buckets", "3000")).countingRules(4, 1 << 30))
                .extracting(CountingRules::mostIds, CountingRules::mostBuckets)
                .containsExactly(5000L, 3000);
    }

    @Test
    void health_notices_before_the_group_does_and_the_group_before_a_dead_connection() throws IOException {
        Object socketTimeout = new YamlPropertySourceLoader()
                .load("defaults", new ClassPathResource("billing-aggregator.yaml"))
                .getFirst()
                .getProperty("spring.datasource.hikari.data-source-properties.socketTimeout");

        assertThat(settings(Map.of()).longestWithoutPoll()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings(Map.of()).maxPollInterval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(socketTimeout).isEqualTo(90);
    }

    @Test
    void a_pool_without_a_connection_beside_loads_stops_the_start_and_says_how_to_mend_it() throws IOException {
        Object usual = new YamlPropertySourceLoader()
                .load("defaults", new ClassPathResource("billing-aggregator.yaml"))
                .getFirst()
                .getProperty("spring.datasource.hikari.maximum-pool-size");

        assertThatCode(() -> settings(Map.of()).requireConnections((Integer) usual))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> settings(Map.of("loading-threads", "5")).requireConnections(10))
                .hasMessageContaining("maximum-pool-size is 10 and must be 11 or more")
                .hasMessageContaining("hourledger.aggregator.loading-threads 5");
    }

    @ParameterizedTest
    @CsvSource({
        "id-key, ''",
        "threads, 0",
        "grace, -PT1S",
        "accepted-age, PT0S",
        "accepted-age, PT25H",
        "accepted-late, -PT1H",
        "accepted-late, PT30M",
        "accepted-late, PT481H",
        "accepted-ahead, -PT1S",
        "checkpoint-interval, PT0S",
        "hours-in-memory, 0",
        "hours-in-memory, 169",
        "max-ids, 10",
        "max-buckets, 10",
        "loading-threads, 0",
        "lag-interval, PT0S",
        "lag-interval, PT11S",
        "closing-threads, 0",
        "closing-batch, 1001",
        "closing-tick, PT0S",
        "group-id, ' '",
        "group-protocol, modern",
        "session-timeout, PT0S",
        "max-poll-interval, PT1S",
        "max-poll-records, 0",
        "retry-after, PT0S"
    })
    void a_bad_value_stops_the_start_and_says_how_to_mend_it(String name, String value) {
        assertThatThrownBy(() -> settings(Map.of(name, value)))
                .rootCause()
                .hasMessageContaining("hourledger.aggregator." + name);
    }
}
