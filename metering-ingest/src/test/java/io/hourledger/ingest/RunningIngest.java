package io.hourledger.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.embedded.TestBroker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service as it runs in production, on a free port, with a topic of its own and business time standing still. */
final class RunningIngest implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-11-24T13:05:00Z");
    static final String KEY = "the-shop's-key";
    private static final String KEY_SHA_256 = "7f651dc8a7552d1c21f64c388b30f28d589eeb21d229905b417634f62b0ff984";
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    final String bootstrapServers;
    final String topic;
    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningIngest(String bootstrapServers, String topic, ConfigurableApplicationContext context) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.context = context;
    }

    static RunningIngest start(String... settings) {
        return startAt(TestBroker.bootstrapServers(), TestBroker.freshName("usage"), settings);
    }

    static RunningIngest startAt(String bootstrapServers, String topic, String... settings) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("server.port", "0");
        arguments.put("management.server.port", "0");
        arguments.put("hourledger.catalogue", "classpath:catalogue.json");
        arguments.put("hourledger.kafka.bootstrap-servers", bootstrapServers);
        arguments.put("hourledger.kafka.topic", topic);
        arguments.put("hourledger.kafka.create-topic", "true");
        arguments.put("hourledger.kafka.replication", "1");
        arguments.put("hourledger.kafka.unsafe-topic-allowed", "true");
        arguments.put("hourledger.ingest.api-keys[0].name", "shop");
        arguments.put("hourledger.ingest.api-keys[0].sha256", KEY_SHA_256);
        arguments.put("hourledger.ingest.api-keys[0].sources[0]", "/shop");
        arguments.put("hourledger.ingest.api-keys[0].source-prefixes[0]", "/shop/");
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            arguments.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        ConfigurableApplicationContext context = MeteringIngest.application()
                .initializers(starting -> ((GenericApplicationContext) starting)
                        .registerBean(Clock.class, () -> Clock.fixed(NOW, ZoneOffset.UTC)))
                .run(arguments.entrySet().stream()
                        .map(argument -> "--" + argument.getKey() + "=" + argument.getValue())
                        .toArray(String[]::new));
        return new RunningIngest(bootstrapServers, topic, context);
    }

    Answer one(String event) {
        return post("application/cloudevents+json", event);
    }

    Answer batch(List<String> events) {
        return post("application/cloudevents-batch+json", "[" + String.join(",", events) + "]");
    }

    Answer post(String contentType, String body, String... headers) {
        return post(contentType, body.getBytes(UTF_8), headers);
    }

    Answer post(String contentType, byte[] body, String... headers) {
        return postTo("/v1/usage-events", contentType, body, headers);
    }

    /** What would become of the events; nothing is taken. */
    Answer check(String contentType, String body) {
        return postTo("/v1/usage-events/check", contentType, body.getBytes(UTF_8));
    }

    /** Sends an event that corrects another. */
    Answer amend(String amendment) {
        return postTo("/v1/usage-events/amend", "application/cloudevents+json", amendment.getBytes(UTF_8));
    }

    private Answer postTo(String path, String contentType, byte[] body, String... headers) {
        HttpRequest.Builder request = request(path)
                .header("Content-Type", contentType)
                .header("Authorization", "Bearer " + KEY)
                .POST(BodyPublishers.ofByteArray(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return PublishedAnswers.checked(send(request.build()));
    }

    Answer get(String path) {
        return send(request(path).GET().build());
    }

    HttpRequest.Builder request(String path) {
        int at = path.startsWith("/actuator") ? managementPort() : port();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path))
                .timeout(ANSWERED_WITHIN);
    }

    int port() {
        return ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    private int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    Answer send(HttpRequest request) {
        try {
            return new Answer(http.send(request, BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new AssertionError("no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Everything that is in the topic now. */
    List<ConsumerRecord<byte[], byte[]>> logged() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.seekToBeginning(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    List<String> loggedEvents() {
        return logged().stream()
                .map(record -> new String(record.value(), UTF_8))
                .toList();
    }

    static String event(String id) {
        return """
                {"specversion":"1.0","source":"/shop","id":"%s","type":"web.egress","subject":"i-1",\
                "time":"2026-11-24T13:04:59Z","data":{"bytes":1234}}"""
                .formatted(id);
    }

    @Override
    public void close() {
        context.close();
    }

    record Answer(HttpResponse<String> response) {

        int status() {
            return response.statusCode();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        JsonNode json() {
            return JSON.readTree(response.body());
        }

        String text(String pointer) {
            return json().at(pointer).asString("");
        }

        String body() {
            return response.body();
        }
    }
}
