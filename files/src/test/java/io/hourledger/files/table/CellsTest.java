package io.hourledger.files.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class CellsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+1",
                "-1",
                "@SUM(A1)",
                "\t=1",
                "\r=1",
                "\n=1",
                "\uff1d1",
                "\uff0b1",
                "\uff0d1",
                "\uff20a"
            })
    void what_begins_like_a_formula_has_an_apostrophe_in_front(String text) {
        assertThat(Cells.noFormula(text)).isEqualTo("'" + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a=1", "1-1", "'=1"})
    void other_texts_stay_as_they_are(String text) {
        assertThat(Cells.noFormula(text)).isEqualTo(text);
    }

    @Test
    void numbers_and_times_have_one_spelling() {
        assertThat(Cells.text(new BigDecimal("1.2500"))).isEqualTo("1.25");
        assertThat(Cells.text(new BigDecimal("1E+3"))).isEqualTo("1000");
        assertThat(Cells.text(new BigDecimal("0.0000"))).isEqualTo("0");
        assertThat(Cells.text(new BigDecimal("0.0000001"))).isEqualTo("0.0000001");
        assertThat(Cells.text(Instant.parse("2026-01-01T00:00:00Z"))).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(Cells.text(Instant.parse("2026-01-01T00:00:00.1Z"))).isEqualTo("2026-01-01T00:00:00.100000Z");
    }
}
