package io.hourledger.embedded;

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
class DatabasePasswordTest {

    @TempDir
    Path temporary;

    @Test
    void it_is_drawn_once_read_by_its_owner_alone_and_then_lies_among_the_servers_files() throws IOException {
        Path folder = temporary.resolve("postgresql");
        String drawn = DatabasePassword.of(folder);
        assertThat(drawn).hasSizeGreaterThan(20).isEqualTo(DatabasePassword.of(folder));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(DatabasePassword.besides(folder))))
                .isEqualTo("rw-------");

        Files.createDirectory(folder);
        DatabasePassword.keep(folder);
        assertThat(DatabasePassword.besides(folder)).doesNotExist();
        assertThat(DatabasePassword.of(folder)).isEqualTo(drawn);
    }

    /** A start that broke off, then a restore: the restored server has its own. */
    @Test
    void one_that_was_drawn_for_a_server_that_never_came_replaces_no_other() throws IOException {
        Path folder = temporary.resolve("postgresql");
        DatabasePassword.of(folder);
        Files.createDirectory(folder);
        Files.writeString(folder.resolve("owner.password"), "of the restored one");

        DatabasePassword.keep(folder);
        assertThat(DatabasePassword.of(folder)).isEqualTo("of the restored one");
        assertThat(DatabasePassword.besides(folder)).doesNotExist();
    }

    @Test
    void a_server_that_another_program_has_made_is_refused_with_what_to_do() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("postgresql"));
        Files.writeString(folder.resolve("PG_VERSION"), "17");
        assertThatThrownBy(() -> DatabasePassword.of(folder)).hasMessageContaining("Give another folder");
    }
}
