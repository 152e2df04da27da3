package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class PreferencesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "handling=lenient",
                "Handling=lenient",
                "handling=\"lenient\"",
                "handling = lenient",
                "handling=\"len\\ient\"",
                "handling=lenient; a=b; c",
                "handling=lenient;a=\"x,handling=strict;y\"",
                "respond-async, wait=10, handling=lenient",
                "foo; a=\"1,2\", handling=lenient",
                ",, handling=lenient,",
                "nonsense here, handling=lenient",
                "handling=lenient, handling=strict",
            })
    void a_preference_is_found_among_others_and_with_parameters(String header) {
        assertThat(new Preferences(List.of(header)).lenient()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "handling",
                "handling=",
                "handling=\"\"",
                "handling=strict, handling=lenient",
                "handling=lenient x",
                "foo=\"handling=lenient\"",
                "foo=\", handling=lenient",
                "foo; handling=lenient",
                "handling=LENIENT",
                "return=minimal",
            })
    void what_is_no_such_preference_is_none(String header) {
        assertThat(new Preferences(List.of(header)).lenient()).isFalse();
    }

    @Test
    void several_headers_are_one_list() {
        Preferences preferences = new Preferences(List.of("wait=1", "return=minimal", "handling=lenient"));

        assertThat(preferences.minimal()).isTrue();
        assertThat(preferences.lenient()).isTrue();
    }
}
