package io.hourledger.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class FiguresTest {

    @TempDir
    Path folder;

    @Test
    void what_was_measured_is_in_the_file_before_the_bench_is_over() throws Exception {
        Path file = folder.resolve("out.json");
        Figures figures = new Figures(file);

        figures.figure("aggregator_eps", 1_234_567.8);

        assertThat(Files.readString(file))
                .contains("\"aggregator_eps\" : 1234568")
                .contains("\"complete\" : false");
    }

    @Test
    void a_median_is_the_middle_one_or_between_the_two_in_the_middle() {
        Figures figures = new Figures(null);
        for (double rate : new double[] {5, 1, 3}) {
            figures.run(Map.of("program", "ours", "warm_eps", rate));
        }
        assertThat(figures.median("ours", "warm_eps")).hasValue(3);

        figures.run(Map.of("program", "ours", "warm_eps", 4.0));
        assertThat(figures.median("ours", "warm_eps")).hasValue(3.5);
        assertThat(figures.median("theirs", "warm_eps")).isEmpty();
    }
}
