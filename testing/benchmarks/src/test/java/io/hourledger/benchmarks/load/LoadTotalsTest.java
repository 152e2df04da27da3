package io.hourledger.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class LoadTotalsTest {

    @TempDir
    Path folder;

    private LoadTotals of(String... lines) throws IOException {
        Path file = Files.createTempFile(folder, "sums", ".csv");
        Files.write(file, java.util.List.of(lines));
        return LoadTotals.read(file);
    }

    @Test
    void equal_amounts_differ_in_nothing_whatever_their_scale() throws IOException {
        assertThat(of("a,2026-09-01T08:00:00Z,10").differencesFrom(of("a,2026-09-01T08:00:00Z,10.0000")))
                .isZero();
    }

    @Test
    void a_missing_an_extra_and_a_wrong_amount_are_three_differences() throws IOException {
        LoadTotals mine = of("a,8,1", "b,8,2", "c,8,3");
        LoadTotals theirs = of("a,8,1", "b,8,5", "d,8,3");

        assertThat(mine.differencesFrom(theirs)).isEqualTo(3);
    }
}
