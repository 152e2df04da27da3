package io.hourledger.pusher.koogallery.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The query of a V1.0 call. */
@Tag("fast")
class QueryParametersTest {

    @Test
    void parameters_are_decoded_and_joined_in_ascending_order() {
        QueryParameters call = QueryParameters.read("b=a+b&a=%E9%98%BF%2B%26%3d&authToken=x%3D&c=&d&&_=1=2")
                .orElseThrow();
        assertThat(call.joinedWithout("authToken")).isEqualTo("_=1=2&a=阿+&=&b=a b&c=&d=");
        assertThat(call.get("authToken")).isEqualTo("x=");
        assertThat(call.get("e")).isNull();
    }

    @Test
    void no_query_has_no_parameters() {
        assertThat(QueryParameters.read(null).orElseThrow().values()).isEmpty();
        assertThat(QueryParameters.read("").orElseThrow().values()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=%zz",
                "a=%4",
                "a=%",
                "%=1",
                "a=%+1",
                "a=%C0%80",
                "a=%ED%A0%80",
                "a=%FF",
                "a=\u963f",
                "a=1&%61=1"
            })
    void what_can_be_read_in_no_way_or_in_two_is_unreadable(String query) {
        assertThat(QueryParameters.read(query)).isEmpty();
    }

    @Test
    void a_query_has_at_most_64_parameters() {
        assertThat(QueryParameters.read(many(64))).isPresent();
        assertThat(QueryParameters.read(many(65))).isEmpty();
    }

    private static String many(int parameters) {
        return IntStream.range(0, parameters).mapToObj(i -> "p" + i + "=1").collect(Collectors.joining("&"));
    }
}
