package io.hourledger.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import io.hourledger.contracts.usage.ToldAcceptance;
import io.hourledger.embedded.TestBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.springframework.util.unit.DataSize;

@Tag("servers")
class KafkaCatalogueReaderTest {

    private static final Catalogue CATALOGUE = new Catalogue(7, List.of(), List.of());

    private final String topic = TestBroker.freshName("usage");

    @Test
    void usage_that_is_taken_for_longer_than_it_counts_is_said_at_the_start() throws Exception {
        Map<String, Object> client = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
        try (Admin admin = Admin.create(client);
                KafkaProducer<byte[], byte[]> aggregator =
                        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(CatalogueVersions.topicOf(topic), 1, (short) 1)))
                    .all()
                    .get();
            tell(aggregator, ToldAcceptance.KEY, new ToldAcceptance(Duration.ofHours(24)).write());
            tell(aggregator, "versions", CatalogueVersionsFile.write(CatalogueVersions.only(CATALOGUE)));
        }

        assertThat(errorsOfStart(Duration.ofHours(24))).isEmpty();
        assertThat(errorsOfStart(Duration.ofHours(48))).singleElement().satisfies(error -> {
            assertThat(error.getFormattedMessage()).startsWith("max-age is longer than accepted-late");
            assertThat(error.getKeyValuePairs())
                    .containsExactly(
                            new KeyValuePair("maxAge", Duration.ofHours(48)),
                            new KeyValuePair("acceptedLate", Duration.ofHours(24)));
        });
    }

    private void tell(KafkaProducer<byte[], byte[]> aggregator, String key, byte[] value) throws Exception {
        aggregator
                .send(new ProducerRecord<>(CatalogueVersions.topicOf(topic), key.getBytes(UTF_8), value))
                .get();
    }

    private List<ILoggingEvent> errorsOfStart(Duration maxAge) {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(KafkaCatalogueReader.class);
        lines.start();
        logger.addAppender(lines);
        try (KafkaCatalogueReader reader =
                KafkaCatalogueReader.start(settings(), new Catalogue(1, List.of(), List.of()), maxAge)) {
            assertThat(reader.newestVersion())
                    .as("the other record is read, too")
                    .isEqualTo(7);
        } finally {
            logger.detachAppender(lines);
        }
        return lines.list.stream()
                .filter(line -> line.getLevel() == Level.ERROR)
                .toList();
    }

    private IngestKafkaSettings settings() {
        return new IngestKafkaSettings(
                TestBroker.bootstrapServers(),
                topic,
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
    }
}
