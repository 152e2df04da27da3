package io.hourledger.ingest.kafka;

import io.hourledger.ingest.kafka.TopicAdmin.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Up while events get to Kafka: it answers, the topic breaks no rule and may be written to, the API keys were read, and the last send did not fail. */
final class KafkaHealth implements HealthIndicator {

    private final TopicAdmin admin;
    private final TopicWatch watch;
    private final SendResults results;
    private final KafkaApiKeyReader keys;
    private final IngestKafkaSettings settings;

    KafkaHealth(
            TopicAdmin admin,
            TopicWatch watch,
            SendResults results,
            KafkaApiKeyReader keys,
            IngestKafkaSettings settings) {
        this.admin = admin;
        this.watch = watch;
        this.results = results;
        this.keys = keys;
        this.settings = settings;
    }

    @Override
    public Health health() {
        Access access;
        try {
            access = admin.access();
        } catch (ExecutionException | TimeoutException noAnswer) {
            return Health.down()
                    .withDetail("why", "Kafka does not answer, or has no topic " + settings.topic())
                    .build();
        }
        List<String> wrong = new ArrayList<>(watch.broken());
        if (access.partitions() != settings.partitions()) {
            wrong.add("the topic has " + access.partitions() + " partitions");
        }
        if (!access.writable()) {
            wrong.add("Kafka's access rules do not let this service write to the topic");
        }
        if (results.failing()) {
            wrong.add("events that were sent are not confirmed");
        }
        if (!keys.isReady()) {
            wrong.add("the API keys are not read yet, or are told in a form that this release does not know");
        }
        Health.Builder health = wrong.isEmpty() ? Health.up() : Health.down().withDetail("why", wrong);
        return health.withDetail("topic", settings.topic())
                .withDetail("partitions", access.partitions())
                .withDetail("partitionsConfigured", settings.partitions())
                .build();
    }
}
