package io.hourledger.standalone.ledger;

import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import java.io.IOException;
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

/** Where the ledger is: a database by its address, or the folder of a house, whether it runs or not. */
final class LedgerDatabase {

    private static final String DATABASE = "hourledger";
    private static final int PORT_LINE = 3;

    @ArgGroup(exclusive = true, multiplicity = "1")
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
            defaultValue = "${env:METERING_DATABASE_PASSWORD:-postgres}",
            description = "with --database-url (default: $METERING_DATABASE_PASSWORD)")
    private String password = "postgres";

    private static final class Where {
        @Option(
                names = "--data-dir",
                paramLabel = "DIR",
                description = "the folder of a house on this machine; its database is started if it does not run")
        private @Nullable Path dataDir;

        @Option(
                names = "--database-url",
                paramLabel = "JDBC-URL",
                description = "such as jdbc:postgresql://db.example.org/hourledger")
        private @Nullable String url;
    }

    interface Work {
        int with(Open ledger);
    }

    /** A ledger that can be asked. */
    record Open(DataSource dataSource, JdbcTemplate jdbc, JdbcTransactionManager transactions) {
        static Open of(DataSource dataSource) {
            return new Open(dataSource, new JdbcTemplate(dataSource), new JdbcTransactionManager(dataSource));
        }
    }

    /** The folder of the house, if that is how the ledger was named. */
    Optional<Path> houseFolder() {
        return Optional.ofNullable(where.dataDir);
    }

    int use(Work work) {
        if (where.url != null) {
            return work.with(Open.of(new DriverManagerDataSource(where.url, user, password)));
        }
        if (where.dataDir == null) {
            throw new IllegalStateException("name the ledger by --data-dir or --database-url");
        }
        Path folder = where.dataDir.resolve("postgresql");
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("there is no house in " + where.dataDir + ": " + folder + " is missing");
        }
        OptionalInt running = runningPort(folder);
        if (running.isPresent()) {
            String url = "jdbc:postgresql://127.0.0.1:" + running.getAsInt() + "/" + DATABASE;
            return work.with(Open.of(new DriverManagerDataSource(url, user, password)));
        }
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder, 0, Durability.SAFE)) {
            return work.with(Open.of(database.dataSource(DATABASE)));
        }
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
