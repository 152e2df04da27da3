package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.pusher.marketplace.AnswerReader;
import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.PushAnswer;
import io.hourledger.pusher.marketplace.PushAnswer.Accepted;
import io.hourledger.pusher.marketplace.PushAnswer.NotAllowed;
import io.hourledger.pusher.marketplace.PushAnswer.RefusedCall;
import io.hourledger.pusher.marketplace.PushAnswer.SomeAbnormal;
import io.hourledger.pusher.marketplace.PushAnswer.Throttled;
import io.hourledger.pusher.marketplace.PushAnswer.TooManyRecords;
import io.hourledger.pusher.marketplace.PushAnswer.Unclear;
import io.hourledger.pusher.marketplace.Rejection;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class KooGalleryAnswerReaderTest {

    private static final AnswerReader READER = new KooGalleryAnswerReader(false);

    private static final Instant NOW = Instant.parse("2026-11-24T09:00:00Z");

    private static PushAnswer read(int status, String body) {
        return read(status, null, body);
    }

    private static PushAnswer read(int status, String retryAfter, String body) {
        return READER.read(new HttpResult.Answer(status, retryAfter, body.getBytes(UTF_8)), NOW);
    }

    private static String coded(String code) {
        return "{\"error_code\":\"" + code + "\",\"error_msg\":\"why\"}";
    }

    /** The table of koogallery.md, section 1.4, each code under the HTTP status it comes with. */
    @ParameterizedTest
    @CsvSource({
        "200, MKT.0000, Accepted",
        "500, MKT.0999, Unclear",
        "500, MKT.0100, RefusedCall",
        "400, MKT.0101, RefusedCall",
        "400, MKT.0102, NotAllowed",
        "400, MKT.0199, RefusedCall",
        "401, MKT.0150, NotAllowed",
        "401, MKT.0151, NotAllowed",
        "401, MKT.0154, NotAllowed",
        "500, MKT.9001, RefusedCall",
        "500, MKT.9002, RefusedCall",
        "500, MKT.9003, TooManyRecords",
        "500, MKT.9004, RefusedCall",
        "500, MKT.9005, Unclear",
        "406, MKT.0250, Throttled",
        "406, CBC.0250, Throttled",
        "200, CBC.0000, Accepted",
        "400, CBC.9001, RefusedCall",
        "429, APIGW.0308, Throttled",
        "503, APIG.0308, Throttled",
        "429, MKT.7777, Throttled",
        "401, APIGW.0301, NotAllowed",
        "404, APIGW.0101, NotAllowed",
        "504, APIGW.0203, Unclear",
        "200, XYZ.0000, Unclear",
        "200, 0000, Accepted",
        "500, 0100, RefusedCall",
        "406, 0250, Throttled",
        "200, 000000, Unclear",
        "200, MKT.00000, Unclear",
        "500, MKT.0000, Unclear"
    })
    void the_digits_of_the_code_decide(int status, String code, String answer) {
        assertThat(read(status, coded(code)).getClass().getSimpleName()).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource({"200", "202", "500", "501", "502", "503", "504"})
    void without_a_code_nothing_is_known(int status) {
        assertThat(read(status, "")).isInstanceOf(Unclear.class);
        assertThat(read(status, "<html><body>Bad Gateway</body></html>")).isInstanceOf(Unclear.class);
        assertThat(read(status, "{}")).isInstanceOf(Unclear.class);
        assertThat(read(status, "null")).isInstanceOf(Unclear.class);
        assertThat(read(status, "[]")).isInstanceOf(Unclear.class);
        assertThat(read(status, "{\"error_code\":\"MKT.0000\"")).isInstanceOf(Unclear.class);
        assertThat(read(status, "{\"error_code\":{}}")).isInstanceOf(Unclear.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"APIGW.0100", "APIG.0101", "MKT.0150", "MKT.0102"})
    void what_is_not_allowed_now_says_nothing_of_an_earlier_attempt(String code) {
        assertThat(read(401, coded(code)))
                .isInstanceOfSatisfying(NotAllowed.class, answer -> assertThat(answer.rejection())
                        .isEqualTo(Rejection.REFUSED_TODAY));
    }

    @Test
    void only_a_signature_is_our_keys_fault_and_only_while_the_key_is_changed() {
        AnswerReader changing = new KooGalleryAnswerReader(true);
        assertThat(changing.read(answer("MKT.0102"), Instant.EPOCH))
                .isInstanceOfSatisfying(NotAllowed.class, answer -> assertThat(answer.rejection())
                        .isEqualTo(Rejection.OF_OUR_KEY));
        assertThat(changing.read(answer("MKT.0150"), Instant.EPOCH))
                .isInstanceOfSatisfying(NotAllowed.class, answer -> assertThat(answer.rejection())
                        .isEqualTo(Rejection.REFUSED_TODAY));
    }

    private static HttpResult.Answer answer(String code) {
        return new HttpResult.Answer(401, null, coded(code).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void a_501_a_503_or_an_undocumented_code_asks_for_a_changed_call() {
        assertThat(read(501, "")).isInstanceOfSatisfying(Unclear.class, unclear -> assertThat(unclear.changeTheCall())
                .isTrue());
        assertThat(read(503, "")).isInstanceOfSatisfying(Unclear.class, unclear -> assertThat(unclear.changeTheCall())
                .isTrue());
        assertThat(read(500, coded("MKT.9005")))
                .isInstanceOfSatisfying(Unclear.class, unclear -> assertThat(unclear.changeTheCall())
                        .isTrue());
        assertThat(read(504, "")).isInstanceOfSatisfying(Unclear.class, unclear -> assertThat(unclear.changeTheCall())
                .isFalse());
    }

    @Test
    void retry_after_is_read_in_seconds_and_as_a_date() {
        assertThat(((Throttled) read(429, "7", "")).retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(((Throttled) read(429, "Tue, 24 Nov 2026 09:00:30 GMT", coded("APIGW.0308"))).retryAfter())
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(((Throttled) read(406, "3", coded("MKT.0250"))).retryAfter()).isEqualTo(Duration.ofSeconds(3));
        assertThat(((Unclear) read(503, "120", "")).retryAfter()).isEqualTo(Duration.ofMinutes(2));
        assertThat(((Throttled) read(406, "1.5", "")).retryAfter()).isEqualTo(Duration.ofMillis(1500));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Tue, 24 Nov 2026 09:00:30 GMT",
                "Tuesday, 24-Nov-26 09:00:30 GMT",
                "Tue Nov 24 09:00:30 2026",
            })
    void retry_after_is_read_in_every_form_of_an_http_date(String date) {
        assertThat(((Throttled) read(429, date, "")).retryAfter()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void a_retry_after_that_is_past_nonsense_or_absurd_does_no_harm() {
        assertThat(((Throttled) read(429, "Tue, 24 Nov 2026 08:00:00 GMT", "")).retryAfter())
                .isEqualTo(Duration.ZERO);
        assertThat(((Throttled) read(429, "soon", "")).retryAfter()).isNull();
        assertThat(((Throttled) read(429, null, "")).retryAfter()).isNull();
        assertThat(((Throttled) read(429, "999999999", "")).retryAfter()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void abnormal_records_of_an_accepted_call_are_named_with_their_codes() {
        SomeAbnormal answer = (SomeAbnormal)
                read(
                        200,
                        """
                {"error_code":"MKT.0000","error_msg":"success","abnormal_usage_data":[
                  {"instance_id":"i-1","metering_sn":"sn-1","error_code":"001","error_msg":"no such instance"},
                  {"meteringSn":"sn-2","errorCode":"MKT.005"}]}""");
        assertThat(answer.restAccepted()).isTrue();
        assertThat(answer.abnormal())
                .extracting(PushAnswer.AbnormalRecord::meteringSn)
                .containsExactly("sn-1", "sn-2");
        assertThat(answer.abnormal())
                .extracting(PushAnswer.AbnormalRecord::code)
                .containsExactly("001", "005");
    }

    @Test
    void abnormal_records_inside_their_own_part_of_the_answer_are_found() {
        SomeAbnormal answer = (SomeAbnormal)
                read(
                        500,
                        """
                {"error_code":"MKT.0100","AbnormalUsageDataInfo":{"abnormal_usage_data":[{"metering_sn":"sn-1","error_code":"003"}]}}""");
        assertThat(answer.restAccepted()).isFalse();
        assertThat(answer.abnormal()).hasSize(1);
    }

    @Test
    void an_abnormal_records_window_is_read_only_from_its_exact_spelling() {
        assertThat(begin("20261124T090000Z")).isEqualTo(Instant.parse("2026-11-24T09:00:00Z"));
        assertThat(begin("20260231T090000Z")).isNull();
        assertThat(begin("20261123T240000Z")).isNull();
        assertThat(begin("2026-11-24T09:00:00Z")).isNull();
        assertThat(begin("")).isNull();
    }

    private static Instant begin(String time) {
        SomeAbnormal answer = (SomeAbnormal) read(
                200,
                "{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[{\"begin_time\":\"" + time
                        + "\",\"error_code\":\"001\"}]}");
        return answer.abnormal().get(0).begin();
    }

    @Test
    void only_code_0150_says_that_somebody_looked_at_the_records() {
        assertThat(read(500, coded("MKT.0150")))
                .isInstanceOfSatisfying(NotAllowed.class, answer -> assertThat(answer.recordsLookedAt())
                        .isTrue());
        assertThat(read(500, coded("MKT.0154")))
                .isInstanceOfSatisfying(NotAllowed.class, answer -> assertThat(answer.recordsLookedAt())
                        .isFalse());
    }

    @Test
    void an_empty_list_of_abnormal_records_is_no_list() {
        assertThat(read(200, "{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[]}"))
                .isInstanceOf(Accepted.class);
        assertThat(read(200, "{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":null}"))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void a_list_of_abnormal_records_in_an_unknown_form_is_not_passed_over() {
        assertThat(read(200, "{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":\"see console\"}"))
                .isInstanceOf(SomeAbnormal.class);
        assertThat(read(200, "{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[[]]}"))
                .isInstanceOf(SomeAbnormal.class);
    }

    @Test
    void what_never_left_is_not_what_was_never_answered() {
        assertThat(READER.read(new HttpResult.NotSent("refused"), NOW)).isInstanceOf(PushAnswer.NotSent.class);
        assertThat(READER.read(new HttpResult.Silence("time-out"), NOW)).isInstanceOf(Unclear.class);
    }

    @Test
    void messages_are_shortened() {
        RefusedCall refused =
                (RefusedCall) read(500, "{\"error_code\":\"MKT.9001\",\"error_msg\":\"" + "x".repeat(10_000) + "\"}");
        assertThat(refused.message()).hasSize(255);
    }

    /** PostgreSQL refuses U+0000 in text and in jsonb; a message with it could never be kept. */
    @Test
    void messages_and_codes_have_no_control_characters_and_no_half_characters() {
        RefusedCall refused = (RefusedCall) read(
                500, "{\"error_code\":\"MKT.9001\",\"error_msg\":\"no\\u0000 such\\u001b\\ud83d \\ud83d\\ude00\"}");
        assertThat(refused.message()).isEqualTo("no such \ud83d\ude00");
        SomeAbnormal abnormal = (SomeAbnormal)
                read(
                        200,
                        "{\"error_code\":\"MKT.0000\",\"abnormal_usage_data\":[{\"error_code\":\"0\\u000009\",\"error_msg\":\"a\\u0000b\"}]}");
        assertThat(abnormal.abnormal()).singleElement().satisfies(record -> {
            assertThat(record.code()).isEqualTo("009");
            assertThat(record.message()).isEqualTo("ab");
        });
    }

    /** Whatever comes back, there is an answer, and only the documented success is success. */
    @Property(tries = 2000)
    void nothing_but_the_code_of_success_in_a_successful_answer_is_success(
            @ForAll("answers") HttpResult.Answer result) {
        PushAnswer answer = READER.read(result, NOW);
        if (answer instanceof Accepted) {
            assertThat(result.status()).isBetween(200, 299);
            // koogallery.md 1.4: the digits say it, since the prefix is told in two ways
            assertThat(new String(result.body(), UTF_8)).containsPattern("\"([A-Z]+\\.)?0000\"");
        }
        assertThat(answer)
                .isInstanceOfAny(
                        Accepted.class,
                        SomeAbnormal.class,
                        RefusedCall.class,
                        TooManyRecords.class,
                        NotAllowed.class,
                        Throttled.class,
                        Unclear.class);
    }

    @Provide
    Arbitrary<HttpResult.Answer> answers() {
        Arbitrary<String> codes = Arbitraries.oneOf(
                Arbitraries.of("MKT.", "CBC.", "APIGW.", "", "mkt.")
                        .flatMap(prefix ->
                                Arbitraries.strings().numeric().ofLength(4).map(digits -> prefix + digits)),
                Arbitraries.of("MKT.0000", "CBC.0000", "0", "success"),
                Arbitraries.strings().alpha().ofMaxLength(8));
        Arbitrary<String> bodies = Arbitraries.oneOf(
                codes.map(KooGalleryAnswerReaderTest::coded),
                codes.map(code -> "{\"error_code\":\"" + code + "\",\"abnormal_usage_data\":[{}]}"),
                codes.map(code -> "{\"data\":{\"error_code\":\"" + code + "\"}}"),
                Arbitraries.strings().ofMaxLength(40));
        return Combinators.combine(
                        Arbitraries.of(200, 201, 202, 204, 301, 400, 401, 404, 406, 429, 500, 502, 503, 504),
                        Arbitraries.of("", "1", "x").injectNull(0.5),
                        bodies)
                .as((status, retryAfter, body) -> new HttpResult.Answer(status, retryAfter, body.getBytes(UTF_8)));
    }
}
