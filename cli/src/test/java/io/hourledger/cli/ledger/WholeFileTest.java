package io.hourledger.cli.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class WholeFileTest {

    @TempDir
    private Path folder;

    @Test
    void a_file_that_could_not_be_finished_leaves_the_one_that_was_there() throws Exception {
        Path file = folder.resolve("november.csv");
        WholeFile.write(file, out -> out.write("whole".getBytes(UTF_8)));
        assertThatThrownBy(() -> WholeFile.write(file, out -> {
                    out.write(new byte[1 << 20]);
                    assertThat(file).hasContent("whole");
                    throw new IllegalStateException("the sums differ");
                }))
                .hasMessage("the sums differ");
        assertThat(file).hasContent("whole");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void a_folder_that_is_not_there_is_named() {
        Path file = folder.resolve("nowhere").resolve("november.csv");
        assertThatThrownBy(() -> WholeFile.write(file, out -> {}))
                .hasMessageContaining("november.csv cannot be written");
    }
}
