package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class OwnerLockTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("owner.lock");
    }

    /** Another process had the lock, deletes the file as its last act, and a third one makes a new file of that name. */
    @Test
    void a_lock_whose_file_another_process_has_deleted_meanwhile_is_none() throws Exception {
        OwnerLock.Opened opened = OwnerLock.open(folder, "owner").orElseThrow();
        Files.delete(file);

        assertThat(opened.tryLock()).isEmpty();
        assertThat(OwnerLock.tryTake(folder, "owner")).isPresent();
    }

    @Test
    void a_lock_whose_file_was_replaced_meanwhile_is_none() throws Exception {
        OwnerLock.Opened opened = OwnerLock.open(folder, "owner").orElseThrow();
        Files.delete(file);
        Files.createFile(file);

        assertThat(opened.tryLock()).isEmpty();
        assertThat(OwnerLock.tryTake(folder, "owner")).isPresent();
    }

    @Test
    void a_lock_is_taken_once_in_a_process_until_it_is_released() throws Exception {
        OwnerLock first = OwnerLock.tryTake(folder, "owner").orElseThrow();
        assertThat(OwnerLock.tryTake(folder, "owner")).isEmpty();

        first.release();

        assertThat(OwnerLock.tryTake(folder, "owner")).isPresent();
    }

    /** It is deleted while answers are followed up: what went wrong with a file must not hide them. */
    @Test
    void a_lock_file_that_cannot_be_deleted_breaks_nothing() throws Exception {
        OwnerLock lock = OwnerLock.tryTake(folder, "owner").orElseThrow();
        Files.delete(file);
        Files.createDirectories(file.resolve("not-empty"));

        assertThatCode(lock::delete).doesNotThrowAnyException();
    }
}
