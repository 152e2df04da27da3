package io.hourledger.cli.ledger;

import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.standalone.stack.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where the ledger is: a database by its address, or the folder of a stack, whether it runs or not. */
public final class LedgerDatabase {

    private static final String DATABASE = "hourledger";

    /** Of the databases of a stack. */
    private static final String OWNER = "postgres";

    private static final int PORT_LINE = 3;

    private static final Path USUAL_DATA_DIR = Path.of("data");

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    private Where where = new Where();

    @Option(
            names = "--database-user",
            paramLabel = "USER",
            defaultValue = "${env:METERING_DATABASE_USER:-postgres}",
            description = "with --database-url (default: $METERING_DATABASE_USER, else postgres)")
    private String user = "postgres";

    @Option(
            names = "--database-password",
            paramLabel = "PASSWORD",
            defaultValue = "${env:METERING_DATABASE_PASSWORD:-}",
            description = "with --database-url (default: $METERING_DATABASE_PASSWORD); everybody on this machine can"
                    + " read it in the list of processes, unlike a file's")
    private String password = "";

    @Option(
            names = "--database-password-file",
            paramLabel = "FILE",
            defaultValue = "${env:METERING_DATABASE_PASSWORD_FILE}",
            description = "with --database-url: the file that holds the password (default:"
                    + " $METERING_DATABASE_PASSWORD_FILE)")
    private @Nullable Path passwordFile;

    private static final class Where {
        @Option(
                names = "--data-dir",
                paramLabel = "DIR",
                description =
                        "the folder of a stack on this machine (default: data, if there is one); if it does not run, what"
                                + " is needed of it is started for the question")
        private @Nullable Path dataDir;

        @Option(
                names = "--database-url",
                paramLabel = "JDBC-URL",
                description = "such as jdbc:postgresql://db.example.org/hourledger")
        private @Nullable String url;
    }

    public interface Work {
        int with(Open ledger);
    }

    /**
     * A ledger that can be asked.
     *
     * @param stack the folder of the stack, if that is how the ledger was named
     * @param stackRests whether the stack does not run, and this process alone has its folder
     */
    public record Open(
            DataSource dataSource,
            JdbcTemplate jdbc,
            JdbcTransactionManager transactions,
            Optional<Path> stack,
            boolean stackRests) {

        /** A database whose server runs; {@code stack} is null if no stack of this machine has it. */
        static Open running(DataSource dataSource, @Nullable Path stack) {
            return of(dataSource, Optional.ofNullable(stack), StackState.RUNS);
        }

        /** The database of a stack that does not run. */
        static Open resting(DataSource dataSource, Path stack) {
            return of(dataSource, Optional.of(stack), StackState.RESTS);
        }

        private static Open of(DataSource dataSource, Optional<Path> stack, StackState state) {
            return new Open(
                    dataSource,
                    new JdbcTemplate(dataSource),
                    new JdbcTransactionManager(dataSource),
                    stack,
                    state == StackState.RESTS);
        }

        private enum StackState {
            RUNS,
            RESTS
        }
    }

    public int use(Work work) {
        if (where.url != null) {
            return work.with(Open.running(new DriverManagerDataSource(where.url, user, password()), null));
        }
        Path dataDir = where.dataDir == null ? USUAL_DATA_DIR : where.dataDir;
        Path folder = dataDir.resolve("postgresql");
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("there is no stack in " + dataDir + ": " + folder + " is missing."
                    + " Name its folder with --data-dir, or a database with --database-url");
        }
        Optional<DataDirectory> alone = unlessItRuns(dataDir);
        if (alone.isEmpty()) {
            return useRunning(dataDir, folder, work);
        }
        try (DataDirectory stack = alone.get();
                EmbeddedDatabase database = EmbeddedDatabase.start(folder, 0, Durability.SAFE)) {
            return work.with(Open.resting(database.dataSource(DATABASE), stack.path()));
        } catch (IOException notLetGo) {
            throw new UncheckedIOException("the stack's folder was not let go", notLetGo);
        }
    }

    private String password() {
        if (!password.isEmpty() || passwordFile == null) {
            return password;
        }
        try {
            return Files.readString(passwordFile).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the database's password cannot be read from " + passwordFile, unreadable);
        }
    }

    private static Optional<DataDirectory> unlessItRuns(Path stack) {
        try {
            return Optional.of(DataDirectory.open(stack));
        } catch (DataDirectory.InUseException itRuns) {
            return Optional.empty();
        } catch (IOException unusable) {
            throw new UncheckedIOException(unusable.getMessage(), unusable);
        }
    }

    private int useRunning(Path stack, Path folder, Work work) {
        int port = runningPort(folder)
                .orElseThrow(() -> new IllegalStateException("the stack in " + stack
                        + " is starting or stopping: its database does not answer yet; ask again in a moment"));
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
        return work.with(
                Open.running(new DriverManagerDataSource(url, OWNER, EmbeddedDatabase.passwordOf(folder)), stack));
    }

    /** The port that the server of a folder wrote down, if something listens there. */
    private static OptionalInt runningPort(Path folder) {
        Path pidFile = folder.resolve("postmaster.pid");
        try {
            if (!Files.exists(pidFile)) {
                return OptionalInt.empty();
            }
            List<String> lines = Files.readAllLines(pidFile);
            int port = lines.size() > PORT_LINE
                    ? Integer.parseInt(lines.get(PORT_LINE).strip())
                    : 0;
            try (Socket answers = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return answers.isConnected() ? OptionalInt.of(port) : OptionalInt.empty();
            }
        } catch (IOException nobodyListens) {
            return OptionalInt.empty();
        }
    }
}
