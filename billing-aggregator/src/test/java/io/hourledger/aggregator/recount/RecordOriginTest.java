package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.access.KeySecret;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class RecordOriginTest {

    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String EVENT =
            """
            {"specversion": "1.0", "source": "/app/a", "id": "1", "type": "web.egress", "subject": "i-1"}""";

    private static RecordOrigin origin(@Nullable String value, @Nullable String keyId, @Nullable String trace) {
        Map<String, byte[]> headers = new HashMap<>();
        if (keyId != null) {
            headers.put("hourledger-key", keyId.getBytes(UTF_8));
        }
        if (trace != null) {
            headers.put("traceparent", trace.getBytes(UTF_8));
        }
        return RecordOrigin.of(new LogRecord(
                0, 0, 0, null, value == null ? null : ByteBuffer.wrap(value.getBytes(UTF_8)), headers::get));
    }

    private static ApiKey key(Set<String> types, Set<String> instances, Set<String> products) {
        return new ApiKey(
                "key-1",
                "app",
                Set.of(KeySecret.lasting("0".repeat(64))),
                new KeyScope(List.of(), List.of("/app"), types, instances, products),
                KeyLimits.NONE);
    }

    private static final ApiKey OF_SOURCE = key(Set.of(), Set.of(), Set.of());
    private static final ApiKey OF_PRODUCT = key(Set.of(), Set.of(), Set.of("egress"));

    @Test
    void what_a_key_may_write_is_its_own_whoever_sent_it() {
        assertThat(origin(EVENT, null, null).isOf(OF_SOURCE)).isTrue();
        assertThat(origin(EVENT, "key-2", null).isOf(OF_SOURCE)).isTrue();
        assertThat(origin(EVENT, null, null).isOf(key(Set.of("mail"), Set.of(), Set.of())))
                .isFalse();
        assertThat(origin(EVENT, null, null).isOf(key(Set.of(), Set.of("i-2"), Set.of())))
                .isFalse();
        assertThat(origin(EVENT.replace("/app/a", "/apple"), null, null).isOf(OF_SOURCE))
                .isFalse();
    }

    @Test
    void a_key_that_is_bound_to_products_has_what_was_sent_with_it() {
        assertThat(origin(EVENT, "key-1", null).isOf(OF_PRODUCT)).isTrue();
        assertThat(origin(EVENT, "key-2", null).isOf(OF_PRODUCT)).isFalse();
        assertThat(origin(EVENT, null, null).isOf(OF_PRODUCT)).isFalse();
    }

    @Test
    void bytes_that_say_no_source_are_of_nobody_but_the_key_they_came_with() {
        for (String bytes : List.of(
                "not json", "[]", "{}", EVENT.replace("/app/a", ""), EVENT.replace("}", ", \"source\": \"/b\"}"))) {
            assertThat(origin(bytes, null, null).isOf(OF_SOURCE)).isFalse();
            assertThat(origin(bytes, "key-1", null).isOf(OF_SOURCE)).isTrue();
        }
        assertThat(origin(null, null, null).isOf(OF_SOURCE)).isFalse();
    }

    @Test
    void a_trace_is_told_if_it_has_the_form_of_one() {
        assertThat(origin(EVENT, null, TRACE).traceparent()).isEqualTo(TRACE);
        assertThat(origin(EVENT, null, TRACE + "<script>").traceparent()).isNull();
        assertThat(origin(EVENT, null, null).traceparent()).isNull();
    }
}
