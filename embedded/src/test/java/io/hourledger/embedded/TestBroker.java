package io.hourledger.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.testcontainers.kafka.KafkaContainer;

/**
 * The broker that all tests of one JVM share: a container when a Docker engine answers, else the embedded broker. Started on first use,
 * stopped with the JVM. Tests keep apart by topic names.
 */
public final class TestBroker {

    private static final String IMAGE = "apache/kafka:4.2.0";

    private TestBroker() {}

    /** The address that clients bootstrap from. */
    public static String bootstrapServers() {
        return Shared.BOOTSTRAP_SERVERS;
    }

    /** A topic or group name that no other test has. */
    public static String freshName(String prefix) {
        return prefix + "-" + UUID.randomUUID();
    }

    private static final class Shared {
        static final String BOOTSTRAP_SERVERS = Docker.answers() ? container() : embedded();

        private static String container() {
            KafkaContainer kafka = new KafkaContainer(IMAGE)
                    .withEnv("KAFKA_LOG_RETENTION_HOURS", "-1")
                    .withEnv("KAFKA_LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS", Long.toString(Long.MAX_VALUE));
            kafka.start();
            return kafka.getBootstrapServers();
        }

        private static String embedded() {
            try {
                Path folder = Files.createTempDirectory("hourledger-test-kafka");
                EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, Map.of());
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    broker.close();
                    TemporaryFolders.deleteTree(folder);
                }));
                return broker.bootstrapServers();
            } catch (IOException e) {
                throw new UncheckedIOException("no folder for the tests' broker", e);
            }
        }
    }
}
