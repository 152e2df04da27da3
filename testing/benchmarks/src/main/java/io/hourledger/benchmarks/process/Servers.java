package io.hourledger.benchmarks.process;

import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import java.nio.file.Path;
import java.util.List;

/** The broker and the database that all measured programs share, each in processes of its own. */
public final class Servers implements AutoCloseable {

    private static final List<String> BROKER_FLAGS = List.of("-Xms768m", "-Xmx768m", "-XX:+UseParallelGC");

    private final ChildJvm broker;
    private final String bootstrapServers;
    private final EmbeddedDatabase database;

    private Servers(ChildJvm broker, String bootstrapServers, EmbeddedDatabase database) {
        this.broker = broker;
        this.bootstrapServers = bootstrapServers;
        this.database = database;
    }

    /** Starts both on one data folder; PostgreSQL keeps every promise of a commit. */
    public static Servers start(Path folder, Path logs) {
        ChildJvm broker = ChildJvm.start(
                "broker",
                logs,
                BROKER_FLAGS,
                BrokerProcess.class.getName(),
                List.of(folder.resolve("kafka").toString()));
        String bootstrapServers = broker.awaitReady();
        broker.keepReading();
        EmbeddedDatabase database = EmbeddedDatabase.start(folder.resolve("postgresql"), 0, Durability.SAFE);
        return new Servers(broker, bootstrapServers, database);
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** By which the kernel knows the broker. */
    public long brokerProcessId() {
        return broker.processId();
    }

    public EmbeddedDatabase database() {
        return database;
    }

    @Override
    public void close() {
        database.close();
        broker.close();
    }
}
