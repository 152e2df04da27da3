package io.hourledger.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server as a child process of this JVM, on the loopback address. Only who can read its folder has its password. It keeps its
 * data in that folder, so that a server started again on it goes on where it stopped. When the JVM is killed the server outlives it; the next
 * start on the folder ends that orphan first.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final String USER = "postgres";
    private static final String LOCK_FILE = "epg-lock";

    /** The folders of the servers that this JVM has started and not stopped. */
    private static final Set<Path> STARTED = ConcurrentHashMap.newKeySet();

    /** Held while a server starts, so that none is missed by {@link #killAll}. */
    private static final ReentrantReadWriteLock STARTING = new ReentrantReadWriteLock();

    private static final Duration START_IS_AWAITED_FOR = Duration.ofSeconds(5);

    /** This JVM is about to end: nothing is started any more. */
    private static volatile boolean ending;

    private final EmbeddedPostgres server;
    private final Path folder;
    private final String password;
    private final Durability durability;
    private final Map<String, String> settings;

    private EmbeddedDatabase(
            EmbeddedPostgres server,
            Path folder,
            String password,
            Durability durability,
            Map<String, String> settings) {
        this.server = server;
        this.folder = folder;
        this.password = password;
        this.durability = durability;
        this.settings = Map.copyOf(settings);
    }

    /** Starts a server whose memory is a share of the machine's. */
    public static EmbeddedDatabase start(Path folder, int port, Durability durability) {
        return start(folder, port, durability, Map.of());
    }

    /**
     * Starts a server and returns when it takes connections.
     *
     * @param folder where it keeps its data; made when it is not there
     * @param port to listen on; 0 for any free one
     * @param settings server settings by PostgreSQL's own names; they stand above the share of the machine's memory
     */
    public static EmbeddedDatabase start(Path folder, int port, Durability durability, Map<String, String> settings) {
        STARTING.readLock().lock();
        try {
            if (ending) {
                throw new IllegalStateException("no PostgreSQL is started any more: this process is ending");
            }
            Files.createDirectories(folder.toAbsolutePath().getParent());
            endOrphan(folder);
            // left by a start that failed: its lock would be held by this JVM for as long as it lives
            Files.deleteIfExists(folder.resolve(LOCK_FILE));
            String password = DatabasePassword.of(folder);
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setDataDirectory(folder.toAbsolutePath())
                    .setCleanDataDirectory(false)
                    .setPort(port == 0 ? FreePort.any() : port)
                    .setPGStartupWait(START_LIMIT)
                    .setLocaleConfig("locale", "C")
                    // options of initdb, too: no user of this machine gets in without the password
                    .setLocaleConfig("auth", "scram-sha-256")
                    .setLocaleConfig("pwfile", DatabasePassword.besides(folder).toString())
                    // a drawn password cannot be guessed: hashing it thousands of times would only slow each connection
                    // down
                    .setLocaleConfig("set", "scram_iterations=1")
                    .setConnectConfig("password", password)
                    .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                    .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                    .setServerConfig("timezone", "UTC")
                    .setServerConfig("max_connections", "100");
            String safe = durability == Durability.SAFE ? "on" : "off";
            for (String promise : List.of("fsync", "full_page_writes")) {
                builder.setServerConfig(promise, safe);
            }
            // a server that is killed must not lose what it has acknowledged, however fast it may be
            builder.setServerConfig("synchronous_commit", "on");
            DatabaseMemory.settings().forEach(builder::setServerConfig);
            settings.forEach(builder::setServerConfig);
            STARTED.add(folder);
            EmbeddedDatabase database = new EmbeddedDatabase(builder.start(), folder, password, durability, settings);
            DatabasePassword.keep(folder);
            log.atInfo()
                    .addKeyValue("port", database.port())
                    .addKeyValue("folder", folder)
                    .addKeyValue("durability", durability)
                    .log("postgresql started");
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start on " + folder, e);
        } finally {
            STARTING.readLock().unlock();
        }
    }

    /** The port it listens on, on the loopback address. */
    public int port() {
        return server.getPort();
    }

    public String user() {
        return USER;
    }

    public String password() {
        return password;
    }

    /**
     * The password of the server in a folder, whether it runs or not; drawn if there is none yet.
     *
     * @throws UncheckedIOException if it cannot be read, as by any user but the folder's owner
     */
    public static String passwordOf(Path folder) {
        try {
            return DatabasePassword.of(folder);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("no password for the PostgreSQL in " + folder, unreadable);
        }
    }

    /** The JDBC address of one database of this server, without user and password. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
    }

    /** Unpooled connections to one database of this server. */
    public DataSource dataSource(String database) {
        return PlainDataSource.of(jdbcUrl(database), USER, password);
    }

    /** Makes a database unless there is one of this name. */
    public void createDatabaseIfMissing(String database) {
        createIfMissing(dataSource("postgres"), database);
    }

    static void createIfMissing(DataSource server, String database) {
        if (!database.matches("[a-z][a-z0-9_]{0,62}")) {
            throw new IllegalArgumentException("not a plain database name: " + database);
        }
        try (Connection connection = server.getConnection();
                PreparedStatement find = connection.prepareStatement("select 1 from pg_database where datname = ?")) {
            find.setString(1, database);
            try (ResultSet found = find.executeQuery()) {
                if (found.next()) {
                    return;
                }
            }
            try (Statement create = connection.createStatement()) {
                create.execute("create database " + database);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("database " + database + " cannot be made", e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            STARTED.remove(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not stop", e);
        }
    }

    /**
     * Starts a server whose process has ended again, on the same port and folder; what still lives of the old one is ended first.
     *
     * @return in place of this one, which is closed
     */
    public EmbeddedDatabase startAgain() {
        int port = port();
        crash();
        return start(folder, port, durability, settings);
    }

    /** Whether the server's main process is there. */
    public boolean isRunning() {
        try {
            return postmasterOf(folder).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException("the process of the PostgreSQL on " + folder + " cannot be found", e);
        }
    }

    /** Ends the server as a crash of the machine would end it: {@code kill -9} of all its processes, no last word to any client. */
    public void crash() {
        killServerOf(folder);
        close();
    }

    /** Whether {@link #killAll} was called, so that a server that is gone is to stay gone. */
    public static boolean areEnding() {
        return ending;
    }

    /** Kills all servers that this JVM has started: for a process that is about to end without closing anything. */
    public static void killAll() {
        ending = true;
        STARTED.forEach(EmbeddedDatabase::killServerOf);
        // one that is under way to start may come up behind our back: it is awaited for a moment, and killed, too
        try {
            boolean nobodyStarts = STARTING.writeLock().tryLock(START_IS_AWAITED_FOR.toMillis(), TimeUnit.MILLISECONDS);
            if (!nobodyStarts) {
                log.atWarn().log("a PostgreSQL is still starting while this process ends");
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        STARTED.forEach(EmbeddedDatabase::killServerOf);
    }

    /**
     * Kills the server that works on a folder, whoever started it; nothing happens if none does. Returns when all its processes are gone,
     * so that the next start finds the folder free.
     */
    public static void killServerOf(Path folder) {
        try {
            Optional<ProcessHandle> postmaster = postmasterOf(folder);
            if (postmaster.isEmpty()) {
                return;
            }
            List<ProcessHandle> all = new ArrayList<>();
            all.add(postmaster.get());
            postmaster.get().descendants().forEach(all::add);
            all.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle process : all) {
                awaitEnd(process, folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the process of the PostgreSQL on " + folder + " cannot be found", e);
        }
    }

    /** A server whose JVM was killed still holds the folder; it has no clients any more and is told to stop. */
    private static void endOrphan(Path folder) throws IOException {
        Optional<ProcessHandle> orphan = postmasterOf(folder);
        if (orphan.isPresent()) {
            log.atWarn()
                    .addKeyValue("pid", orphan.get().pid())
                    .addKeyValue("folder", folder)
                    .log("postgresql of a killed run is stopped");
            orphan.get().destroy();
            awaitEnd(orphan.get(), folder);
        }
        // Left by a dead server whose process id may belong to somebody else by now: PostgreSQL would refuse to start.
        Files.deleteIfExists(folder.resolve("postmaster.pid"));
    }

    private static Optional<ProcessHandle> postmasterOf(Path folder) throws IOException {
        Path pidFile = folder.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.get(0).trim()))
                .filter(process -> process.info().command().orElse("").endsWith("postgres"));
    }

    private static void awaitEnd(ProcessHandle process, Path folder) {
        try {
            process.onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException hangs) {
            throw new IllegalStateException(
                    "a PostgreSQL of an earlier run (process " + process.pid() + ") still uses " + folder
                            + " and does not stop; end it and start again",
                    hangs);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while an earlier PostgreSQL was stopping", interrupted);
        } catch (ExecutionException e) {
            throw new IllegalStateException("an earlier PostgreSQL cannot be watched while it stops", e);
        }
    }
}
