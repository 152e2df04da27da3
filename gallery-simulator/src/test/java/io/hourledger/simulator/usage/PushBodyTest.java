package io.hourledger.simulator.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.simulator.usage.PushBody.Reading;
import io.hourledger.simulator.usage.PushedRecord.Malformed;
import io.hourledger.simulator.usage.PushedRecord.WellFormed;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shape of a push body, koogallery.md, section 1.3, and the codes of 1.4. */
@Tag("fast")
class PushBodyTest {

    private static final String RECORD =
            "{\"begin_time\":\"20220809T080000Z\",\"end_time\":\"20220809T090000Z\",\"instance_id\":\"i-1\","
                    + "\"metering_sn\":\"sn-1\",\"record_time\":\"20220809T091000Z\",\"usage_value\":\"99.5\"}";

    private static Reading read(String... records) {
        return PushBody.read(("{\"usage_records\":[" + String.join(",", records) + "]}").getBytes(UTF_8));
    }

    private static String without(String field) {
        return RECORD.replaceAll("\"" + field + "\":\"[^\"]*\",?", "").replace(",}", "}");
    }

    private static String with(String field, String json) {
        return RECORD.replaceAll("\"" + field + "\":\"[^\"]*\"", "\"" + field + "\":" + json);
    }

    private static String codeOfCall(Reading reading) {
        Refusal refusal = reading.refusal();
        return refusal == null ? "none" : refusal.httpStatus() + " " + refusal.code();
    }

    private static Malformed malformed(Reading reading) {
        assertThat(reading.refusal()).isNull();
        return (Malformed) reading.records().get(0);
    }

    @Test
    void a_record_in_the_documented_form_is_read() {
        Reading reading = read(RECORD);

        assertThat(reading.canonical()).isTrue();
        assertThat(reading.records())
                .containsExactly(new WellFormed(
                        0,
                        "i-1",
                        "sn-1",
                        Instant.parse("2022-08-09T08:00:00Z"),
                        Instant.parse("2022-08-09T09:00:00Z"),
                        Instant.parse("2022-08-09T09:10:00Z"),
                        new PushedRecord.SentAmount(new BigDecimal("99.5"), "99.5"),
                        null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"begin_time", "end_time", "instance_id", "record_time", "usage_value"})
    void a_missing_parameter_is_0101(String field) {
        assertThat(codeOfCall(read(without(field)))).isEqualTo("400 MKT.0101");
    }

    @Test
    void a_missing_metering_sn_is_0101_for_the_call_and_004_for_the_record() {
        Malformed record = malformed(read(without("metering_sn")));

        assertThat(record.code()).isEqualTo(RecordAnswerCode.ID_MISSING);
        assertThat(record.refusal().code()).isEqualTo("MKT.0101");
    }

    @Test
    void an_unknown_parameter_is_0101_in_a_record_and_beside_the_records() {
        assertThat(codeOfCall(read(RECORD.replace("\"usage_value\"", "\"product_id\":\"p\",\"usage_value\""))))
                .isEqualTo("400 MKT.0101");
        assertThat(codeOfCall(PushBody.read(("{\"extra\":1,\"usage_records\":[" + RECORD + "]}").getBytes(UTF_8))))
                .isEqualTo("400 MKT.0101");
    }

    @Test
    void a_call_without_records_is_0199() {
        assertThat(codeOfCall(read())).isEqualTo("400 MKT.0199");
        assertThat(codeOfCall(PushBody.read("{}".getBytes(UTF_8)))).isEqualTo("400 MKT.0199");
        assertThat(codeOfCall(PushBody.read("{\"usage_records\":{}}".getBytes(UTF_8))))
                .isEqualTo("400 MKT.0199");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "nonsense", "[]", "{\"usage_records\":[1]}", "{\"usage_records\":[]} x", "{\"a\":1,\"a\":1}"
            })
    void a_body_that_is_not_the_documented_json_is_0100(String body) {
        assertThat(codeOfCall(PushBody.read(body.getBytes(UTF_8)))).isEqualTo("500 MKT.0100");
    }

    @Test
    void more_than_1000_records_are_9003_and_exactly_1000_are_not() {
        String thousand = IntStream.range(0, 1000).mapToObj(i -> RECORD).collect(Collectors.joining(","));

        assertThat(read(thousand).records()).hasSize(1000);
        assertThat(codeOfCall(read(thousand, RECORD))).isEqualTo("500 MKT.9003");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2022-08-09T08:00:00Z\"",
                "\"20220809T080000\"",
                "\"20220809T080000.000Z\"",
                "\"20220809T080000+08\"",
                "\"20220230T080000Z\"",
                "\"20220809T240000Z\"",
                "1660032000",
                "null"
            })
    void a_time_in_any_other_form_is_0100_for_the_call_and_002_for_the_record(String time) {
        for (String field : new String[] {"begin_time", "end_time", "record_time"}) {
            Malformed record = malformed(read(with(field, time)));

            assertThat(record.code()).isEqualTo(RecordAnswerCode.TIME_FORMAT_WRONG);
            assertThat(record.refusal().code()).isEqualTo("MKT.0100");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"0\"",
                "\"0.0000\"",
                "\"-1\"",
                "\"+1\"",
                "\"1.00000\"",
                "\"1e3\"",
                "\" 1\"",
                "\"01\"",
                "\".5\"",
                "\"1.\"",
                "\"1,5\"",
                "\"\"",
                "\"100000000\"",
                "\"100000000.0000\"",
                "99",
                "99.5",
                "null"
            })
    void an_amount_that_is_not_a_plain_decimal_text_of_12_4_above_zero_is_0100_and_003(String amount) {
        Malformed record = malformed(read(with("usage_value", amount)));

        assertThat(record.code()).isEqualTo(RecordAnswerCode.USAGE_AMOUNT_WRONG);
        assertThat(record.refusal().code()).isEqualTo("MKT.0100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0001", "1", "0.5", "99999999.9999", "12.50"})
    void the_smallest_and_the_largest_amount_are_taken(String amount) {
        assertThat(read(with("usage_value", "\"" + amount + "\"")).records().get(0))
                .isInstanceOf(WellFormed.class);
    }

    @Test
    void ids_have_at_most_64_characters() {
        String longest = "\"" + "x".repeat(64) + "\"";
        String tooLong = "\"" + "x".repeat(65) + "\"";

        assertThat(read(with("instance_id", longest)).refusal()).isNull();
        assertThat(codeOfCall(read(with("instance_id", tooLong)))).isEqualTo("500 MKT.0100");
        assertThat(read(with("metering_sn", longest)).records().get(0)).isInstanceOf(WellFormed.class);
        assertThat(malformed(read(with("metering_sn", tooLong))).refusal().code())
                .isEqualTo("MKT.0100");
        assertThat(codeOfCall(read(RECORD.replace(
                        "\"record_time\":\"20220809T091000Z\"",
                        "\"record_time\":\"20220809T091000Z\",\"relate_pkg_instance\":" + tooLong))))
                .isEqualTo("500 MKT.0100");
    }

    @Test
    void a_body_is_canonical_when_its_keys_ascend_and_it_has_no_white_space() {
        String swapped = RECORD.replace(
                "\"begin_time\":\"20220809T080000Z\",\"end_time\":\"20220809T090000Z\"",
                "\"end_time\":\"20220809T090000Z\",\"begin_time\":\"20220809T080000Z\"");

        assertThat(read(RECORD).canonical()).isTrue();
        assertThat(read(swapped).canonical()).isFalse();
        assertThat(read(" " + RECORD).canonical()).isFalse();
    }
}
