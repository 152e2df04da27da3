package io.hourledger.standalone.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class StackSecretsTest {

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("keys.properties");
    }

    private void forget(String name) throws Exception {
        List<String> lines = Files.readAllLines(file());
        Files.write(
                file(), lines.stream().filter(line -> !line.startsWith(name)).toList());
    }

    @Test
    void keys_are_drawn_once() {
        assertThat(StackSecrets.of(folder)).isEqualTo(StackSecrets.of(folder));
    }

    @Test
    void a_folder_from_before_seals_were_signed_gets_a_signing_key_and_keeps_all_others() throws Exception {
        StackSecrets drawn = StackSecrets.of(folder);
        forget("signing-key");

        StackSecrets completed = StackSecrets.of(folder);

        assertThat(completed)
                .usingRecursiveComparison()
                .ignoringFields("signingKey")
                .isEqualTo(drawn);
        assertThat(completed.signingKey()).matches("[0-9a-f]{64}").isNotEqualTo(drawn.signingKey());
        assertThat(StackSecrets.of(folder)).isEqualTo(completed);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void a_key_on_which_data_rests_is_never_drawn_anew() throws Exception {
        StackSecrets.of(folder);
        forget("id-key");
        assertThatThrownBy(() -> StackSecrets.of(folder)).hasStackTraceContaining("does not name id-key");
    }
}
