package io.hourledger.embedded;

import io.hourledger.embedded.DatabaseBackup.Facts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Writes one backup of a running server. The connection must stay open from the start to the end of the copying. */
final class BackupWriter {

    private static final String CONTROL_FILE = "global/pg_control";
    private static final String LOG_FOLDER = "pg_wal";

    /** What must not be in a backup, or need not: PostgreSQL's page "Making a Base Backup Using the Low Level API". */
    private static final Set<String> FOLDERS_LEFT_EMPTY = Set.of(
            "pg_dynshmem",
            "pg_notify",
            "pg_replslot",
            "pg_serial",
            "pg_snapshots",
            "pg_stat_tmp",
            "pg_subtrans",
            LOG_FOLDER);

    private static final Set<String> FILES_LEFT_OUT =
            Set.of("postmaster.pid", "postmaster.opts", "backup_label", "tablespace_map", "epg-lock", CONTROL_FILE);

    private final Statement sql;
    private final Path partial;
    private final Map<String, String> sums = new TreeMap<>();
    private long bytes;

    BackupWriter(Statement sql, Path partial) {
        this.sql = sql;
        this.partial = partial;
    }

    Facts run() throws SQLException, IOException {
        Path source = folderOfServer();
        // keeps the log from here on until this connection ends
        text(
                "select slot_name from pg_create_physical_replication_slot('hourledger_backup_' || pg_backend_pid(), true, true)");
        String start = text("select pg_backup_start('hourledger', true)");
        copyFolder(source);
        copyControlFile(source);
        String end;
        try (ResultSet stopped = sql.executeQuery("select lsn, labelfile, spcmapfile from pg_backup_stop(false)")) {
            stopped.next();
            end = stopped.getString(1);
            write("backup_label", stopped.getBytes(2));
        }
        copyLog(source, start, end);
        Facts facts = new Facts(
                madeAt(),
                text("select system_identifier from pg_control_system()"),
                Integer.parseInt(text("show server_version_num")),
                start,
                end,
                sums.size(),
                bytes);
        finish(facts);
        return facts;
    }

    private Path folderOfServer() throws SQLException, IOException {
        Path folder = Path.of(text("show data_directory"));
        if (!Files.isReadable(folder.resolve(CONTROL_FILE))) {
            throw new IOException("the data folder of that PostgreSQL (" + folder
                    + ") cannot be read from here: run this on its machine as its user, or make the backup with its own"
                    + " pg_basebackup, and after a restore hold pushing by: ./metering ledger reconcile --hold");
        }
        try (Stream<Path> spaces = Files.list(folder.resolve("pg_tblspc"))) {
            if (spaces.findAny().isPresent()) {
                throw new IOException("that PostgreSQL has tablespaces outside of its data folder: use pg_basebackup");
            }
        }
        return folder;
    }

    private Instant madeAt() throws SQLException {
        try (ResultSet now = sql.executeQuery("select clock_timestamp()")) {
            now.next();
            return now.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private String text(String query) throws SQLException {
        try (ResultSet row = sql.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private void copyFolder(Path source) throws IOException {
        Files.walkFileTree(source, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                String name = BackupFiles.name(source, folder);
                if (name.startsWith("pgsql_tmp") || name.contains("/pgsql_tmp")) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(partial.resolve(BackupFiles.DATA).resolve(name));
                return FOLDERS_LEFT_EMPTY.contains(name) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String name = BackupFiles.name(source, file);
                String own = name.substring(name.lastIndexOf('/') + 1);
                if (!FILES_LEFT_OUT.contains(name)
                        && !own.startsWith("pgsql_tmp")
                        && !own.startsWith("pg_internal.init")) {
                    copyIfThere(file, name);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
    }

    /** A file that was dropped meanwhile is not missed: the log says that it was. */
    private void copyIfThere(Path file, String name) throws IOException {
        try {
            copy(file, name);
        } catch (NoSuchFileException dropped) {
            sums.remove(BackupFiles.DATA + "/" + name);
            Files.deleteIfExists(partial.resolve(BackupFiles.DATA).resolve(name));
        }
    }

    /** Last, as pg_basebackup does; read until two readings agree, since the server may write it just then. */
    private void copyControlFile(Path source) throws IOException {
        Path file = source.resolve(CONTROL_FILE);
        byte[] before = Files.readAllBytes(file);
        byte[] control = Files.readAllBytes(file);
        while (!Arrays.equals(before, control)) {
            before = control;
            control = Files.readAllBytes(file);
        }
        write(CONTROL_FILE, control);
    }

    private void copyLog(Path source, String start, String end) throws SQLException, IOException {
        List<String> segments = new ArrayList<>();
        try (PreparedStatement between = sql.getConnection()
                .prepareStatement(
                        """
                        select name from pg_ls_waldir()
                         where name ~ '^[0-9A-F]{24}$'
                           and name between pg_walfile_name(?::pg_lsn) and pg_walfile_name(?::pg_lsn)
                         order by name""")) {
            between.setString(1, start);
            between.setString(2, end);
            try (ResultSet row = between.executeQuery()) {
                while (row.next()) {
                    segments.add(row.getString(1));
                }
            }
        }
        String first = text("select pg_walfile_name('" + start + "'::pg_lsn)");
        if (segments.isEmpty() || !segments.get(0).equals(first)) {
            throw new IOException("PostgreSQL has dropped its log " + first + " while it was copied; try again");
        }
        for (String segment : segments) {
            copy(source.resolve(LOG_FOLDER).resolve(segment), LOG_FOLDER + "/" + segment);
        }
        Files.createDirectories(
                partial.resolve(BackupFiles.DATA).resolve(LOG_FOLDER).resolve("archive_status"));
    }

    private void copy(Path file, String name) throws IOException {
        try (InputStream from = Files.newInputStream(file)) {
            keep(from, name);
        }
    }

    private void write(String name, byte[] content) throws IOException {
        keep(new java.io.ByteArrayInputStream(content), name);
    }

    private void keep(InputStream from, String name) throws IOException {
        Path to = partial.resolve(BackupFiles.DATA).resolve(name);
        MessageDigest digest = BackupFiles.sha256();
        try (DigestInputStream reading = new DigestInputStream(from, digest);
                OutputStream writing = Files.newOutputStream(to)) {
            bytes += reading.transferTo(writing);
        }
        BackupFiles.makeLasting(to);
        sums.put(BackupFiles.DATA + "/" + name, HexFormat.of().formatHex(digest.digest()));
    }

    private void finish(Facts facts) throws IOException {
        StringBuilder lines = new StringBuilder();
        sums.forEach((name, sum) -> lines.append(sum).append("  ").append(name).append('\n'));
        Files.writeString(partial.resolve(BackupFiles.SUMS), lines);
        BackupFiles.makeLasting(partial.resolve(BackupFiles.SUMS));
        Files.writeString(
                partial.resolve(BackupFiles.FACTS),
                BackupFiles.lines(facts, BackupFiles.sumOf(partial.resolve(BackupFiles.SUMS))));
        BackupFiles.makeLasting(partial.resolve(BackupFiles.FACTS));
    }
}
