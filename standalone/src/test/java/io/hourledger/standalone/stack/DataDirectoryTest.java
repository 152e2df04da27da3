package io.hourledger.standalone.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class DataDirectoryTest {

    @TempDir
    Path temporary;

    @Test
    void a_folder_with_foreign_files_is_refused_before_anything_is_written_into_it() throws IOException {
        Files.writeString(temporary.resolve("letter.txt"), "dear");
        assertThatThrownBy(() -> DataDirectory.open(temporary))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("holds files that are not Hourledger's, such as letter.txt", "--data-dir");
        assertThat(temporary).isDirectoryNotContaining(entry -> !entry.endsWith("letter.txt"));
    }

    @Test
    void a_file_and_a_folder_that_cannot_be_made_are_refused_with_what_to_do() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");
        assertThatThrownBy(() -> DataDirectory.open(file)).hasMessageContainingAll("is a file", "--data-dir");
        assertThatThrownBy(() -> DataDirectory.open(file.resolve("below")))
                .hasMessageContainingAll("cannot be made", "--data-dir");
    }

    @Test
    void only_its_owner_reads_it() throws IOException {
        try (DataDirectory folder = DataDirectory.open(temporary.resolve("new"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void what_was_started_and_broke_off_is_ours() throws IOException {
        Files.createDirectory(temporary.resolve("kafka"));
        Files.writeString(temporary.resolve("metering.log"), "");
        Files.writeString(temporary.resolve("keys.properties.next"), "");
        try (DataDirectory folder = DataDirectory.open(temporary)) {
            assertThat(folder.durable()).isTrue();
        }
    }

    @Test
    void one_process_at_a_time_uses_it() throws IOException {
        try (DataDirectory first = DataDirectory.open(temporary)) {
            assertThatThrownBy(() -> DataDirectory.open(first.path()))
                    .hasMessageContaining("another Hourledger that still runs");
        }
    }

    @Test
    void the_next_demo_replaces_what_the_last_one_left() throws IOException {
        Path demo = temporary.resolve("demo");
        try (DataDirectory first = DataDirectory.replacing(demo)) {
            first.belongsTo("the demo of one log");
            Files.createDirectory(first.path().resolve("kafka"));
        }
        try (DataDirectory second = DataDirectory.replacing(demo)) {
            second.belongsTo("the demo of another log");
            assertThat(second.path().resolve("kafka")).doesNotExist();
        }
        assertThat(demo).exists();
    }

    @Test
    void a_temporary_one_is_gone_at_the_end() throws IOException {
        Path path;
        try (DataDirectory folder = DataDirectory.open(null)) {
            path = folder.path();
            assertThat(path).exists();
        }
        assertThat(path).doesNotExist();
    }
}
