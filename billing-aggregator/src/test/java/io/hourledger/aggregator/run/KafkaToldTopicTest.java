package io.hourledger.aggregator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.aggregator.Usage;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.CatalogueVersionsFile;
import io.hourledger.embedded.TestBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What ingest knows of the catalogue outlives the topic that it reads it from. */
@Tag("servers")
class KafkaToldTopicTest {

    private final Map<String, Object> client = Map.of("bootstrap.servers", TestBroker.bootstrapServers());
    private final String usageTopic = TestBroker.freshName("usage");
    private final String topic = CatalogueVersions.topicOf(usageTopic);

    @Test
    void a_topic_that_is_lost_while_the_aggregator_runs_is_filled_again() throws Exception {
        try (KafkaToldTopic telling =
                        KafkaToldTopic.ofCatalogue(client, usageTopic, () -> Usage.VERSIONS, Duration.ZERO);
                Admin admin = Admin.create(client)) {
            telling.tell();
            assertThat(told()).isNotEmpty();
            admin.deleteTopics(List.of(topic)).all().get();
            await().until(() -> !admin.listTopics().names().get().contains(topic));

            await().atMost(Duration.ofSeconds(60))
                    .ignoreException(KafkaException.class)
                    .until(() -> {
                        telling.tell();
                        return !told().isEmpty();
                    });
            assertThat(told())
                    .allSatisfy(versions -> assertThat(versions.fingerprint()).isEqualTo(Usage.VERSIONS.fingerprint()));
            assertThat(admin.describeTopics(List.of(topic)).allTopicNames().get())
                    .hasSize(1);
        }
    }

    @Test
    void what_was_told_a_moment_ago_is_not_told_again() {
        try (KafkaToldTopic telling =
                KafkaToldTopic.ofCatalogue(client, usageTopic, () -> Usage.VERSIONS, KafkaToldTopic.AGAIN_AFTER)) {
            telling.tell();
            telling.tell();
        }
        assertThat(told()).hasSize(1);
    }

    @Test
    void keys_that_cannot_be_told_do_not_hold_up_the_catalogue() {
        try (ToldToIngest telling = new ToldToIngest(
                KafkaToldTopic.ofCatalogue(client, usageTopic, () -> Usage.VERSIONS, KafkaToldTopic.AGAIN_AFTER),
                KafkaToldTopic.ofApiKeys(
                        client,
                        usageTopic,
                        () -> {
                            throw new IllegalStateException("a key of a newer release");
                        },
                        KafkaToldTopic.AGAIN_AFTER))) {
            assertThatThrownBy(telling::tell).hasMessageContaining("newer release");
        }
        assertThat(told()).hasSize(1);
    }

    /** Else a day of what is told every minute would be read at each start of ingest. */
    @Test
    void the_topic_is_compacted_within_hours() throws Exception {
        try (KafkaToldTopic telling =
                        KafkaToldTopic.ofCatalogue(client, usageTopic, () -> Usage.VERSIONS, Duration.ZERO);
                Admin admin = Admin.create(client)) {
            telling.tell();
            ConfigResource place = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            Config config = admin.describeConfigs(List.of(place)).all().get().get(place);
            assertThat(Long.parseLong(config.get("segment.ms").value())).isLessThanOrEqualTo(3_600_000);
            assertThat(Long.parseLong(config.get("segment.bytes").value())).isLessThanOrEqualTo(4 << 20);
        }
    }

    private List<CatalogueVersions> told() {
        TopicPartition place = new TopicPartition(topic, 0);
        List<CatalogueVersions> told = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(place));
            consumer.seekToBeginning(List.of(place));
            long end = consumer.endOffsets(List.of(place)).get(place);
            while (consumer.position(place) < end) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> told.add(CatalogueVersionsFile.read(record.value())));
            }
        }
        return told;
    }
}
