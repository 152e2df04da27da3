package io.hourledger.benchmarks.aggregator;

import io.hourledger.embedded.EmbeddedDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** An empty database for one run, dropped after it. */
record OurDatabase(EmbeddedDatabase server, String name) implements AutoCloseable {

    static OurDatabase fresh(EmbeddedDatabase server, String name) {
        OurDatabase database = new OurDatabase(server, name);
        database.close();
        server.createDatabaseIfMissing(name);
        return database;
    }

    @Override
    public void close() {
        try (Connection connection = server.dataSource("postgres").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("drop database if exists " + name + " with (force)");
            statement.execute("checkpoint"); // what this run left to be written is not paid for by the next one
        } catch (SQLException e) {
            throw new IllegalStateException("database " + name + " cannot be dropped", e);
        }
    }
}
