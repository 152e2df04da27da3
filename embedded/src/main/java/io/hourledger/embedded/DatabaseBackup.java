package io.hourledger.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
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
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
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

    private static final String DATA = "data";
    private static final String SUMS = "SHA256SUMS";
    private static final String FACTS = "backup.properties";
    private static final String PARTIAL = ".partial";
    private static final String CONTROL_FILE = "global/pg_control";
    private static final String LOG_FOLDER = "pg_wal";
    private static final int FORM = 1;

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
        Path partial = target.resolveSibling(target.getFileName() + PARTIAL);
        TemporaryFolders.deleteTree(partial);
        Files.createDirectories(partial.resolve(DATA));
        try (Connection connection = server.getConnection();
                Statement sql = connection.createStatement()) {
            Facts facts = new Making(sql, partial).run();
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            return facts;
        } catch (SQLException refused) {
            throw new IOException("PostgreSQL would not be backed up: " + refused.getMessage(), refused);
        }
    }

    /** One backup in the making. The connection must stay open from the start to the end of the copying. */
    private static final class Making {
        private final Statement sql;
        private final Path partial;
        private final Map<String, String> sums = new TreeMap<>();
        private long bytes;

        Making(Statement sql, Path partial) {
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
                    throw new IOException(
                            "that PostgreSQL has tablespaces outside of its data folder: use pg_basebackup");
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
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                        throws IOException {
                    String name = name(source, folder);
                    if (name.startsWith("pgsql_tmp") || name.contains("/pgsql_tmp")) {
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    Files.createDirectories(partial.resolve(DATA).resolve(name));
                    return FOLDERS_LEFT_EMPTY.contains(name) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    String name = name(source, file);
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
                sums.remove(DATA + "/" + name);
                Files.deleteIfExists(partial.resolve(DATA).resolve(name));
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
            Files.createDirectories(partial.resolve(DATA).resolve(LOG_FOLDER).resolve("archive_status"));
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
            Path to = partial.resolve(DATA).resolve(name);
            MessageDigest digest = sha256();
            try (DigestInputStream reading = new DigestInputStream(from, digest);
                    OutputStream writing = Files.newOutputStream(to)) {
                bytes += reading.transferTo(writing);
            }
            makeLasting(to);
            sums.put(DATA + "/" + name, HexFormat.of().formatHex(digest.digest()));
        }

        private void finish(Facts facts) throws IOException {
            StringBuilder lines = new StringBuilder();
            sums.forEach(
                    (name, sum) -> lines.append(sum).append("  ").append(name).append('\n'));
            Files.writeString(partial.resolve(SUMS), lines);
            makeLasting(partial.resolve(SUMS));
            Files.writeString(partial.resolve(FACTS), lines(facts, sumOf(partial.resolve(SUMS))));
            makeLasting(partial.resolve(FACTS));
        }
    }

    private static String lines(Facts facts, String sumOfSums) {
        return String.join(
                        "\n",
                        "form=" + FORM,
                        "made-at=" + facts.madeAt(),
                        "system-identifier=" + facts.systemIdentifier(),
                        "server-version=" + facts.serverVersion(),
                        "start=" + facts.startPosition(),
                        "end=" + facts.endPosition(),
                        "files=" + facts.files(),
                        "bytes=" + facts.bytes(),
                        "sha256-of-sums=" + sumOfSums)
                + "\n";
    }

    /**
     * Reads every byte of a backup and compares.
     *
     * @throws IOException with a sentence for a person, if it is not a whole and unchanged backup
     */
    public static Facts check(Path backup) throws IOException {
        Facts facts = facts(backup);
        for (Map.Entry<String, String> file : sums(backup, facts).entrySet()) {
            Path path = backup.resolve(file.getKey());
            if (!Files.isRegularFile(path)) {
                throw new IOException("the backup in " + backup + " is not whole: " + file.getKey() + " is missing");
            }
            if (!sumOf(path).equals(file.getValue())) {
                throw new IOException("the backup in " + backup + " is not what was kept: " + file.getKey()
                        + " has changed. Do not use it");
            }
        }
        return facts;
    }

    private static Facts facts(Path backup) throws IOException {
        Path file = backup.resolve(FACTS);
        if (!Files.isRegularFile(file)) {
            throw new IOException(backup + " is no whole backup: " + FACTS + " is missing, which is written last"
                    + (backup.toString().endsWith(PARTIAL) ? "; its making was broken off" : ""));
        }
        Properties stored = new Properties();
        stored.load(new StringReader(Files.readString(file)));
        try {
            if (!stored.getProperty("form", "").equals(Integer.toString(FORM))) {
                throw new IOException("the backup in " + backup + " has another form than this version knows");
            }
            if (!sumOf(backup.resolve(SUMS)).equals(stored.getProperty("sha256-of-sums"))) {
                throw new IOException("the backup in " + backup + " is not what was kept: " + SUMS + " has changed");
            }
            return new Facts(
                    Instant.parse(stored.getProperty("made-at")),
                    stored.getProperty("system-identifier"),
                    Integer.parseInt(stored.getProperty("server-version")),
                    stored.getProperty("start"),
                    stored.getProperty("end"),
                    Long.parseLong(stored.getProperty("files")),
                    Long.parseLong(stored.getProperty("bytes")));
        } catch (RuntimeException unreadable) {
            throw new IOException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static Map<String, String> sums(Path backup, Facts facts) throws IOException {
        Map<String, String> sums = new TreeMap<>();
        for (String line : Files.readAllLines(backup.resolve(SUMS), UTF_8)) {
            sums.put(line.substring(line.indexOf("  ") + 2), line.substring(0, line.indexOf("  ")));
        }
        if (sums.size() != facts.files()) {
            throw new IOException(
                    "the backup in " + backup + " has " + sums.size() + " files and had " + facts.files());
        }
        return sums;
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
        if (Files.exists(folder)) {
            try (Stream<Path> content = Files.list(folder)) {
                if (content.findAny().isPresent()) {
                    throw new IOException(folder + " is not empty: a restore overwrites nothing. Move it away first,"
                            + " and keep it: it may know more than the backup");
                }
            }
        }
        Facts facts = check(backup);
        Path partial = folder.toAbsolutePath().resolveSibling(folder.getFileName() + PARTIAL);
        TemporaryFolders.deleteTree(partial);
        Files.createDirectories(partial);
        for (Map.Entry<String, String> file : sums(backup, facts).entrySet()) {
            Path to = partial.resolve(file.getKey().substring(DATA.length() + 1));
            Files.createDirectories(to.getParent());
            Files.copy(backup.resolve(file.getKey()), to);
            if (!sumOf(to).equals(file.getValue())) {
                throw new IOException(to + " is not what was read from the backup; the disk may be failing");
            }
            makeLasting(to);
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

    private static void makeLasting(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static String name(Path root, Path path) {
        return root.relativize(path).toString().replace('\\', '/');
    }

    private static String sumOf(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream reading = new DigestInputStream(Files.newInputStream(file), digest)) {
            reading.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJreHasIt) {
            throw new IllegalStateException(everyJreHasIt);
        }
    }
}
