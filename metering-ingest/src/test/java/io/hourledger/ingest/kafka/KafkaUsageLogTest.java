package io.hourledger.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.embedded.EmbeddedBroker;
import io.hourledger.embedded.TestBroker;
import io.hourledger.ingest.Relay;
import io.hourledger.ingest.accept.UsageLog.NotTaken;
import io.hourledger.ingest.accept.UsageLog.Origin;
import io.hourledger.ingest.accept.UsageLog.Outcome;
import io.hourledger.ingest.accept.UsageLog.Stored;
import io.hourledger.ingest.accept.UsageLog.TooLarge;
import io.hourledger.ingest.accept.UsageLog.Unconfirmed;
import io.hourledger.ingest.kafka.KafkaUsageLog.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

@Tag("servers")
class KafkaUsageLogTest {

    private static final Instant NOW = Instant.parse("2026-11-24T13:05:00Z");

    private static final Origin ORIGIN =
            new Origin("key-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Set.of());

    private final SendResults results = new SendResults(System::nanoTime);
    private final List<Outcome> told = Collections.synchronizedList(new ArrayList<>());

    @Test
    void an_event_is_kept_only_when_kafka_says_so() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        KafkaUsageLog log = log(producer);

        log.append("i-1", "event".getBytes(UTF_8), NOW, ORIGIN, told::add);
        assertThat(told).isEmpty();

        assertThat(producer.history()).singleElement().satisfies(record -> {
            assertThat(record.partition()).isEqualTo(KafkaUsageLog.partitionOf(record.key(), 4));
            assertThat(record.headers().lastHeader("hourledger-key").value()).isEqualTo("key-1".getBytes(UTF_8));
            assertThat(record.headers().lastHeader("traceparent").value())
                    .isEqualTo(String.valueOf(ORIGIN.traceparent()).getBytes(UTF_8));
            assertThat(record.timestamp()).isEqualTo(NOW.toEpochMilli());
        });
        producer.completeNext();
        assertThat(told).containsExactly(new Stored("usage-events", 0, 0));
    }

    @Test
    void an_event_whose_time_is_over_is_unconfirmed_and_not_kept() throws InterruptedException {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        KafkaUsageLog log = log(producer);

        log.append("i-1", "event".getBytes(UTF_8), NOW, ORIGIN, told::add);
        Thread io = new Thread(() -> producer.errorNext(new TimeoutException("expiring 1 record(s)")));
        io.start();
        io.join();

        assertThat(told).singleElement().isInstanceOf(Unconfirmed.class);
    }

    @Test
    void the_producer_waits_for_all_in_sync_replicas_whatever_else_its_settings_ask_for() {
        IngestKafkaSettings settings = new IngestKafkaSettings(
                "127.0.0.1:1",
                "usage-events",
                4,
                false,
                (short) 3,
                null,
                false,
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                DataSize.ofMegabytes(1),
                Duration.ofMillis(5),
                Duration.ofSeconds(1),
                Map.of("acks", "0", "enable.idempotence", "false", "security.protocol", "SSL"));

        assertThat(KafkaUsageLog.producerSettings(settings))
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", "true")
                .containsEntry("delivery.timeout.ms", "10000")
                .containsEntry("max.block.ms", "100")
                .containsEntry("security.protocol", "SSL");
    }

    @Test
    void a_producer_that_throws_took_nothing() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        producer.close();
        KafkaUsageLog log = log(producer);

        log.append("i-1", "event".getBytes(UTF_8), NOW, ORIGIN, told::add);

