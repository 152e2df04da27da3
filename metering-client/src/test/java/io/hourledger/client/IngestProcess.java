package io.hourledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.embedded.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;

/** The real service in a process of its own, that a test can kill. */
final class IngestProcess {

    static final String KEY = "a-key-for-tests";
    private static final String KEY_SHA_256 = "9820c1b539cc6f62af43c98efcc40f2901b5e523720cf9983810bdfd3f87eb56";
    static final String SOURCE = "/shop";
    private static final String TOPIC = "usage-events";

    private final Process process;
    private final int port;
    private final int probes;
    private final String bootstrapServers;

    private IngestProcess(Process process, int port, int probes, String bootstrapServers) {
        this.process = process;
        this.port = port;
        this.probes = probes;
        this.bootstrapServers = bootstrapServers;
    }

    static IngestProcess start(Path folder, String bootstrapServers, int port) {
        int probes = FreePort.any();
        Process process = ChildJvm.start(
                folder.resolve("ingest.log"),
                256,
                "io.hourledger.ingest.MeteringIngest",
                "--server.port=" + port,
                "--management.server.port=" + probes,
                "--hourledger.catalogue=file:" + repository().resolve("config/catalogue.json"),
                "--hourledger.kafka.bootstrap-servers=" + bootstrapServers,
                "--hourledger.kafka.topic=" + TOPIC,
                "--hourledger.kafka.create-topic=true",
                "--hourledger.kafka.replication=1",
                "--hourledger.kafka.unsafe-topic-allowed=true",
                "--hourledger.ingest.api-keys[0].name=shop",
                "--hourledger.ingest.api-keys[0].sha256=" + KEY_SHA_256,
                "--hourledger.ingest.api-keys[0].sources[0]=" + SOURCE);
        return new IngestProcess(process, port, probes, bootstrapServers);
    }

    static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!folder.resolve("metering").toFile().exists()) {
            folder = folder.getParent();
        }
        return folder;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    void awaitReady() {
        Awaitility.await().atMost(Duration.ofMinutes(5)).until(this::isReady);
    }

    private boolean isReady() throws InterruptedException {
        try {
            return HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create(
                                                    "http://127.0.0.1:" + probes + "/actuator/health/readiness"))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** As kill -9 does. */
    void kill() {
        process.destroyForcibly();
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> !process.isAlive());
    }

    /** Every event in the log now, with its bytes. */
    List<String> logged() {
        List<String> events = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(partition -> new TopicPartition(TOPIC, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.seekToBeginning(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    events.add(new String(record.value(), UTF_8));
                }
            }
        }
        return events;
    }
}
