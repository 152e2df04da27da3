package io.hourledger.ingest.kafka;

import io.hourledger.ingest.kafka.TopicRules.Copies;
import io.hourledger.ingest.kafka.TopicRules.Retention;
import io.hourledger.ingest.kafka.TopicRules.Timestamps;
import io.hourledger.ingest.kafka.TopicRules.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the topic if asked to, and lets the service start only on one that keeps what is acknowledged. */
final class TopicInitializer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TopicInitializer.class);
    private static final Duration ASK_WAIT = Duration.ofSeconds(2);
    private static final Duration ASK_AGAIN = Duration.ofMillis(100);

    private final Admin admin;
    private final IngestKafkaSettings settings;
    private final Duration acceptance;

    TopicInitializer(Admin admin, IngestKafkaSettings settings, Duration acceptance) {
        this.admin = admin;
        this.settings = settings;
        this.acceptance = acceptance;
    }

    static TopicInitializer connect(IngestKafkaSettings settings, Duration acceptance) {
        Map<String, Object> client = new HashMap<>(settings.client());
        client.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        client.put(AdminClientConfig.CLIENT_ID_CONFIG, "metering-ingest-admin");
        client.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, "1000");
        return new TopicInitializer(Admin.create(client), settings, acceptance);
    }

    /**
     * @throws UnsafeTopicException if the topic is not there, is wrong for this use, or is unsafe and that is not allowed
     */
    void requireSafeTopic() {
        Topic topic = topicInTime();
        List<String> wrong = new ArrayList<>(TopicRules.broken(topic, settings.partitions()));
        List<String> unsafe = TopicRules.unsafe(topic, acceptance);
        if (settings.unsafeTopicAllowed()) {
            unsafe.forEach(why -> log.atWarn()
                    .addKeyValue("topic", topic.name())
                    .addKeyValue("why", why)
                    .log("unsafe topic allowed"));
        } else {
            wrong.addAll(unsafe);
        }
        if (!wrong.isEmpty()) {
            throw new UnsafeTopicException(
                    "Topic " + topic.name() + " must not be used: " + String.join("; ", wrong) + "."
                            + (unsafe.isEmpty()
                                    ? ""
                                    : " For tests and the demo, hourledger.kafka.unsafe-topic-allowed=true waives what is said of"
                                            + " replicas, in-sync replicas, unclean election and retention."));
        }
        log.atInfo()
                .addKeyValue("topic", topic.name())
                .addKeyValue("partitions", topic.partitions())
                .addKeyValue("replication", topic.copies().replication())
                .log("topic found fit");
    }

    /** How many partitions the topic has now; empty when Kafka does not answer or has no such topic. */
    Optional<Integer> partitionsNow() {
        try {
            return Optional.of(described().partitions().size());
        } catch (ExecutionException | TimeoutException noAnswer) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    private Topic topicInTime() {
        long deadline =
                System.nanoTime() + settings.startupTimeout().toNanos(); // elapsed time: how long a start may take
        boolean asked = false;
        while (true) {
            String why;
            try {
                if (settings.createTopic() && !asked) {
                    createIfMissing();
                    asked = true;
                }
                return topic();
            } catch (TimeoutException noAnswer) {
                why = "Kafka at " + settings.bootstrapServers()
                        + " does not answer: check hourledger.kafka.bootstrap-servers and that the brokers run";
            } catch (ExecutionException failure) {
                why = failure.getCause() instanceof UnknownTopicOrPartitionException
                        ? "Topic " + settings.topic()
                                + " is not there: make it, or set hourledger.kafka.create-topic=true"
                        : "Kafka does not tell about topic " + settings.topic() + ": " + failure.getCause();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new UnsafeTopicException(why + ".");
            }
            LockSupport.parkNanos(ASK_AGAIN.toNanos());
        }
    }

    private void createIfMissing() throws ExecutionException, TimeoutException {
        Duration retention = settings.topicRetention();
        NewTopic topic = new NewTopic(settings.topic(), settings.partitions(), settings.replication())
                .configs(Map.of(
                        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                        settings.replication() >= 3 ? "2" : "1",
                        TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                        "false",
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        retention == null ? "-1" : Long.toString(retention.toMillis()),
                        TopicConfig.RETENTION_BYTES_CONFIG,
                        "-1",
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "CreateTime",
                        TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                        Long.toString(Long.MAX_VALUE),
                        TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                        Long.toString(Long.MAX_VALUE)));
        try {
            answer(admin.createTopics(List.of(topic)).all());
            log.atInfo()
                    .addKeyValue("topic", settings.topic())
                    .addKeyValue("partitions", settings.partitions())
                    .log("topic made");
        } catch (ExecutionException failure) {
            if (!(failure.getCause() instanceof TopicExistsException)) {
                throw failure;
            }
        }
    }

    private Topic topic() throws ExecutionException, TimeoutException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, settings.topic());
        TopicDescription described = described();
        Config config = only(answer(admin.describeConfigs(List.of(resource)).all()));
        return new Topic(
                settings.topic(),
                described.partitions().size(),
                new Copies(
                        described.partitions().stream()
                                .mapToInt(partition -> partition.replicas().size())
                                .min()
                                .orElse(0),
                        Integer.parseInt(value(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG)),
                        Boolean.parseBoolean(value(config, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG))),
                new Retention(
                        value(config, TopicConfig.CLEANUP_POLICY_CONFIG),
                        Long.parseLong(value(config, TopicConfig.RETENTION_MS_CONFIG)),
                        Long.parseLong(value(config, TopicConfig.RETENTION_BYTES_CONFIG))),
                new Timestamps(
                        value(config, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG),
                        Long.parseLong(value(config, TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG)),
                        Long.parseLong(value(config, TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG))));
    }

    private TopicDescription described() throws ExecutionException, TimeoutException {
        return only(answer(admin.describeTopics(List.of(settings.topic())).allTopicNames()));
    }

    private static <T> T only(Map<?, T> answers) {
        return answers.values().iterator().next();
    }

    private static String value(Config config, String name) {
        return config.get(name).value();
    }

    private static <T> T answer(KafkaFuture<T> asked) throws ExecutionException, TimeoutException {
        try {
            return asked.get(ASK_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Kafka", stopped);
        }
    }
}
