package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalTime;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class MeterTermsTest {

    private static final String ACCOUNTS = "\"aggregation\":\"UNIQUE\",\"valueField\":\"account\"";
    private static final String P95 =
            "\"aggregation\":\"PERCENTILE\",\"valueField\":\"bytes\",\"percentile\":\"95\",\"fiveMinutes\":\"SUM\"";

    private static final String LEVELS =
            "\"aggregation\":\"TIME_WEIGHTED_SUM\",\"valueField\":\"v\",\"holdFor\":\"PT4H\"";

    private static byte[] catalogue(String kind) {
        return ("{\"version\":1,\"products\":[],\"meters\":[{\"name\":\"m\",\"eventType\":\"t\"," + kind
                        + ",\"unit\":\"u\",\"unitFactor\":\"1\"}]}")
                .getBytes(UTF_8);
    }

    private static MeterTerms terms(String kind) {
        return CatalogueFile.read(catalogue(kind)).meter("m").orElseThrow().terms();
    }

    @Test
    void the_file_says_the_terms_of_a_kind_and_is_written_as_it_is_read() {
        assertThat(terms(ACCOUNTS)).isEqualTo(new MeterTerms.Unique(MeterTerms.Unique.DEFAULT_MOST_VALUES));
        assertThat(terms(ACCOUNTS + ",\"mostValues\":7")).isEqualTo(new MeterTerms.Unique(7));
        assertThat(terms(P95)).isEqualTo(new MeterTerms.Percentile(new BigDecimal("95"), Aggregation.SUM));
        assertThat(terms(LEVELS)).isEqualTo(new MeterTerms.TimeWeighted(Duration.ofHours(4)));
        for (String kind : new String[] {ACCOUNTS + ",\"mostValues\":7", P95, LEVELS}) {
            Catalogue read = CatalogueFile.read(catalogue(kind));
            assertThat(CatalogueFile.read(CatalogueFile.write(read)).meter("m")).isEqualTo(read.meter("m"));
        }
    }

    @Test
    void terms_that_count_otherwise_are_another_definition() {
        assertThat(MeterDefinitions.of(CatalogueFile.read(catalogue(ACCOUNTS + ",\"mostValues\":7")))
                        .fingerprint())
                .isNotEqualTo(MeterDefinitions.of(CatalogueFile.read(catalogue(ACCOUNTS + ",\"mostValues\":8")))
                        .fingerprint());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"aggregation\":\"SUM\",\"valueField\":\"v\",\"mostValues\":7'|only UNIQUE has",
                "'\"aggregation\":\"UNIQUE\",\"valueField\":\"v\",\"mostValues\":0'|must be 1 to",
                "'\"aggregation\":\"UNIQUE\",\"valueField\":null'|names no field",
                "'\"aggregation\":\"PERCENTILE\",\"valueField\":\"v\"'|needs \"percentile\"",
                "'\"aggregation\":\"PERCENTILE\",\"valueField\":\"v\",\"percentile\":\"0\",\"fiveMinutes\":\"SUM\"'|above 0",
                "'\"aggregation\":\"PERCENTILE\",\"valueField\":\"v\",\"percentile\":\"101\",\"fiveMinutes\":\"SUM\"'|at most 100",
                "'\"aggregation\":\"PERCENTILE\",\"valueField\":\"v\",\"percentile\":\"95\",\"fiveMinutes\":\"COUNT\"'|must be SUM",
                "'\"aggregation\":\"MAX\",\"valueField\":\"v\",\"percentile\":\"95\",\"fiveMinutes\":\"SUM\"'|no other kind",
                "'\"aggregation\":\"TIME_WEIGHTED_SUM\",\"valueField\":\"v\"'|needs \"holdFor\"",
                "'\"aggregation\":\"SUM\",\"valueField\":\"v\",\"holdFor\":\"PT4H\"'|no other kind has it",
                "'\"aggregation\":\"TIME_WEIGHTED_SUM\",\"valueField\":\"v\",\"holdFor\":\"PT5M\"'|in steps of nine seconds",
                "'\"aggregation\":\"TIME_WEIGHTED_SUM\",\"valueField\":\"v\",\"holdFor\":\"PT25H\"'|at most 24 hours",
                "'\"aggregation\":\"TIME_WEIGHTED_SUM\",\"valueField\":\"v\",\"holdFor\":\"-PT9S\"'|at most 24 hours",
                "'\"aggregation\":\"TIME_WEIGHTED_SUM\",\"valueField\":\"v\",\"holdFor\":\"4h\"'|must be a duration",
            })
    void terms_that_do_not_fit_the_kind_are_refused_with_a_sentence(String kind, String sentence) {
        assertThatThrownBy(() -> CatalogueFile.read(catalogue(kind)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @CsvSource({"95, 1, 1", "95, 12, 12", "50, 12, 6", "50, 11, 6", "8.3, 12, 1", "8.4, 12, 2", "100, 12, 12"})
    void the_nearest_rank_is_the_smallest_that_reaches_the_percentile(BigDecimal percentile, int values, int rank) {
        assertThat(new MeterTerms.Percentile(percentile, Aggregation.MAX).rankAmong(values))
                .isEqualTo(rank);
    }

    @ParameterizedTest
    @CsvSource({
        "PT9S, 10:59:59, 10, 0",
        "PT18S, 10:59:50, 10, 1",
        "PT18S, 10:59:51, 11, 1",
        "PT1H, 10:00:08, 10, 1",
        "PT1H, 10:00:09, 11, 1",
        "PT24H, 10:00:00, 33, 24",
        "PT24H, 10:59:59, 34, 24"
    })
    void a_level_holds_from_its_step_on_for_the_time_that_its_meter_says(
            Duration holdFor, LocalTime set, int lastHour, int reached) {
        MeterTerms.TimeWeighted terms = new MeterTerms.TimeWeighted(holdFor);

        assertThat(terms.lastHour(set.toSecondOfDay())).isEqualTo(lastHour);
        assertThat(terms.hoursReached()).isEqualTo(reached);
    }

    @Test
    void a_meter_that_weighs_levels_shares_its_events_with_no_other() {
        String twoMeters = new String(catalogue(LEVELS), UTF_8)
                .replace(
                        "\"meters\":[",
                        "\"meters\":[{\"name\":\"n\",\"eventType\":\"t\",\"aggregation\":\"COUNT\",\"valueField\":null,"
                                + "\"unit\":\"u\",\"unitFactor\":\"1\"},");

        assertThatThrownBy(() -> CatalogueFile.read(twoMeters.getBytes(UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("meter m weighs levels, so no other meter may read events of type t");
    }

    private static ReadUsage read(String value) {
        String event = "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"/a\",\"type\":\"t\",\"subject\":\"i\","
                + "\"time\":\"2026-03-01T10:00:00Z\",\"data\":{\"account\":" + value + "}}";
        byte[] bytes = event.getBytes(UTF_8);
        return new UsageEventReader(CatalogueFile.read(catalogue(ACCOUNTS))).read(bytes, 0, bytes.length);
    }

    private static BigDecimal value(String json) {
        return ((ReadUsage.Countable) read(json)).event().value();
    }

    @Test
    void a_unique_count_tells_strings_and_numbers_apart_and_takes_equal_ones_for_one() {
        assertThat(value("\"ana\"")).isEqualTo(value("\"\\u0061na\"")).isNotEqualTo(value("\"Ana\""));
        assertThat(value("10.0")).isEqualTo(value("1e1")).isNotEqualTo(value("\"10\""));
    }

    @ParameterizedTest
    @CsvSource({"true", "'\"\"'", "'{\"a\":1}'", "-1", "'\"\\ud800\"'"})
    void what_is_neither_a_name_nor_a_number_is_no_value_to_count(String json) {
        assertThat(read(json)).isInstanceOf(ReadUsage.Malformed.class);
    }
}
