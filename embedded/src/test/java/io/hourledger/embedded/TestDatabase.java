package io.hourledger.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The PostgreSQL that all tests of one JVM share: a container when a Docker engine answers, else the embedded server. Started on first
 * use, stopped with the JVM. Each test takes a database of its own. Commits are not made durable: for tests of logic.
 */
public final class TestDatabase {

    private static final String IMAGE = "postgres:17.6";
    /**
     * Several of these servers run beside each other, and each has a database a test: autovacuum would begin a worker twice a second to look
     * at those that are done with, a quarter of all the work.
     */
    private static final Map<String, String> SMALL = Map.of("shared_buffers", "128MB", "autovacuum", "off");

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private TestDatabase() {}

    /** The address of a new, empty database. */
    public record Address(String jdbcUrl, String user, String password) {

        private String name() {
            return jdbcUrl.substring(jdbcUrl.lastIndexOf('/') + 1);
        }

        /** Unpooled connections. */
        public DataSource dataSource() {
            return PlainDataSource.of(jdbcUrl, user, password);
        }
    }

    /** Tables that many tests begin with: made once in a JVM, then copied, which is much quicker. Safe for many threads. */
    public static final class Tables {

        private final Consumer<DataSource> schema;
        private final String inEachCopy;
        private @Nullable String template;

        /**
         * Tables as {@code schema} makes them in an empty database.
         *
         * @param inEachCopy a statement that makes a copy another database than the first, such as by an id of its own
         */
        public Tables(Consumer<DataSource> schema, String inEachCopy) {
            this.schema = schema;
            this.inEachCopy = inEachCopy;
        }

        /** A new database with these tables. */
        public Address fresh() {
            Address copy = address();
            run(Shared.SERVER.address("postgres"), "create database " + copy.name() + " template " + template());
            run(copy, inEachCopy);
            return copy;
        }

        private synchronized String template() {
            if (template == null) {
                Address empty = freshAddress();
                schema.accept(empty.dataSource());
                template = empty.name();
            }
            return template;
        }

        private static void run(Address where, String statement) {
            try (Connection connection = where.dataSource().getConnection();
                    Statement once = connection.createStatement()) {
                once.execute(statement);
            } catch (SQLException refused) {
                throw new IllegalStateException(statement, refused);
            }
        }
    }

    /** Unpooled connections to a new, empty database. */
    public static DataSource freshDatabase() {
        return freshAddress().dataSource();
    }

    /** Makes a new, empty database. */
    public static Address freshAddress() {
        Address fresh = address();
        EmbeddedDatabase.createIfMissing(Shared.SERVER.address("postgres").dataSource(), fresh.name());
        return fresh;
    }

    private static Address address() {
        return Shared.SERVER.address("test_" + NUMBER.incrementAndGet());
    }

    private record Server(String urlPrefix, String user, String password) {
        Address address(String database) {
            return new Address(urlPrefix + database, user, password);
        }
    }

    private static final class Shared {
        static final Server SERVER = Docker.answers() ? container() : embedded();

        private static Server container() {
            PostgreSQLContainer postgres = new PostgreSQLContainer(IMAGE)
                    .withDatabaseName("postgres")
                    .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200", "-c", "autovacuum=off");
            postgres.start();
            String urlPrefix = "jdbc:postgresql://" + postgres.getHost() + ":" + postgres.getFirstMappedPort() + "/";
            return new Server(urlPrefix, postgres.getUsername(), postgres.getPassword());
        }

        private static Server embedded() {
            try {
                Path folder = Files.createTempDirectory("hourledger-test-postgres");
                EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("data"), 0, Durability.FAST, SMALL);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    database.close();
                    TemporaryFolders.deleteTree(folder);
                }));
                return new Server(
                        "jdbc:postgresql://127.0.0.1:" + database.port() + "/", database.user(), database.password());
            } catch (IOException e) {
                throw new UncheckedIOException("no folder for the tests' database", e);
            }
        }
    }
}
