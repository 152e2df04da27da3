package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestBroker;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ingest takes each event by the version of the catalogue that rules its hour, as the aggregator has told it. */
@Tag("servers")
class CatalogueToldTest {

    private static final Meter EGRESS =
            new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "MB", new BigDecimal("0.000001"));
    private static final Meter HITS = new Meter("hits", "cdn.served", Aggregation.COUNT, null, "hits", BigDecimal.ONE);

    /** From the hour of the test's clock on the meter of the file is retired, and another is there. */
    private static final CatalogueVersions VERSIONS = CatalogueVersions.only(
                    new Catalogue(1, List.of(EGRESS), List.of()))
            .with(new Catalogue(2, List.of(HITS), List.of()), new UsageHour(Instant.parse("2026-11-24T13:00:00Z")));

    private final String topic = TestBroker.freshName("usage");

    private void tell(byte[] versions) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", TestBroker.bootstrapServers(), "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(CatalogueVersions.topicOf(topic), "versions".getBytes(UTF_8), versions))
                    .get();
        }
    }

    private void makeTopic() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestBroker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(CatalogueVersions.topicOf(topic), 1, (short) 1)
                            .configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        }
    }

    private static String served(String id) {
        return event(id).replace("web.egress", "cdn.served");
    }

    private static String hourBefore(String event) {
        return event.replace("T13:04:59Z", "T12:59:59Z");
    }

    private static void assertThatHoursHaveTheirVersions(RunningIngest ingest) {
        assertThat(ingest.one(served("b")).status()).isEqualTo(202);
        assertThat(ingest.one(hourBefore(event("c"))).status()).isEqualTo(202);
        assertThat(ingest.one(hourBefore(served("d"))).text("/code")).isEqualTo("unknown_type");
        assertThat(ingest.one(event("e")).text("/code")).isEqualTo("unknown_type");
    }

    @Test
    void an_ingest_that_runs_learns_a_version_and_a_new_one_knows_it_from_its_start() throws Exception {
        try (RunningIngest ingest = RunningIngest.startAt(TestBroker.bootstrapServers(), topic)) {
            assertThat(ingest.one(event("a")).status()).isEqualTo(202);
            assertThat(ingest.one(served("a")).text("/code")).isEqualTo("unknown_type");

            makeTopic();
            tell("no versions".getBytes(UTF_8));
            tell(CatalogueVersionsFile.write(VERSIONS));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> ingest.one(served("a")).status() == 202);

            tell(CatalogueVersionsFile.write(CatalogueVersions.only(new Catalogue(1, List.of(EGRESS), List.of()))));
            assertThatHoursHaveTheirVersions(ingest);
        }
        tell(CatalogueVersionsFile.write(VERSIONS));
        try (RunningIngest ingest = RunningIngest.startAt(TestBroker.bootstrapServers(), topic)) {
            assertThatHoursHaveTheirVersions(ingest);
        }
    }
}
