package io.hourledger.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import javax.sql.DataSource;

/**
 * A physical backup of a running PostgreSQL whose data folder is on this machine, by PostgreSQL's low-level backup calls: the files as they
 * are, and the log from the start to the end of the copying, from which PostgreSQL makes one state of them when it starts. Transaction ids
 * stay what they are.
 *
 * <p>A backup is a folder: {@code data/}, {@code SHA256SUMS} over every file in it (as {@code sha256sum -c} reads it), and
 * {@code backup.properties}, which is written last. While it is being made its name ends in {@code .partial}.
 */
public final class DatabaseBackup {

    private DatabaseBackup() {}

    /**
     * What is known of a backup.
     *
     * @param madeAt when the copying ended, by the server's clock: what was committed before is in it
     * @param systemIdentifier PostgreSQL's own name of the cluster
     */
    public record Facts(
            Instant madeAt,
            String systemIdentifier,
            int serverVersion,
            String startPosition,
            String endPosition,
            long files,
            long bytes) {}

    /**
     * Makes a backup of the server while it works.
     *
     * @param to the folder to make; there must be nothing yet
     * @throws IOException with a sentence for a person, if it cannot be made; then there is no folder {@code to}
     */
    public static Facts make(DataSource server, Path to) throws IOException {
        Path target = to.toAbsolutePath();
        if (Files.exists(target)) {
            throw new IOException(to + " is there already; name a folder for this backup that is not");
        }
        Path partial = target.resolveSibling(target.getFileName() + BackupFiles.PARTIAL);
        TemporaryFolders.deleteTree(partial);
        // the server's files are closed to others, and so is their copy: the password is among them
        Files.createDirectories(target.getParent());
        Files.createDirectory(
                partial, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createDirectories(partial.resolve(BackupFiles.DATA));
        try (Connection connection = server.getConnection();
                Statement sql = connection.createStatement()) {
            Facts facts = new BackupWriter(sql, partial).run();
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            return facts;
        } catch (SQLException refused) {
            throw new IOException("PostgreSQL would not be backed up: " + refused.getMessage(), refused);
        }
    }

    /**
     * Reads every byte of a backup and compares.
     *
     * @throws IOException with a sentence for a person, if it is not a whole and unchanged backup
     */
    public static Facts check(Path backup) throws IOException {
        Facts facts = BackupFiles.facts(backup);
        for (Map.Entry<String, String> file : BackupFiles.sums(backup, facts).entrySet()) {
            Path path = backup.resolve(file.getKey());
            if (!Files.isRegularFile(path)) {
                throw new IOException("the backup in " + backup + " is not whole: " + file.getKey() + " is missing");
            }
            if (!BackupFiles.sumOf(path).equals(file.getValue())) {
                throw new IOException("the backup in " + backup + " is not what was kept: " + file.getKey()
                        + " has changed. Do not use it");
            }
        }
        return facts;
    }

    /**
     * Checks a backup, then puts it into a folder in which a server can be started. What is in the backup and not among its sums is left
     * behind.
     *
     * @param folder must not be there, or be empty
     */
    public static Facts restore(Path backup, Path folder) throws IOException {
        return restore(backup, folder, (files, facts) -> {});
    }

    /** What is done to restored files before they are where a server looks for them. */
    public interface Preparation {
        void prepare(Path files, Facts facts) throws IOException;
    }

    /**
     * As {@link #restore(Path, Path)}; if the preparation fails there is no folder.
     *
     * @param preparation may start a server on the files, and must have stopped it when it returns
     */
    public static Facts restore(Path backup, Path folder, Preparation preparation) throws IOException {
        return BackupRestore.run(backup, folder, preparation);
    }
}
