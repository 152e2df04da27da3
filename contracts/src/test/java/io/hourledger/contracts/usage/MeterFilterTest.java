package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A meter with a filter reads the events of its type whose data match it, and no others. */
@Tag("fast")
class MeterFilterTest {

    private static final String GOLD_IN_EU = "{\"region\": \"eu\", \"tier\": [\"gold\", 2, true]}";

    /** In place of a filter: a meter that counts all events. */
    private static final String COUNTS = "counts";

    private static Catalogue catalogue(String... filters) {
        StringBuilder meters = new StringBuilder();
        for (int i = 0; i < filters.length; i++) {
            meters.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"m")
                    .append(i)
                    .append("\",\"eventType\":\"call\",")
                    .append(
                            filters[i].equals(COUNTS)
                                    ? "\"aggregation\":\"COUNT\",\"valueField\":null,"
                                    : "\"aggregation\":\"SUM\",\"valueField\":\"n\",")
                    .append("\"unit\":\"x\",\"unitFactor\":\"1\"")
                    .append(filters[i].isEmpty() || filters[i].equals(COUNTS) ? "" : ",\"where\":" + filters[i])
                    .append('}');
        }
        return CatalogueFile.read(("{\"version\":1,\"meters\":[" + meters + "],\"products\":[]}").getBytes(UTF_8));
    }

    private static ReadUsage read(Catalogue catalogue, String data) {
        byte[] event =
                """
                {"specversion":"1.0","source":"/app","id":"1","type":"call","subject":"i","time":"2026-03-01T10:00:00Z"%s}"""
                        .formatted(data)
                        .getBytes(UTF_8);
        return new UsageEventReader(catalogue).read(event, 0, event.length);
    }

    private static List<String> readBy(Catalogue catalogue, String data) {
        return switch (read(catalogue, data)) {
            case Countable(UsageEvent event) ->
                event.readings().stream()
                        .map(reading -> reading.meter().name() + " " + reading.value())
                        .toList();
            case FilteredOut _ -> List.of("filtered out");
            case Amends _ -> List.of("amends");
            case Malformed malformed -> List.of(malformed.code() + " " + malformed.field());
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            textBlock =
                    """
                    {"n":7,"region":"eu","tier":"gold"}            | m0 7
                    {"tier":2,"n":7,"region":"eu"}                 | m0 7
                    {"n":7,"region":"eu","tier":2.00}              | m0 7
                    {"n":7,"region":"eu","tier":20e-1}             | m0 7
                    {"n":7,"region":"eu","tier":true}              | m0 7
                    {"n":7,"region":"eu","tier":"2"}               | filtered out
                    {"n":7,"region":"eu","tier":"true"}            | filtered out
                    {"n":7,"region":"eu","tier":false}             | filtered out
                    {"n":7,"region":"eu","tier":-2}                | filtered out
                    {"n":7,"region":"eu","tier":["gold"]}          | filtered out
                    {"n":7,"region":"eu","tier":null}              | filtered out
                    {"n":7,"region":"eu"}                          | filtered out
                    {"n":7,"region":"EU","tier":"gold"}            | filtered out
                    {"n":7,"region":"us","tier":"gold"}            | filtered out
                    {"region":"us","tier":"gold"}                  | filtered out
                    {"region":"eu","tier":"gold"}                  | MISSING data.n
                    {"n":7,"region":"eu","region":"eu","tier":2}   | NOT_JSON data.region
                    {"n":7,"region":"us","tier":2,"tier":"gold"}   | NOT_JSON data.tier
                    []                                             | INVALID data
                    "eu"                                           | INVALID data
                    null                                           | MISSING data
                    """)
    void an_event_is_read_if_each_named_member_has_one_of_its_values(String data, String expected) {
        assertThat(readBy(catalogue(GOLD_IN_EU), ",\"data\":" + data)).containsExactly(expected);
    }

    @Test
    void an_event_without_data_is_malformed_if_all_meters_have_filters() {
        assertThat(readBy(catalogue(GOLD_IN_EU), "")).containsExactly("MISSING data");
        assertThat(readBy(catalogue(GOLD_IN_EU, "{\"region\": \"us\"}"), "")).containsExactly("MISSING data");
    }

    @Test
    void a_meter_that_cannot_read_an_event_stops_no_other_meter() {
        Catalogue catalogue = catalogue("{\"region\":\"eu\"}", COUNTS, "{\"tier\":\"gold\"}");

        assertThat(readBy(catalogue, ",\"data\":{\"region\":\"eu\",\"tier\":\"gold\"}"))
                .containsExactly("m1 1");
        assertThat(readBy(catalogue, ",\"data\":{\"n\":-1,\"region\":\"eu\"}")).containsExactly("m1 1");
        assertThat(readBy(catalogue, ",\"data\":{\"n\":7,\"region\":\"eu\",\"tier\":1,\"tier\":1}"))
                .containsExactly("m0 7", "m1 1");
        assertThat(readBy(catalogue, "")).containsExactly("m1 1");
    }

    @Test
    void an_event_that_no_meter_can_read_is_malformed_though_filters_take_it() {
        Catalogue catalogue = catalogue("{\"region\":\"eu\"}", "{\"region\":\"us\"}");

        assertThat(readBy(catalogue, ",\"data\":{\"n\":\"x\",\"region\":\"eu\"}"))
                .containsExactly("INVALID_VALUE data.n");
    }

    @Test
    void data_in_base64_is_filtered_like_any_other() {
        assertThat(readBy(
                        catalogue(GOLD_IN_EU), ",\"data_base64\":\"eyJuIjo3LCJyZWdpb24iOiJldSIsInRpZXIiOiJnb2xkIn0=\""))
                .containsExactly("m0 7");
    }

    @Test
    void each_meter_of_a_type_has_a_filter_of_its_own() {
        Catalogue catalogue = catalogue("{\"region\":\"eu\"}", "", "{\"region\":\"us\"}");

        assertThat(readBy(catalogue, ",\"data\":{\"n\":7,\"region\":\"eu\"}")).containsExactly("m0 7", "m1 7");
        assertThat(readBy(catalogue, ",\"data\":{\"n\":7,\"region\":\"us\"}")).containsExactly("m1 7", "m2 7");
        assertThat(readBy(catalogue, ",\"data\":{\"n\":7}")).containsExactly("m1 7");
    }

    @Test
    void what_is_filtered_out_names_the_filters() {
        assertThat(read(catalogue("{\"region\":\"eu\"}"), ",\"data\":{\"n\":7,\"region\":\"us\"}"))
                .isInstanceOfSatisfying(FilteredOut.class, out -> {
                    assertThat(out.event().subject()).isEqualTo("i");
                    assertThat(out.detail()).contains("'call'", "m0 reads {region=[eu]}");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"region\":[]}",
                "{\"region\":null}",
                "{\"region\":{\"a\":1}}",
                "{\"region\":[[\"eu\"]]}",
                "{\"tier\":-1}",
                "{\"tier\":1e400}",
                "{\"\":\"eu\"}",
                "\"eu\""
            })
    void a_filter_that_no_event_can_match_is_refused_with_a_sentence(String filter) {
        assertThatThrownBy(() -> catalogue(filter))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .matches("(meter m0|the filter of meter m0|the catalogue cannot be read).{20,}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{\"region\":\"eu\"},\"where\":{\"region\":\"us\"}",
                "{\"region\":\"eu\",\"region\":\"us\"}"
            })
    void a_filter_that_is_null_or_there_twice_is_refused_and_never_lost(String filter) {
        assertThatThrownBy(() -> catalogue(filter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the catalogue cannot be read");
    }

    @Test
    void filters_are_equal_if_they_read_the_same_events() {
        assertThat(definition("{\"a\":[1,\"x\",true],\"b\":2.0}"))
                .isEqualTo(definition("{\"b\":2,\"a\":[true,\"x\",1.00,1]}"))
                .isNotEqualTo(definition("{\"a\":[\"1\",\"x\",true],\"b\":2}"))
                .isNotEqualTo(definition(""));
    }

    private static String definition(String filter) {
        return MeterDefinitions.of(catalogue(filter)).fingerprint();
    }

    @Test
    void a_number_reaches_ingest_to_its_last_digit() {
        CatalogueVersions versions = CatalogueVersions.only(catalogue("{\"size\": 123456789012.123456}"));

        assertThat(CatalogueVersionsFile.read(CatalogueVersionsFile.write(versions))
                        .fingerprint())
                .isEqualTo(versions.fingerprint());
    }
}
