package io.hourledger.ingest;

import io.hourledger.embedded.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;

/** A broker in a process of its own, that a test can kill. */
public final class BrokerProcess implements AutoCloseable {

    private final Process process;

    private BrokerProcess(Process process) {
        this.process = process;
    }

    static BrokerProcess start(Path folder, int port) {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            BrokerProcess.class.getName(),
                            folder.resolve("log").toString(),
                            Integer.toString(port))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("broker.out").toFile()))
                    .start();
            return new BrokerProcess(process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        EmbeddedBroker.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Map.of());
        new CountDownLatch(1).await();
    }

    /** As kill -9 does. */
    void kill() {
        process.destroyForcibly();
        Awaitility.await().until(() -> !process.isAlive());
    }

    @Override
    public void close() {
        kill();
    }
}
