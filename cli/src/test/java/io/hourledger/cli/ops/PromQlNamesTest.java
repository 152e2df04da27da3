package io.hourledger.cli.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PromQlNamesTest {

    private static final String QUERY =
            """
            histogram_quantile(0.99, sum by (le, code) (rate(a_seconds_bucket{service="x_y", outcome!~"p|q"}[5m])))
            / 14.4 * 0.005 and max(b:recorded:bool) > bool 1e3 or up == 0
            """;

    @Test
    void metrics_are_neither_functions_nor_labels_nor_words_of_the_language() {
        assertThat(PromQlNames.metrics(QUERY)).containsExactly("a_seconds_bucket", "b:recorded:bool");
    }

    @Test
    void labels_are_those_that_are_matched_or_grouped_by() {
        assertThat(PromQlNames.labels(QUERY)).containsExactlyInAnyOrder("le", "code", "service", "outcome");
    }
}
