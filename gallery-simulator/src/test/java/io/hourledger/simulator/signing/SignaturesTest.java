package io.hourledger.simulator.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each formula against a value that was worked out by another program (Python's hmac), or printed in Huawei's documentation. */
@Tag("fast")
class SignaturesTest {

    private static final String KEY = "isv-key-0123456789";

    private static final String PUSH_BODY =
            "{\"usage_records\":[{\"begin_time\":\"20220809T080000Z\",\"end_time\":\"20220809T090000Z\",\"instance_id\":\"3c7af1ee\","
                    + "\"metering_sn\":\"sn-1\",\"record_time\":\"20220809T091000Z\",\"usage_value\":\"99\"}]}";
    private static final String PUSH_SIGNATURE = "RATzWG4zIzHO+cPJ3gmgvc+qrg1Vx+hglAsPa/2PosY=";
    private static final String NONCE = "0b4c9a4e-1f0c-4b7a-9f5e-2d5f2b8f8f10";

    @Test
    void a_push_is_signed_over_ts_nonce_and_body() {
        String signature = PushSignature.of(KEY, "1709690865879", NONCE, PUSH_BODY.getBytes(UTF_8));

        assertThat(signature).isEqualTo(PUSH_SIGNATURE);
    }

    @Test
    void a_push_signature_fits_no_other_body_nonce_time_or_key() {
        byte[] body = PUSH_BODY.getBytes(UTF_8);
        byte[] otherBody = PUSH_BODY.replace("99", "98").getBytes(UTF_8);

        assertThat(PushSignature.fits(PUSH_SIGNATURE, KEY, "1709690865879", NONCE, body))
                .isTrue();
        assertThat(PushSignature.fits(PUSH_SIGNATURE, KEY, "1709690865879", NONCE, otherBody))
                .isFalse();
        assertThat(PushSignature.fits(PUSH_SIGNATURE, KEY, "1709690865878", NONCE, body))
                .isFalse();
        assertThat(PushSignature.fits(PUSH_SIGNATURE, KEY, "1709690865879", "other", body))
                .isFalse();
        assertThat(PushSignature.fits(PUSH_SIGNATURE, "other", "1709690865879", NONCE, body))
                .isFalse();
    }

    @Test
    void a_callback_is_signed_over_key_nonce_timestamp_and_the_hash_of_its_body() {
        String body = "{\"activity\":\"newInstance\",\"businessId\":\"b-1\",\"orderId\":\"CS2211181819NDAK4\","
                + "\"orderLineId\":\"CS2211181819NDAK4-000001\",\"testFlag\":\"1\"}";

        assertThat(CallbackSignature.of(KEY, "f0e1d2c3", "1680508066618", body.getBytes(UTF_8)))
                .isEqualTo("dd4449032fa636b9ce240326057ed03969a92ac7acca3bed961db868d80c7a68");
    }

    @Test
    void an_answer_is_signed_over_its_whole_body_with_both_values_in_double_quotes() {
        byte[] body = "{\"resultCode\":\"000000\",\"resultMsg\":\"success.\",\"instanceId\":\"b-1\"}".getBytes(UTF_8);
        String header = "sign_type=\"HMAC-SHA256\", signature=\"yQnJJNOAWky7sBmuU8vtkGFQIGLTmjYYZDI6be3CudM=\"";

        assertThat(BodySign.of(KEY, body)).isEqualTo(header);
        assertThat(BodySign.assess(header, KEY, body)).isEqualTo(BodySign.Verdict.GOOD);
        assertThat(BodySign.assess(header.replace("\"", ""), KEY, body)).isEqualTo(BodySign.Verdict.NOT_QUOTED);
        assertThat(BodySign.assess(header.replace("SHA256", "SHA1"), KEY, body)).isEqualTo(BodySign.Verdict.WRONG_TYPE);
        assertThat(BodySign.assess(header, "other", body)).isEqualTo(BodySign.Verdict.WRONG_SIGNATURE);
        assertThat(BodySign.assess("nonsense", KEY, body)).isEqualTo(BodySign.Verdict.NOT_READABLE);
        assertThat(BodySign.assess(null, KEY, body)).isEqualTo(BodySign.Verdict.MISSING);
    }

    private static final RequestSigning SIGNING =
            new RequestSigning("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc");
    private static final Instant SIGNED_AT = Instant.parse("2019-11-15T03:36:55Z");
    private static final String DOCUMENTED =
            "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, "
                    + "Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe";

    private static RequestSigning.Request documentedRequest(String query) {
        return new RequestSigning.Request(
                "GET",
                "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
                query,
                Map.of(
                        "content-type",
                        "application/json",
                        "host",
                        "service.region.example.com",
                        "x-sdk-date",
                        "20191115T033655Z"));
    }

    /** The example of Huawei's API signing guide, from request to signature. */
    @Test
    void a_gateway_request_is_signed_as_huaweis_guide_prints_it() {
        RequestSigning.Request request = documentedRequest("limit=2&marker=13551d6b-755d-4757-b956-536f674975c0");

        assertThat(SIGNING.authorization(request, List.of("content-type", "host", "x-sdk-date"), "20191115T033655Z"))
                .isEqualTo(DOCUMENTED);
        assertThat(SIGNING.whatIsWrong(request, DOCUMENTED, SIGNED_AT)).isEmpty();
    }

    @Test
    void the_order_of_query_parameters_does_not_matter_to_the_signature_but_their_values_do() {
        assertThat(SIGNING.whatIsWrong(
                        documentedRequest("marker=13551d6b-755d-4757-b956-536f674975c0&limit=2"),
                        DOCUMENTED,
                        SIGNED_AT))
                .isEmpty();
        assertThat(SIGNING.whatIsWrong(
                        documentedRequest("limit=3&marker=13551d6b-755d-4757-b956-536f674975c0"),
                        DOCUMENTED,
                        SIGNED_AT))
                .contains("verify aksk signature fail");
    }

    @Test
    void a_gateway_request_signed_more_than_15_minutes_ago_or_ahead_is_refused() {
        RequestSigning.Request request = documentedRequest("limit=2&marker=13551d6b-755d-4757-b956-536f674975c0");

        assertThat(SIGNING.whatIsWrong(request, DOCUMENTED, SIGNED_AT.plusSeconds(900)))
                .isEmpty();
        assertThat(SIGNING.whatIsWrong(request, DOCUMENTED, SIGNED_AT.plusSeconds(901)))
                .contains("15 minutes");
        assertThat(SIGNING.whatIsWrong(request, DOCUMENTED, SIGNED_AT.minusSeconds(901)))
                .contains("15 minutes");
    }

    @Test
    void a_gateway_request_without_signature_or_with_anothers_key_is_refused() {
        RequestSigning.Request request = documentedRequest("limit=2&marker=13551d6b-755d-4757-b956-536f674975c0");

        assertThat(SIGNING.whatIsWrong(request, null, SIGNED_AT)).contains("no Authorization");
        assertThat(SIGNING.whatIsWrong(request, DOCUMENTED.replace("QTWAOY", "OTHERS"), SIGNED_AT))
                .contains("AK access failed");
        assertThat(SIGNING.whatIsWrong(request, DOCUMENTED.replace(", Signature", " Signature"), SIGNED_AT))
                .contains("format incorrect");
        assertThat(SIGNING.whatIsWrong(request, DOCUMENTED.replace(";x-sdk-date", ""), SIGNED_AT))
                .contains("x-sdk-date must be signed");
    }

    @Test
    void a_call_of_the_first_generation_is_signed_over_its_sorted_parameters() {
        Map<String, String> parameters = Map.of("p3", "阿里", "p1", "1", "timeStamp", "20170621185532100", "p2", "a b");

        assertThat(AuthToken.of(KEY, "20170621185532100", new TreeMap<>(parameters)))
                .isEqualTo("BNUmekRAdiyYQXf4zqO+YY0QFArDGwC5xmwGF8l88wU=");
    }

    /** The fields were encrypted by openssl, with a key that was drawn from SHA1PRNG by hand. */
    @Test
    void an_encrypted_field_has_its_vector_and_a_key_of_256_or_128_bits() {
        assertThat(EncryptedField.read(
                        "key",
                        EncryptedField.Type.AES256,
                        "AbCdEfGhIjKlMnOpZstdHu8qYtTQhH4mbodm4QFuj+VDk+kIH3m5OmRy91o="))
                .contains("管理员@example.com");
        assertThat(EncryptedField.read(
                        "key",
                        EncryptedField.Type.AES128,
                        "AbCdEfGhIjKlMnOpFqsf/O0ED3rEvpC1XhHvGovmWcID4vb83ciRWDYIr/I="))
                .contains("管理员@example.com");
        for (EncryptedField.Type type : EncryptedField.Type.values()) {
            String field = EncryptedField.write(KEY, type, "secret 密");
            assertThat(EncryptedField.read(KEY, type, field)).contains("secret 密");
            assertThat(EncryptedField.read("other", type, field)).isNotEqualTo(java.util.Optional.of("secret 密"));
        }
        for (String plain : List.of("", "admin", "an account that nobody encrypted")) {
            assertThat(EncryptedField.read(KEY, EncryptedField.Type.AES256, plain))
                    .isEmpty();
        }
    }
}
