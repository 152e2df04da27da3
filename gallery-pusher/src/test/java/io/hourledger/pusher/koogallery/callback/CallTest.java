package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.pusher.koogallery.callback.Call.InvalidCallException;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields of a call of either generation. */
@Tag("fast")
class CallTest {

    private static Call call(String body) {
        return Call.read(body.getBytes(UTF_8)).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "[1]", "[0]", "{\"flag\":1}", "true", "2", "1.0", "\"01\"", "\"yes\"", "\"１\""})
    void whether_a_call_is_to_be_billed_is_never_guessed(String testFlag) {
        Call call = call("{\"testFlag\":" + testFlag + "}");
        assertThatThrownBy(call::check).isInstanceOf(InvalidCallException.class).hasMessageContaining("testFlag");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"testFlag\":null}", "{\"testFlag\":\"\"}", "{\"testFlag\":0}", "{\"testFlag\":\"0\"}"})
    void a_call_without_a_flag_is_a_real_one(String body) {
        Call call = call(body);
        call.check();
        assertThat(call.test()).isFalse();
    }

    /** PostgreSQL would keep each half as a question mark, and two orders would be one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"orderId\":\"CS\\ud800\"}",
                "{\"orderId\":\"CS\\udbff1\"}",
                "{\"memo\":[{\"deep\":\"\\udc00\\ud800\"}]}"
            })
    void half_a_surrogate_pair_is_no_text(String body) {
        Call call = call(body);
        assertThatThrownBy(call::check).isInstanceOf(InvalidCallException.class).hasMessageContaining("surrogate");
    }

    @Test
    void a_whole_pair_is_text() {
        Call call = call("{\"memo\":\"\\ud83d\\ude00\"}");
        call.check();
        assertThat(call.required("memo", 2)).isEqualTo("\ud83d\ude00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[\"web-egress\"]"})
    void what_is_no_text_is_not_taken_for_absent(String product) {
        Call call = call("{\"productId\":" + product + "}");
        assertThatThrownBy(() -> call.optional("productId", 64)).isInstanceOf(InvalidCallException.class);
    }

    /** A year that PostgreSQL does not have would end the reading of the ledger into its tables, for all instances. */
    @ParameterizedTest
    @ValueSource(strings = {"00000101000000", "00001231235959999", "19691231235959", "00010101000000"})
    void a_time_before_1970_is_no_time_of_an_instance(String time) {
        Call call = call("{\"expireTime\":\"" + time + "\"}");
        assertThatThrownBy(() -> call.requiredTime("expireTime"))
                .isInstanceOf(InvalidCallException.class)
                .hasMessageContaining("before 1970");
    }

    @Test
    void a_time_may_be_the_last_that_its_digits_can_write() {
        assertThat(call("{\"expireTime\":99991231235959}").requiredTime("expireTime"))
                .isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
    }
}
