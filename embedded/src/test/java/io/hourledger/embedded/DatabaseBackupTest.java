package io.hourledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class DatabaseBackupTest {

    /** Writes rows of two tables together, one transaction each, until it is stopped. */
    private static final class Writer implements AutoCloseable {
        final AtomicLong committed = new AtomicLong();
        private final AtomicBoolean running = new AtomicBoolean(true);
        private final Thread thread;

        Writer(DataSource database) {
            thread = new Thread(() -> write(database), "writer");
            thread.start();
        }

        private void write(DataSource database) {
            try (Connection connection = database.getConnection();
                    Statement sql = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (running.get()) {
                    sql.execute("insert into one (text) select repeat('x', 500) from generate_series(1, 20)");
                    sql.execute("insert into other select 1 from generate_series(1, 20)");
                    connection.commit();
                    committed.incrementAndGet();
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws InterruptedException {
            running.set(false);
            thread.join();
        }
    }

    private static void run(DataSource database, String statement) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private static long number(DataSource database, String query) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement sql = connection.createStatement();
                ResultSet row = sql.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void a_backup_made_under_load_holds_one_state_with_all_that_was_committed_before_and_keeps_transaction_ids(
            @TempDir Path folder) throws Exception {
        Path backup = folder.resolve("backup");
        long before;
        long transactionId;
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder.resolve("first"), 0, Durability.FAST)) {
            DataSource database = server.dataSource("postgres");
            run(
                    database,
                    "create table one (n bigint generated always as identity, x xid8 default pg_current_xact_id(), text text)");
            run(database, "create table other (n int)");
            try (Writer writer = new Writer(database)) {
                await().until(() -> writer.committed.get() > 50);
                before = writer.committed.get();
                DatabaseBackup.make(database, backup);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
                        .as("the password is in it")
                        .isEqualTo("rwx------");
                long after = writer.committed.get();
                await().until(() -> writer.committed.get() > after + 50);
            }
            transactionId = number(database, "select max(x::text::bigint) from one");
        }
        assertThatThrownBy(() -> DatabaseBackup.restore(backup, folder.resolve("second"), (files, facts) -> {
                    throw new IOException("no server starts on it");
                }))
                .hasMessage("no server starts on it");
        assertThat(folder.resolve("second"))
                .as("a restore that was not prepared to the end")
                .doesNotExist();
        DatabaseBackup.restore(backup, folder.resolve("second"));

        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder.resolve("second"), 0, Durability.FAST)) {
            DataSource database = server.dataSource("postgres");
            long rows = number(database, "select count(*) from one");
            assertThat(rows)
                    .isGreaterThanOrEqualTo(20 * before)
                    .isEqualTo(number(database, "select count(*) from other"));
            assertThat(number(
                            database, "select count(*) from (select x from one group by x having count(*) <> 20) torn"))
                    .isZero();
            assertThat(number(database, "select max(x::text::bigint) from one")).isLessThan(transactionId);
            assertThat(number(database, "select pg_current_xact_id()::text::bigint"))
                    .isGreaterThan(number(database, "select max(x::text::bigint) from one"));
        }
    }

    @Test
    void a_backup_that_was_changed_or_broken_off_or_is_not_whole_is_refused_and_nothing_is_overwritten(
            @TempDir Path folder) throws Exception {
        Path backup = folder.resolve("backup");
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder.resolve("first"), 0, Durability.FAST)) {
            DatabaseBackup.make(server.dataSource("postgres"), backup);
            assertThatThrownBy(() -> DatabaseBackup.make(server.dataSource("postgres"), backup))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is there already");
        }
        Path target = folder.resolve("target");
        assertThat(DatabaseBackup.check(backup).files()).isGreaterThan(100);

        assertThatThrownBy(() -> DatabaseBackup.restore(backup, folder.resolve("first")))
                .hasMessageContaining("is not empty");

        Path file = backup.resolve("data/global/pg_control");
        byte[] content = Files.readAllBytes(file);
        byte[] changed = content.clone();
        changed[300] ^= 1;
        Files.write(file, changed);
        assertThatThrownBy(() -> DatabaseBackup.restore(backup, target)).hasMessageContaining("pg_control has changed");
        Files.delete(file);
        assertThatThrownBy(() -> DatabaseBackup.restore(backup, target)).hasMessageContaining("pg_control is missing");
        Files.write(file, content);

        String sums = Files.readString(backup.resolve("SHA256SUMS"));
        Files.writeString(backup.resolve("SHA256SUMS"), sums.substring(sums.indexOf('\n') + 1));
        assertThatThrownBy(() -> DatabaseBackup.restore(backup, target)).hasMessageContaining("SHA256SUMS has changed");
        Files.writeString(backup.resolve("SHA256SUMS"), sums);

        Files.delete(backup.resolve("backup.properties"));
        assertThatThrownBy(() -> DatabaseBackup.restore(backup, target)).hasMessageContaining("no whole backup");
        assertThat(target).doesNotExist();
    }
}
