package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.ReadUsage.Code;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.Fault;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageEvent.Reading;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class UsageEventReaderTest {

    private static final Meter REQUESTS =
            new Meter("requests", "web.request", Aggregation.COUNT, null, "requests", BigDecimal.ONE);
    private static final Meter EGRESS =
            new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "MB", new BigDecimal("0.000001"));
    private static final Meter SECONDS = new Meter("cpu", "vm.cpu", Aggregation.SUM, "seconds", "s", BigDecimal.ONE);

    private final UsageEventReader reader =
            new UsageEventReader(new Catalogue(1, List.of(REQUESTS, EGRESS, SECONDS), List.of()));

    private static final String EVENT =
            """
            {"specversion":"1.0","source":"/shop","id":"e-1","type":"web.egress","subject":"i-1",\
            "time":"2026-11-24T13:05:00Z","data":{"bytes":1234}}""";

    @Test
    void a_whole_event_is_read() {
        assertThat(countable(EVENT))
                .isEqualTo(new UsageEvent(
                        "/shop",
                        "e-1",
                        "web.egress",
                        "i-1",
                        Instant.parse("2026-11-24T13:05:00Z"),
                        List.of(new Reading(EGRESS, BigDecimal.valueOf(1234)))));
    }

    @Test
    void every_meter_of_the_type_reads_its_own_field() {
        Meter largest = new Meter("zz-largest", "web.egress", Aggregation.MAX, "largest", "B", BigDecimal.ONE);
        UsageEventReader reader = new UsageEventReader(new Catalogue(1, List.of(largest, EGRESS), List.of()));
        byte[] whole = EVENT.replace("1234}", "1234,\"largest\":7}").getBytes(UTF_8);
        byte[] lacking = EVENT.getBytes(UTF_8);

        UsageEvent event = ((Countable) reader.read(whole, 0, whole.length)).event();
        assertThat(event.meter()).isEqualTo(EGRESS);
        assertThat(event.readings())
                .containsExactly(
                        new Reading(EGRESS, BigDecimal.valueOf(1234)), new Reading(largest, BigDecimal.valueOf(7)));
        assertThat(((Countable) reader.read(lacking, 0, lacking.length)).event().readings())
                .containsExactly(new Reading(EGRESS, BigDecimal.valueOf(1234)));
        byte[] nothing = EVENT.replace("\"bytes\":1234", "\"n\":1").getBytes(UTF_8);
        assertThat(reader.read(nothing, 0, nothing.length)).isInstanceOfSatisfying(Malformed.class, malformed -> {
            assertThat(malformed.code()).isEqualTo(Code.MISSING);
            assertThat(malformed.field()).isEqualTo("data.bytes");
        });
    }

    @Test
    void a_meter_that_counts_needs_no_data_and_counts_one() {
        String event = EVENT.replace("web.egress", "web.request").replace(",\"data\":{\"bytes\":1234}", "");

        assertThat(countable(event).value()).isEqualTo(BigDecimal.ONE);
        assertThat(countable(event).meter()).isEqualTo(REQUESTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "7", "\"text\"", "[1]", "{\"bytes\":-1,\"bytes\":\"x\"}"})
    void a_meter_that_counts_reads_no_data_whatever_it_holds(String data) {
        String event = EVENT.replace("web.egress", "web.request").replace("{\"bytes\":1234}", data);

        assertThat(countable(event).value()).isEqualTo(BigDecimal.ONE);
    }

    @Test
    void members_may_come_in_any_order_with_space_and_unknown_members_between() {
        String event =
                """
                 \r
                {"data" : {"x":[{"bytes":5}], "bytes" : 3, "seconds": "no number, nobody asks"}, "zz":{"id":"no"},
                \t"time":"2026-11-24T13:05:00Z", "datacontenttype":"application/json", "subject":"i-1",
                 "type":"web.egress", "id":"e-1", "source":"/shop", "specversion":"1.0", "extra": [1,[2,{}]], "n": null}
                """;

        assertThat(countable(event).value()).isEqualTo(BigDecimal.valueOf(3));
    }

    @Test
    void escapes_in_names_and_values_mean_what_they_write() {
        String event = EVENT.replace("\"id\"", "\"\\u0069d\"").replace("e-1", "\\u0065-\\u0031");

        assertThat(countable(event).id()).isEqualTo("e-1");
    }

    @Test
    void text_beyond_ascii_is_kept() {
        assertThat(countable(EVENT.replace("e-1", "Überlauf-字-🚀")).id()).isEqualTo("Überlauf-字-🚀");
    }

    @Test
    void only_the_given_stretch_of_the_bytes_is_read() {
        byte[] bytes = ("[" + EVENT + "," + EVENT.replace("e-1", "e-2") + "]").getBytes(UTF_8);

        assertThat(reader.read(bytes, 1, EVENT.length())).isInstanceOf(Countable.class);
        assertThat(reader.read(bytes, EVENT.length() + 2, EVENT.length()))
                .isInstanceOfSatisfying(
                        Countable.class, read -> assertThat(read.event().id()).isEqualTo("e-2"));
        assertThat(malformed(bytes, 1, EVENT.length() + 1).code()).isEqualTo(Code.NOT_JSON);
        assertThat(malformed(bytes, 1, EVENT.length() - 1).code()).isEqualTo(Code.NOT_JSON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "null",
                "[]",
                "\"text\"",
                "17",
                "{",
                "{}}",
                "{} {}",
                "{},",
                "{}\n1",
                "{'a':1}",
                "{\"a\":NaN}",
                "{\"a\":-Infinity}",
                "\u001e{\"a\":1}",
                "{\"a\":1}\u001e",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":5.}",
                "{\"a\":1e}",
                "{\"a\":0x1}",
                "{\"a\":tru}",
                "{\"a\":1,}",
                "{\"a\":[1,]}",
                "{\"a\" 1}",
                "{a:1}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"\\ud83\"}",
                "{\"a\":1}//comment",
                "{\"a\":/* comment */1}",
                "{\"a\":[}",
                "{\"a\":\u00a01}",
                "{\"x\":1,\"x\":1}",
                "{\"x\":1,\"\\u0078\":2}",
                "{\"id\":\"a\",\"id\":\"a\"}",
                "{\"data\":null,\"data\":{}}",
            })
    void what_is_not_one_json_object_with_each_member_once_is_refused_as_a_whole(String text) {
        assertThat(malformed(text)).satisfies(malformed -> {
            assertThat(malformed.code()).isEqualTo(Code.NOT_JSON);
            assertThat(malformed.field()).isEmpty();
            assertThat(malformed.id()).isNull();
            assertThat(malformed.detail())
                    .isNotBlank()
                    .doesNotContain("jackson")
                    .doesNotContain("StreamRead")
                    .doesNotContain("ReadFeature");
        });
    }

    @Test
    void what_is_not_json_is_refused_before_any_member_is_looked_at() {
        assertThat(malformed(EVENT.replace("1.0", "9.9") + "x").code()).isEqualTo(Code.NOT_JSON);
    }

    @Test
    void other_encodings_a_byte_order_mark_and_broken_utf_8_are_refused() {
        assertNotJson(EVENT.getBytes(UTF_16LE));
        assertNotJson(EVENT.getBytes(UTF_16BE));
        assertNotJson(("\ufeff" + EVENT).getBytes(UTF_8));
        assertThat(malformed("\ufeff" + EVENT).detail()).contains("byte order mark");
        assertNotJson(EVENT.replace("e-1", "ü").getBytes(ISO_8859_1));
        assertNotJson(
                EVENT.replace("e-1", "__").replace("__", "\u00c0\u00af").getBytes(ISO_8859_1)); // '/' in two bytes
        assertNotJson(EVENT.replace("e-1", "\u00ed\u00a0\u0080").getBytes(ISO_8859_1)); // half a pair in three bytes
        assertNotJson(EVENT.replace("e-1", "\u0000").getBytes(UTF_8));
    }

    @Test
    void a_member_twice_is_found_among_few_and_among_many() {
        for (int extras : new int[] {1, 7, 8, 9, 10, 11, 500}) {
            StringBuilder members = new StringBuilder();
            for (int i = 0; i < extras; i++) {
                members.append("\"x").append(i).append("\":").append(i).append(',');
            }
            String event = EVENT.replace("{\"spec", "{" + members + "\"spec");

            countable(event);
            String last = "x" + (extras - 1);
            assertThat(malformed(event.replace(",\"data\"", ",\"" + last + "\":0,\"data\""))
                            .detail())
                    .isEqualTo("the member '" + last + "' is there twice");
            assertThat(malformed(event.replace(",\"data\"", ",\"x0\":0,\"data\""))
                            .detail())
                    .isEqualTo("the member 'x0' is there twice");
        }
    }

    @Test
    void depth_is_bounded_and_at_the_bound_allowed() {
        int inside = UsageEventLimits.MAX_JSON_DEPTH - 1;
        String allowed = "[".repeat(inside) + "]".repeat(inside);

        countable(EVENT.replace("{\"spec", "{\"deep\":" + allowed + ",\"spec"));
        assertThat(malformed(EVENT.replace("{\"spec", "{\"deep\":[" + allowed + "],\"spec")))
                .isEqualTo(Malformed.of(Code.NOT_JSON, "", "nested deeper than 64 levels", null));
        assertThat(malformed("{\"a\":" + "[".repeat(60_000)).code()).isEqualTo(Code.NOT_JSON);
    }

    @Test
    void the_largest_event_is_read_and_one_byte_more_is_refused() {
        String largest = EVENT + " ".repeat(UsageEventLimits.MAX_EVENT_BYTES - EVENT.length());

        countable(largest);
        assertThat(malformed(largest + " "))
                .isEqualTo(Malformed.of(Code.TOO_LARGE, "", "an event has at most 65536 bytes", null));
    }

    @Test
    void long_texts_numbers_and_names_that_nobody_reads_are_allowed_within_the_size() {
        String nines = "9".repeat(20_000);

        countable(EVENT.replace(
                "{\"spec",
                "{\"a\":" + nines + ",\"b\":\"" + nines + "\",\"" + nines + "\":1e" + nines.substring(0, 50)
                        + ",\"spec"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"specversion\":\"1.0\",       |                        | MISSING             | specversion",
                "\"specversion\":\"1.0\"        | \"specversion\":null   | MISSING             | specversion",
                "\"specversion\":\"1.0\"        | \"specversion\":\"0.3\"| UNKNOWN_SPECVERSION | specversion",
                "\"specversion\":\"1.0\"        | \"specversion\":1.0    | UNKNOWN_SPECVERSION | specversion",
                "\"specversion\":\"1.0\"        | \"specversion\":{}     | UNKNOWN_SPECVERSION | specversion",
                "\"source\":\"/shop\",          |                        | MISSING             | source",
                "\"/shop\"                      | \"\"                   | INVALID             | source",
                "\"/shop\"                      | 5                      | INVALID             | source",
                "\"/shop\"                      | [\"/shop\"]            | INVALID             | source",
                "\"/shop\"                      | \"a\\nb\"              | INVALID             | source",
                "\"/shop\"                      | \"a\\u0085b\"          | INVALID             | source",
                "\"/shop\"                      | \"a\\ud83db\"          | INVALID             | source",
                "\"/shop\"                      | \"a\\ude80\"           | INVALID             | source",
                "\"web.egress\"                 | \"web.ingress\"        | UNKNOWN_TYPE        | type",
                "\"web.egress\"                 | true                   | INVALID             | type",
                "\"type\":\"web.egress\",       |                        | MISSING             | type",
                "\"i-1\"                        | \"  \"                 | INVALID             | subject",
                "\"i-1\"                        | \"\\u0000\"            | INVALID             | subject",
                "\"subject\":\"i-1\",           |                        | MISSING             | subject",
                "\"2026-11-24T13:05:00Z\"       | 1732453500             | INVALID             | time",
                "\"2026-11-24T13:05:00Z\"       | \"yesterday\"          | INVALID             | time",
                "\"time\":\"2026-11-24T13:05:00Z\",|                     | MISSING             | time",
                "{\"bytes\":1234}               | null                   | MISSING             | data",
                "{\"bytes\":1234}               | \"1234\"               | INVALID             | data",
                "{\"bytes\":1234}               | [1234]                 | INVALID             | data",
                "{\"bytes\":1234}               | {}                     | MISSING             | data.bytes",
                "\"bytes\":1234                 | \"bytes\":null         | MISSING             | data.bytes",
                "\"bytes\":1234                 | \"seconds\":1          | MISSING             | data.bytes",
                "\"bytes\":1234                 | \"bytes\":1,\"bytes\":1| NOT_JSON            | data.bytes",
                "\"bytes\":1234                 | \"bytes\":true         | INVALID_VALUE       | data.bytes",
                "\"bytes\":1234                 | \"bytes\":{}           | INVALID_VALUE       | data.bytes",
                "\"bytes\":1234                 | \"bytes\":-1           | INVALID_VALUE       | data.bytes",
            })
    void what_is_wrong_is_named_by_code_and_field(String find, String replacement, Code code, String field) {
        Malformed malformed = malformed(EVENT.replace(find, replacement == null ? "" : replacement));

        assertThat(malformed.code()).isEqualTo(code);
        assertThat(malformed.field()).isEqualTo(field);
        assertThat(malformed.id()).isEqualTo("e-1");
        assertThat(malformed.detail()).isNotBlank();
    }

    @Test
    void an_id_that_is_wrong_is_not_repeated_in_the_answer() {
        assertThat(malformed(EVENT.replace("\"e-1\"", "\"\"")))
                .isEqualTo(Malformed.of(Code.INVALID, "id", "id must not be empty", null));
        assertThat(malformed(EVENT.replace("\"id\":\"e-1\",", "")))
                .isEqualTo(Malformed.of(Code.MISSING, "id", "id is missing", null));
    }

    @Test
    void the_first_wrong_member_in_the_documented_order_is_the_answer() {
        String nothingRight =
                """
                {"data":7,"time":7,"subject":7,"type":7,"id":7,"source":7,"specversion":7}""";
        List<String> order = List.of("specversion", "source", "id", "type", "subject", "time", "data");
        List<String> right =
                List.of("\"1.0\"", "\"s\"", "\"i\"", "\"web.egress\"", "\"i-1\"", "\"2026-11-24T13:05:00Z\"");

        String event = nothingRight;
        for (int i = 0; i < order.size(); i++) {
            assertThat(malformed(event).field()).isEqualTo(order.get(i));
            if (i < right.size()) {
                event = event.replace("\"" + order.get(i) + "\":7", "\"" + order.get(i) + "\":" + right.get(i));
            }
        }
    }

    @Test
    void all_that_is_wrong_is_named_at_once() {
        Malformed malformed = malformed(EVENT.replace("\"/shop\"", "7")
                .replace("\"i-1\"", "\"\"")
                .replace("2026-11-24T13:05:00Z", "yesterday")
                .replace("1234", "-1"));

        assertThat(malformed.faults())
                .extracting(Fault::field)
                .containsExactly("source", "subject", "time", "data.bytes");
        assertThat(malformed.id()).isEqualTo("e-1");
        assertThat(malformed(EVENT.replace("web.egress", "web.ingress").replace("\"i-1\"", "7"))
                        .faults())
                .extracting(Fault::code)
                .containsExactly(Code.UNKNOWN_TYPE, Code.INVALID);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-24T13:05:00.1234567899Z, 2026-11-24T13:05:00.123456789Z",
        "2016-12-31T23:59:60Z, 2016-12-31T23:59:59.999999999Z",
        "2017-01-01T05:29:60.5+05:30, 2016-12-31T23:59:59.999999999Z",
    })
    void a_time_finer_than_ours_keeps_its_second_and_its_hour(String written, Instant moment) {
        assertThat(countable(EVENT.replace("2026-11-24T13:05:00Z", written)).time())
                .isEqualTo(moment);
    }

    @Test
    void data_in_base64_is_read_where_there_is_no_data() {
        String base64 = Base64.getEncoder().encodeToString("{ \"bytes\" : 1234 }".getBytes(UTF_8));
        String without = EVENT.replace(",\"data\":{\"bytes\":1234}", "");

        assertThat(countable(without.replace("}", ",\"data_base64\":\"" + base64 + "\"}")))
                .isEqualTo(countable(EVENT));
        assertThat(countable(EVENT.replace("\"data\"", "\"data_base64\":7,\"data\"")))
                .isEqualTo(countable(EVENT));
    }

    @ParameterizedTest
    @CsvSource({
        "?, INVALID, data_base64",
        "bm8ganNvbg==, NOT_JSON, data_base64",
        "W10=, NOT_JSON, data_base64",
        "e30ge30=, NOT_JSON, data_base64",
        "eyJieXRlcyI6MSwiYnl0ZXMi, NOT_JSON, data_base64",
        "e30=, MISSING, data.bytes",
        "eyJieXRlcyI6LTF9, INVALID_VALUE, data.bytes",
    })
    void data_in_base64_that_a_meter_cannot_read_is_named(String base64, Code code, String field) {
        Malformed malformed =
                malformed(EVENT.replace("\"data\":{\"bytes\":1234}", "\"data_base64\":\"" + base64 + "\""));

        assertThat(malformed.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.code()).isEqualTo(code);
            assertThat(fault.field()).isEqualTo(field);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "  leads",
                "trails ",
                "a\u00fc\u65e5",
                "a\\u0062",
                "quote\\\"back\\\\slash",
                "100%",
                "%41",
                "null",
                "../x",
                "\ud83d\ude80",
                "A",
                "\u0130",
                "e\u0301",
                "\u200b",
                "a/b?c#d"
            })
    void an_odd_id_is_an_id_and_kept_as_it_is(String written) {
        String id = written.replace("\\u0062", "b").replace("\\\"", "\"").replace("\\\\", "\\");

        assertThat(countable(EVENT.replace("e-1", written)).id()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"bytes\":1234,\"note\":\"a\\u0000b\"",
                "\"by\\u0000tes\":9,\"bytes\":1234",
                "\"bytes\":1234},\"extension\":{\"x\":\"\\u0000\"",
                "\"bytes\":1234,\"x\":1,\"x\":2",
            })
    void what_nobody_reads_may_hold_anything(String data) {
        assertThat(countable(EVENT.replace("\"bytes\":1234", data))).isEqualTo(countable(EVENT));
    }

    @Test
    void names_are_bounded_in_length() {
        countable(EVENT.replace("e-1", "x".repeat(256)));
        countable(EVENT.replace("i-1", "x".repeat(64)));
        assertThat(malformed(EVENT.replace("e-1", "x".repeat(257))).field()).isEqualTo("id");
        assertThat(malformed(EVENT.replace("/shop", "x".repeat(257))).field()).isEqualTo("source");
        assertThat(malformed(EVENT.replace("web.egress", "x".repeat(257))).code())
                .isEqualTo(Code.INVALID);
        assertThat(malformed(EVENT.replace("i-1", "x".repeat(65))).field()).isEqualTo("subject");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, 0",
        "-0.00, 0",
        "0e999999999, 0",
        "1, 1",
        "1.50, 1.5",
        "15e-1, 1.5",
        "1e3, 1000",
        "1E+3, 1000",
        "100, 100",
        "100.0, 100",
        "0.000000000001, 0.000000000001",
        "1e-12, 0.000000000001",
        "999999999999999999, 999999999999999999",
        "999999999999999999.999999999999, 999999999999999999.999999999999",
        "1e17, 100000000000000000",
        "0.1e1, 1",
        "1000000000000000000000e-21, 1",
        "0.10000000000000000000000000, 0.1",
        "123456789012345678.000000000001, 123456789012345678.000000000001",
    })
    void a_value_is_exact_and_has_as_few_decimals_as_it_needs(String written, String value) {
        assertThat(countable(EVENT.replace("1234", written)).value()).isEqualTo(new BigDecimal(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "1.50", "-0", "999999999999999999.999999999999"})
    void a_value_may_be_a_plain_decimal_string(String written) {
        assertThat(countable(EVENT.replace("1234", "\"" + written + "\"")).value())
                .isEqualByComparingTo(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "-1e-12",
                "1e18",
                "1000000000000000000",
                "1e-13",
                "0.0000000000001",
                "1e999999999",
                "1e-999999999",
                "1e99999999999999999999",
                "\"1e3\"",
                "\"\"",
                "\" 1\"",
                "\"1 \"",
                "\"+1\"",
                "\"01\"",
                "\"1.\"",
                "\".5\"",
                "\"1,5\"",
                "\"NaN\"",
                "\"-1\"",
                "\"١\"",
                "\"1e999999999\"",
            })
    void a_value_that_is_negative_too_long_or_no_decimal_is_refused(String written) {
        assertThat(malformed(EVENT.replace("1234", written)))
                .satisfies(malformed -> assertThat(malformed.code()).isEqualTo(Code.INVALID_VALUE))
                .satisfies(malformed -> assertThat(malformed.field()).isEqualTo("data.bytes"));
    }

    @Test
    void a_value_of_many_digits_is_cheap_to_refuse() {
        String monster = "9".repeat(60_000) + "e999999999";
        long start = System.nanoTime();

        for (int i = 0; i < 200; i++) {
            assertThat(malformed(EVENT.replace("1234", monster)).code()).isEqualTo(Code.INVALID_VALUE);
        }

        // elapsed time, with room for a slow machine: expanding even one of them takes longer than all of this
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-24T13:05:00Z, 2026-11-24T13:05:00Z",
        "2026-11-24t13:05:00z, 2026-11-24T13:05:00Z",
        "2026-11-24T13:05:00.5Z, 2026-11-24T13:05:00.5Z",
        "2026-11-24T13:05:00.123456789Z, 2026-11-24T13:05:00.123456789Z",
        "2026-11-24T13:05:00+08:00, 2026-11-24T05:05:00Z",
        "2026-11-24T13:05:00-00:30, 2026-11-24T13:35:00Z",
        "2026-11-24T13:05:00-23:59, 2026-11-25T13:04:00Z",
        "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
        "1970-01-01T00:00:00Z, 1970-01-01T00:00:00Z",
        "1969-12-31T23:00:00-01:00, 1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z, 9999-12-31T23:59:59.999999999Z",
    })
    void time_is_read_as_rfc_3339_writes_it(String written, Instant moment) {
        assertThat(countable(EVENT.replace("2026-11-24T13:05:00Z", written)).time())
                .isEqualTo(moment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-24",
                "2026-11-24T13:05Z",
                "2026-11-24T13:05:00",
                "2026-11-24 13:05:00Z",
                "2026-11-24T13:05:60Z",
                "2026-11-24T24:00:00Z",
                "2026-11-24T13:60:00Z",
                "2026-02-29T00:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-01-00T00:00:00Z",
                "2026-11-24T13:05:00.Z",
                "2026-11-24T13:05:00,5Z",
                "2026-11-24T23:59:60Z",
                "2026-11-30T23:58:60Z",
                "2026-12-01T23:59:60+01:00",
                "2026-11-30T23:59:61Z",
                "2026-11-24T13:05:00+0800",
                "2026-11-24T13:05:00+08",
                "2026-11-24T13:05:00+24:00",
                "2026-11-24T13:05:00+08:60",
                "2026-11-24T13:05:00*08:00",
                "2026-11-24T13:05:00ZZ",
                "2026-11-24T13:05:00Z[UTC]",
                "+2026-11-24T13:05:00Z",
                "١٩٧٠-01-01T00:00:00Z",
                "1969-12-31T23:59:59Z",
                "1970-01-01T00:00:00+00:01",
                "9999-12-31T23:59:59-00:01",
                "0000-01-01T00:00:00Z",
                "10000-01-01T00:00:00Z",
                "",
            })
    void any_other_time_is_refused(String written) {
        assertThat(malformed(EVENT.replace("2026-11-24T13:05:00Z", written)))
                .satisfies(malformed -> assertThat(malformed.code()).isEqualTo(Code.INVALID))
                .satisfies(malformed -> assertThat(malformed.field()).isEqualTo("time"));
    }

    private UsageEvent countable(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        ReadUsage read = reader.read(bytes, 0, bytes.length);
        assertThat(read).isInstanceOf(Countable.class);
        return ((Countable) read).event();
    }

    private Malformed malformed(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return malformed(bytes, 0, bytes.length);
    }

    private Malformed malformed(byte[] bytes, int offset, int length) {
        ReadUsage read = reader.read(bytes, offset, length);
        assertThat(read).isInstanceOf(Malformed.class);
        return (Malformed) read;
    }

    private void assertNotJson(byte[] bytes) {
        assertThat(malformed(bytes, 0, bytes.length).code()).isEqualTo(Code.NOT_JSON);
    }
}
