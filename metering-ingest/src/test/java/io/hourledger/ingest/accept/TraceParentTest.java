package io.hourledger.ingest.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class TraceParentTest {

    private static final String VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @Test
    void a_well_formed_one_is_read_and_of_a_later_version_what_is_known() {
        assertThat(TraceParent.of(List.of(VALID))).contains(VALID);

        String later = VALID.replaceFirst("00", "01");
        assertThat(TraceParent.of(List.of(later + "-more"))).contains(later);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
            })
    void a_malformed_one_is_ignored(String value) {
        assertThat(TraceParent.of(List.of(value))).isEmpty();
    }

    @Test
    void two_are_none() {
        assertThat(TraceParent.of(List.of(VALID, VALID))).isEmpty();
        assertThat(TraceParent.of(List.of())).isEmpty();
    }
}
