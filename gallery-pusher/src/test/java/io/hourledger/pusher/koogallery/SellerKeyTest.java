package io.hourledger.pusher.koogallery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against values computed with openssl: {@code printf … | openssl dgst -sha256 -hmac key}. */
@Tag("fast")
class SellerKeyTest {

    private final SellerKey key = new SellerKey("key");

    @Test
    void a_push_is_signed_over_time_nonce_and_body() {
        assertThat(key.pushSignature("1709690865879", "nonce", "{}".getBytes(UTF_8)))
                .isEqualTo("tQ6kMQBHJg2kGs7FYPGIjhSW0pOkCMflr3yeXrMps8w=");
    }

    @Test
    void an_answer_is_signed_over_its_bytes_and_both_values_stand_in_double_quotes() {
        assertThat(key.bodySign("{\"resultCode\":\"000000\"}".getBytes(UTF_8)))
                .isEqualTo("sign_type=\"HMAC-SHA256\", signature=\"IqLbORnNj4iDomVhRanFp/eMsGAZakS4tFDymLxvDd0=\"");
    }

    @Test
    void a_call_is_verified_in_either_case_of_the_hex_digits() {
        String signature = "6e88be14a362848246fd727cf905e5add1d9376f308ea6070d9f903c8867361b";
        byte[] body = "{\"activity\":\"queryInstance\"}".getBytes(UTF_8);
        assertThat(key.signedCall(body, "n", "1680508066618", signature)).isTrue();
        assertThat(key.signedCall(body, "n", "1680508066618", signature.toUpperCase(java.util.Locale.ROOT)))
                .isTrue();
        assertThat(key.signedCall(body, "n", "1680508066619", signature)).isFalse();
        assertThat(key.signedCall("{\"activity\": \"queryInstance\"}".getBytes(UTF_8), "n", "1680508066618", signature))
                .isFalse();
        assertThat(new SellerKey("other").signedCall(body, "n", "1680508066618", signature))
                .isFalse();
    }

    @Test
    void a_call_of_the_first_generation_is_verified_over_its_joined_parameters() {
        String parameters = "activity=queryInstance&customerName=阿里 & co&instanceId=i-1&timeStamp=20170621185532100";
        String token = "Ur6yaR7bwK+v7DlbakJ5myP1CsaJdFCgYG/YYrUj93c=";
        assertThat(key.signedQuery(parameters, "20170621185532100", token)).isTrue();
        assertThat(key.signedQuery(parameters, "20170621185532101", token)).isFalse();
        assertThat(key.signedQuery(parameters + "0", "20170621185532100", token))
                .isFalse();
        assertThat(key.signedQuery(parameters, "20170621185532100", token + "="))
                .isFalse();
        assertThat(new SellerKey("other").signedQuery(parameters, "20170621185532100", token))
                .isFalse();
    }
}