        assertThat(told).singleElement().isInstanceOf(NotTaken.class);
    }

    @Test
    void without_a_broker_in_reach_nothing_is_taken_and_the_wait_is_short() {
        IngestKafkaSettings settings = settings("127.0.0.1:1", Duration.ofMillis(100), Duration.ofSeconds(1));
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                KafkaUsageLog.producerSettings(settings), new ByteArraySerializer(), new ByteArraySerializer())) {
            log(producer).append("i-1", "event".getBytes(UTF_8), NOW, ORIGIN, told::add);
        }

        assertThat(told).singleElement().isInstanceOf(NotTaken.class);
    }

    @Test
    void the_partition_is_the_one_that_kafkas_own_producer_would_take() throws Exception {
        String topic = TestBroker.freshName("partitions");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()));
                KafkaProducer<byte[], byte[]> plain = new KafkaProducer<>(
                        Map.of("bootstrap.servers", TestBroker.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(topic, 5, (short) 1))).all().get();
            for (int i = 0; i < 200; i++) {
                byte[] key = ("instance-" + i * 7919).getBytes(UTF_8);
                int partition =
                        plain.send(new ProducerRecord<>(topic, key, key)).get().partition();
                assertThat(KafkaUsageLog.partitionOf(key, 5)).isEqualTo(partition);
            }
        }
    }

    @Test
    void the_buffer_is_bounded_and_what_finds_no_room_is_not_taken(@TempDir Path folder) throws Exception {
        try (Relay relay = new Relay();
                EmbeddedBroker broker = EmbeddedBroker.start(
                        folder, 0, Map.of("advertised.listeners", "BROKER://127.0.0.1:" + relay.port()))) {
            String direct = broker.bootstrapServers();
            relay.leadTo(Integer.parseInt(direct.substring(direct.indexOf(':') + 1)));
            // one megabyte of room; while the broker's answers are held, only so many requests leave it
            IngestKafkaSettings settings = new IngestKafkaSettings(
                    "127.0.0.1:" + relay.port(),
                    "usage-events",
                    4,
                    true,
                    (short) 1,
                    null,
                    true,
                    Duration.ofMillis(50),
                    Duration.ofSeconds(30),
                    DataSize.ofMegabytes(1),
                    Duration.ofMillis(5),
                    Duration.ofSeconds(30),
                    Map.of());
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", settings.bootstrapServers()))) {
                admin.createTopics(List.of(new NewTopic(settings.topic(), 4, (short) 1)))
                        .all()
                        .get();
            }
            byte[] large = new byte[60_000];
            int events = 100;

            try (KafkaUsageLog log = KafkaUsageLog.connect(settings, List::of, results)) {
                relay.holdAnswers(true);
                for (int i = 0; i < events; i++) {
                    log.append("i-" + i, large, NOW, ORIGIN, told::add);
                }
                assertThat(told).isNotEmpty().allMatch(NotTaken.class::isInstance);
                relay.holdAnswers(false);
            }
            // whatever was taken was kept in the end, and nothing is told twice
            assertThat(told).hasSize(events).noneMatch(Unconfirmed.class::isInstance);
        }
    }

    @Test
    void an_event_that_is_too_large_for_the_topic_is_refused_for_good() throws Exception {
        String topic = TestBroker.freshName("small");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(Map.of("max.message.bytes", "10000"))))
                    .all()
                    .get();
        }
        byte[] event = new byte[20_000];
        new Random(1).nextBytes(event); // which does not compress

        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                KafkaUsageLog.producerSettings(
                        settings(TestBroker.bootstrapServers(), Duration.ofSeconds(10), Duration.ofSeconds(10))),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            new KafkaUsageLog(producer, new Target(topic, 1, List::of), results)
                    .append("i-1", event, NOW, ORIGIN, told::add);
            producer.flush();
        }

        assertThat(told).singleElement().isInstanceOf(TooLarge.class);
        assertThat(results.failing()).isFalse();
    }

    @Test
    void while_the_topic_breaks_a_rule_nothing_is_handed_over() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        Target unsafe = new Target("usage-events", 4, () -> List.of("cleanup.policy is compact"));

        new KafkaUsageLog(producer, unsafe, results).append("i-1", "event".getBytes(UTF_8), NOW, ORIGIN, told::add);

        assertThat(told).singleElement().isInstanceOf(NotTaken.class);
        assertThat(producer.history()).isEmpty();
    }

    private KafkaUsageLog log(Producer<byte[], byte[]> producer) {
        return new KafkaUsageLog(producer, new Target("usage-events", 4, List::of), results);
    }

    private static IngestKafkaSettings settings(String bootstrapServers, Duration maxBlock, Duration deliveryTimeout) {
        return new IngestKafkaSettings(
                bootstrapServers,
                "usage-events",
                4,
                false,
                (short) 1,
                null,
                true,
                maxBlock,
                deliveryTimeout,
                DataSize.ofMegabytes(1),
                Duration.ofMillis(5),
                Duration.ofSeconds(1),
                Map.of());
    }
}
