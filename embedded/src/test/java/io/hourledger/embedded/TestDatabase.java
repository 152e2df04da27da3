package io.hourledger.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The PostgreSQL that all tests of one JVM share: a container when a Docker engine answers, else the embedded server. Started on first
 * use, stopped with the JVM. Each test takes a database of its own. Commits are not made durable: for tests of logic.
 */
public final class TestDatabase {

    private static final String IMAGE = "postgres:17.6";
    /** The tests of several modules run beside each other. */
    private static final Map<String, String> SMALL = Map.of("shared_buffers", "128MB");

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private TestDatabase() {}

    /** The address of a new, empty database. */
    public record Address(String jdbcUrl, String user, String password) {

        /** Unpooled connections. */
        public DataSource dataSource() {
            return PlainDataSource.of(jdbcUrl, user, password);
        }
    }

    /** Unpooled connections to a new, empty database. */
    public static DataSource freshDatabase() {
        return freshAddress().dataSource();
    }

    /** Makes a new, empty database. */
    public static Address freshAddress() {
        String name = "test_" + NUMBER.incrementAndGet();
        Server server = Shared.SERVER;
        EmbeddedDatabase.createIfMissing(
                PlainDataSource.of(server.urlPrefix + "postgres", server.user, server.password), name);
        return new Address(server.urlPrefix + name, server.user, server.password);
    }

    private record Server(String urlPrefix, String user, String password) {}

    private static final class Shared {
        static final Server SERVER = Docker.answers() ? container() : embedded();

        private static Server container() {
            PostgreSQLContainer postgres = new PostgreSQLContainer(IMAGE)
                    .withDatabaseName("postgres")
                    .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200");
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
