package io.hourledger.client;

import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.embedded.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The real service that the tests of this module share, with its broker. It is started on first use and ends with the JVM. */
final class SharedIngest {

    private static final int PORT = FreePort.any();
    private static final Path FOLDER = folder();
    private static final EmbeddedBroker BROKER = EmbeddedBroker.start(FOLDER.resolve("kafka"), 0, Map.of());
    private static IngestProcess process = started();

    private SharedIngest() {}

    static IngestProcess process() {
        return process;
    }

    /** The same service again, after it was killed: same address, same log. */
    static void startAgain() {
        process = started();
    }

    private static IngestProcess started() {
        IngestProcess started = IngestProcess.start(FOLDER, BROKER.bootstrapServers(), PORT);
        Runtime.getRuntime().addShutdownHook(new Thread(started::kill));
        started.awaitReady();
        return started;
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("hourledger-client-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
