package io.hourledger.ingest.kafka;

import io.hourledger.ingest.kafka.TopicRules.Copies;
import io.hourledger.ingest.kafka.TopicRules.Retention;
import io.hourledger.ingest.kafka.TopicRules.Timestamps;
import io.hourledger.ingest.kafka.TopicRules.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Asks Kafka about the topic, each time for a short while at most. */
final class TopicAdmin implements AutoCloseable {

    private static final Duration ASK_WAIT = Duration.ofSeconds(2);

    private final Admin admin;
    private final IngestKafkaSettings settings;

    private TopicAdmin(Admin admin, IngestKafkaSettings settings) {
        this.admin = admin;
        this.settings = settings;
    }

    static TopicAdmin connect(IngestKafkaSettings settings) {
        Map<String, Object> client = new HashMap<>(settings.client());
        client.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        client.put(AdminClientConfig.CLIENT_ID_CONFIG, "metering-ingest-admin");
        client.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, "1000");
        return new TopicAdmin(Admin.create(client), settings);
    }

    /**
     * What a producer of ours would meet.
     *
     * @param writable whether Kafka's access rules let this service write to it
     */
    record Access(int partitions, boolean writable) {}

    Access access() throws ExecutionException, TimeoutException {
        TopicDescription described = described(new DescribeTopicsOptions().includeAuthorizedOperations(true));
        Set<AclOperation> allowed = described.authorizedOperations();
        return new Access(described.partitions().size(), allowed == null || allowed.contains(AclOperation.WRITE));
    }

    /** Makes the topic; true if it was not there. */
    boolean createIfMissing() throws ExecutionException, TimeoutException {
        try {
            answer(admin.createTopics(List.of(newTopic())).all());
            return true;
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw failure;
        }
    }

    private NewTopic newTopic() {
        Duration retention = settings.topicRetention();
        return new NewTopic(settings.topic(), settings.partitions(), settings.replication())
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
    }

    /** All that the rules look at. */
    Topic topic() throws ExecutionException, TimeoutException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, settings.topic());
        TopicDescription described = described(new DescribeTopicsOptions());
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
                        Long.parseLong(value(config, TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG))),
                Integer.parseInt(value(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG)));
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    private TopicDescription described(DescribeTopicsOptions options) throws ExecutionException, TimeoutException {
        return only(
                answer(admin.describeTopics(List.of(settings.topic()), options).allTopicNames()));
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
