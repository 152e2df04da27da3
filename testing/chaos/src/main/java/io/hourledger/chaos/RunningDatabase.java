package io.hourledger.chaos;

import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** PostgreSQL with every promise of durability kept. */
final class RunningDatabase implements Running {

    private static final Map<String, String> SETTINGS = Map.of("log_min_messages", "warning");

    private final Path run;
    private final int port;
    private volatile @Nullable EmbeddedDatabase server;
    private final AtomicInteger lives = new AtomicInteger();

    RunningDatabase(Path run, int port) {
        this.run = run;
        this.port = port;
    }

    @Override
    public StackPart part() {
        return StackPart.DATABASE;
    }

    @Override
    public void start() {
        lives.incrementAndGet();
        server = EmbeddedDatabase.start(RunFolder.database(run), port, Durability.SAFE, SETTINGS);
    }

    /** The server as it is now. */
    EmbeddedDatabase server() {
        EmbeddedDatabase now = server;
        if (now == null) {
            throw new IllegalStateException("the database is down");
        }
        return now;
    }

    @Override
    public boolean isReady() {
        EmbeddedDatabase now = server;
        if (now == null) {
            return false;
        }
        try (Connection connection = now.dataSource("postgres").getConnection()) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    @Override
    public boolean isAlive() {
        return server != null;
    }

    @Override
    public void kill() {
        EmbeddedDatabase now = server;
        server = null;
        if (now != null) {
            now.crash();
        }
    }

    @Override
    public void stop() {
        EmbeddedDatabase now = server;
        server = null;
        if (now != null) {
            now.close();
        }
    }

    @Override
    public int lives() {
        return lives.get();
    }
}
