package io.hourledger.benchmarks.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.benchmarks.load.EventsInMemory;
import io.hourledger.benchmarks.load.Workload;
import io.hourledger.benchmarks.peer.MvcPeer;
import io.hourledger.benchmarks.process.ChildJvm;
import io.hourledger.benchmarks.process.ServiceProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** One of the servers that take events over HTTP, in a JVM of its own, writing to a topic of its own. It lives through all rounds. */
final class MeasuredServer implements AutoCloseable {

    /** The API key of ours; the peers ask for none. */
    static final String KEY = "bench-key-0123456789abcdef";

    private static final List<String> FLAGS = List.of(
            "-XX:+UseParallelGC",
            "-Xms512m",
            "-Xmx512m",
            "-Duser.language=en",
            "-Duser.timezone=UTC",
            "-Dlogging.config=classpath:" + ChildJvm.LOG_SETTINGS);
    private static final Path PROCESSES = Path.of("/proc");

    private final ChildJvm jvm;
    private final BoundedTopic topic;
    private final InetSocketAddress address;

    private MeasuredServer(ChildJvm jvm, BoundedTopic topic) {
        this.jvm = jvm;
        this.topic = topic;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(jvm.awaitReady()));
        jvm.keepReading();
    }

    /** The production wiring of ours, at its defaults but for the addresses. */
    static MeasuredServer ours(BoundedTopic topic, String bootstrapServers, Path folder, Path logs) throws IOException {
        Path catalogue = Files.writeString(folder.resolve("catalogue.json"), Workload.CATALOGUE);
        List<String> settings = new ArrayList<>(webSettings());
        settings.addFirst("metering-ingest");
        settings.add("--management.server.port=0");
        settings.add("--hourledger.catalogue=" + catalogue.toUri());
        settings.add("--hourledger.kafka.bootstrap-servers=" + bootstrapServers);
        settings.add("--hourledger.kafka.topic=" + topic.name());
        settings.add("--hourledger.kafka.partitions=" + EventsInMemory.partitions());
        settings.add("--hourledger.kafka.unsafe-topic-allowed=true");
        settings.add("--hourledger.ingest.api-keys[0].name=bench");
        settings.add("--hourledger.ingest.api-keys[0].sha256=" + sha256(KEY));
        settings.add("--hourledger.ingest.api-keys[0].source-prefixes[0]=https://files.example.com/");
        return new MeasuredServer(
                ChildJvm.start("ingest", logs, FLAGS, ServiceProcess.class.getName(), settings), topic);
    }

    /** The plain controller, on threads of the platform or on virtual ones. */
    static MeasuredServer mvc(BoundedTopic topic, String bootstrapServers, boolean virtualThreads, Path logs) {
        List<String> settings = new ArrayList<>(webSettings());
        settings.add("--spring.threads.virtual.enabled=" + virtualThreads);
        settings.add("--peer.bootstrap-servers=" + bootstrapServers);
        settings.add("--peer.topic=" + topic.name());
        return new MeasuredServer(ChildJvm.start(topic.name(), logs, FLAGS, MvcPeer.class.getName(), settings), topic);
    }

    private static List<String> webSettings() {
        return List.of(
                "--server.port=0", "--server.tomcat.max-keep-alive-requests=-1", "--spring.main.banner-mode=off");
    }

    private static String sha256(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new AssertionError(everyJavaHasIt);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    BoundedTopic topic() {
        return topic;
    }

    long processId() {
        return jvm.processId();
    }

    /** What of it lies in memory, in MB. */
    long residentMegabytes() throws IOException {
        String status =
                Files.readString(PROCESSES.resolve(Long.toString(processId())).resolve("status"));
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        jvm.close();
    }
}
