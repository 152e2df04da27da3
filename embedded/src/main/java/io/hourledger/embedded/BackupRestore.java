package io.hourledger.embedded;

import io.hourledger.embedded.DatabaseBackup.Facts;
import io.hourledger.embedded.DatabaseBackup.Preparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Puts a backup into a folder in which a server can be started. It overwrites nothing, and leaves no folder if it fails. */
final class BackupRestore {

    /** Made again by a restore should whoever kept the backup have dropped empty folders. */
    private static final List<String> FOLDERS_NEEDED = List.of(
            "pg_commit_ts",
            "pg_dynshmem",
            "pg_logical/mappings",
            "pg_logical/snapshots",
            "pg_multixact/members",
            "pg_multixact/offsets",
            "pg_notify",
            "pg_replslot",
            "pg_serial",
            "pg_snapshots",
            "pg_stat",
            "pg_stat_tmp",
            "pg_subtrans",
            "pg_tblspc",
            "pg_twophase",
            "pg_wal/archive_status",
            "pg_wal/summaries",
            "pg_xact");

    private BackupRestore() {}

    static Facts run(Path backup, Path folder, Preparation preparation) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> content = Files.list(folder)) {
                if (content.findAny().isPresent()) {
                    throw new IOException(folder + " is not empty: a restore overwrites nothing. Move it away first,"
                            + " and keep it: it may know more than the backup");
                }
            }
        }
        Facts facts = DatabaseBackup.check(backup);
        Path partial = folder.toAbsolutePath().resolveSibling(folder.getFileName() + BackupFiles.PARTIAL);
        TemporaryFolders.deleteTree(partial);
        Files.createDirectories(partial);
        for (Map.Entry<String, String> file : BackupFiles.sums(backup, facts).entrySet()) {
            Path to = partial.resolve(file.getKey().substring(BackupFiles.DATA.length() + 1));
            Files.createDirectories(to.getParent());
            Files.copy(backup.resolve(file.getKey()), to);
            if (!BackupFiles.sumOf(to).equals(file.getValue())) {
                throw new IOException(to + " is not what was read from the backup; the disk may be failing");
            }
            BackupFiles.makeLasting(to);
        }
        for (String needed : FOLDERS_NEEDED) {
            Files.createDirectories(partial.resolve(needed));
        }
        closeToOthers(partial);
        preparation.prepare(partial, facts);
        Files.deleteIfExists(folder);
        Files.move(partial, folder.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
        return facts;
    }

    /** PostgreSQL does not start in a folder that others may enter. */
    private static void closeToOthers(Path folder) throws IOException {
        if (!Files.getFileStore(folder).supportsFileAttributeView(PosixFileAttributeView.class)) {
            throw new IOException("PostgreSQL needs a file system with POSIX permissions in " + folder);
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
}
