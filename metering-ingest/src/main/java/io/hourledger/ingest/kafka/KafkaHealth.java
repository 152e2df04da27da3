package io.hourledger.ingest.kafka;

import java.util.Optional;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Up while Kafka answers and the topic still has the partitions it was made with. */
final class KafkaHealth implements HealthIndicator {

    private final TopicInitializer topic;
    private final IngestKafkaSettings settings;

    KafkaHealth(TopicInitializer topic, IngestKafkaSettings settings) {
        this.topic = topic;
        this.settings = settings;
    }

    @Override
    public Health health() {
        Optional<Integer> partitions = topic.partitionsNow();
        if (partitions.isEmpty()) {
            return Health.down()
                    .withDetail("why", "Kafka does not answer, or has no topic " + settings.topic())
                    .build();
        }
        boolean asMade = partitions.get() == settings.partitions();
        return (asMade ? Health.up() : Health.down())
                .withDetail("topic", settings.topic())
                .withDetail("partitions", partitions.get())
                .withDetail("partitionsConfigured", settings.partitions())
                .build();
    }
}
