package io.hourledger.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka broker that is its own controller (KRaft), inside this JVM, on the loopback address. It keeps its log in a folder, so that a
 * broker started again on the same folder goes on where it stopped, also after {@code kill -9}.
 *
 * <p>Records never expire here unless a topic says so: business time may lie years from the machine's.
 */
public final class EmbeddedBroker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final int NODE_ID = 1;

    private final KafkaRaftServer server;
    private final int port;

    private EmbeddedBroker(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Starts a broker that takes clients with a password only ({@link BrokerPassword#clientSettings}), and returns when it does.
     *
     * @param folder where it keeps its log; made when it is not there
     */
    public static EmbeddedBroker start(Path folder, BrokerPassword password, Map<String, String> overrides) {
        Map<String, String> settings = new HashMap<>(password.brokerSettings());
        settings.putAll(overrides);
        return start(folder, 0, settings);
    }

    /**
     * Starts a broker that takes any client of this machine, and returns when it takes requests.
     *
     * @param folder where it keeps its log; made when it is not there
     * @param port to listen on; 0 for any free one
     * @param overrides broker settings that differ from the ones here, by Kafka's own names
     */
    public static EmbeddedBroker start(Path folder, int port, Map<String, String> overrides) {
        int listen = port == 0 ? FreePort.any() : port;
        int controller = FreePort.any();
        Properties settings = new Properties();
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", Integer.toString(NODE_ID));
        settings.setProperty("listeners", "BROKER://127.0.0.1:" + listen + ",CONTROLLER://127.0.0.1:" + controller);
        settings.setProperty("advertised.listeners", "BROKER://127.0.0.1:" + listen);
        settings.setProperty("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.setProperty("inter.broker.listener.name", "BROKER");
        settings.setProperty("controller.listener.names", "CONTROLLER");
        settings.setProperty("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controller);
        settings.setProperty("log.dirs", folder.toAbsolutePath().toString());
        settings.setProperty("auto.create.topics.enable", "false");
        settings.setProperty("default.replication.factor", "1");
        settings.setProperty("offsets.topic.replication.factor", "1");
        settings.setProperty("offsets.topic.num.partitions", "1");
        settings.setProperty("transaction.state.log.replication.factor", "1");
        settings.setProperty("transaction.state.log.min.isr", "1");
        settings.setProperty("transaction.state.log.num.partitions", "1");
        settings.setProperty("share.coordinator.state.topic.replication.factor", "1");
        settings.setProperty("share.coordinator.state.topic.min.isr", "1");
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        // after kill -9 the controller takes the dead broker for alive for so long and refuses the new one; 9 s by
        // default
        settings.setProperty("broker.session.timeout.ms", "3000");
        settings.setProperty("broker.heartbeat.interval.ms", "500");
        settings.setProperty("log.retention.hours", "-1");
        settings.setProperty("log.message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE));
        settings.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(2 * 1024 * 1024));
        overrides.forEach(settings::setProperty);

        format(folder);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
        log.atInfo().addKeyValue("port", listen).addKeyValue("folder", folder).log("kafka broker started");
        return new EmbeddedBroker(server, listen);
    }

    /**
     * A broker whose disk is full or fails halts its JVM without a word. From now on it does so only after this was run.
     *
     * @param lastWords told why, as far as the broker says
     * @param exitCode of the JVM then
     */
    public static void whenItGivesUp(Consumer<String> lastWords, int exitCode) {
        Exit.setHaltProcedure((status, message) -> {
            try {
                lastWords.accept(message == null ? "it did not say why; see the log" : message);
            } finally {
                Runtime.getRuntime().halt(exitCode);
            }
        });
    }

    /** The address that clients bootstrap from. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        log.atInfo().addKeyValue("port", port).log("kafka broker stopped");
    }

    private static void format(Path folder) {
        try {
            Files.createDirectories(folder);
            if (Files.exists(folder.resolve("meta.properties"))) {
                return;
            }
            Formatter formatter = new Formatter();
            formatter
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .setNodeId(NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setDirectories(List.of(folder.toAbsolutePath().toString()))
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(folder.toAbsolutePath().toString())
                    .run();
        } catch (IOException e) {
            throw new UncheckedIOException("the broker's folder cannot be made: " + folder, e);
        } catch (Exception e) {
            throw new IllegalStateException("the broker's folder cannot be formatted: " + folder, e);
        }
    }
}
