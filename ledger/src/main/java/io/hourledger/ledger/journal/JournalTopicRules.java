package io.hourledger.ledger.journal;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** What a topic must be so that nothing is dropped from it before its time. */
final class JournalTopicRules {

    /** Elapsed time between two questions. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final String FOR_EVER = "-1";

    /** As the topic must be, or entries would vanish before their time. */
    private static final Map<String, String> NEVER_BY_SIZE = Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_BYTES_CONFIG,
            FOR_EVER);

    /** As it must be for the loss of a broker to lose no entry. */
    private static final short SAFE_REPLICATION = 3;

    private static final int SAFE_IN_SYNC = 2;

    private final Admin admin;
    private final String topic;
    private final @Nullable Duration retention;

    /**
     * @param retention how long it must keep entries at least, and does if it is made here; null for ever
     */
    JournalTopicRules(Admin admin, String topic, @Nullable Duration retention) {
        this.admin = admin;
        this.topic = topic;
        this.retention = retention;
    }

    /** Makes the topic if it is not there yet. */
    void make(boolean unsafeAllowed) {
        Map<String, String> configs = new HashMap<>(NEVER_BY_SIZE);
        configs.put(
                TopicConfig.RETENTION_MS_CONFIG, retention == null ? FOR_EVER : Long.toString(retention.toMillis()));
        if (!unsafeAllowed) {
            configs.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(SAFE_IN_SYNC));
            configs.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
        }
        NewTopic made = new NewTopic(
                        topic, Optional.of(1), unsafeAllowed ? Optional.empty() : Optional.of(SAFE_REPLICATION))
                .configs(configs);
        try {
            JournalTopic.answer(admin.createTopics(List.of(made)).all());
        } catch (KafkaException refused) {
            if (refused.getCause() instanceof InvalidReplicationFactorException) {
                throw unsafe("it cannot be made with " + SAFE_REPLICATION + " replicas ("
                        + refused.getCause().getMessage() + ")");
            }
            if (!(refused.getCause() instanceof TopicExistsException)) {
                throw refused;
            }
        }
    }

    private IllegalStateException unsafe(String why) {
        return new IllegalStateException("topic " + topic + " could lose what is kept in it: " + why
                + "; mend that, or for tests and the demo set hourledger.kafka.unsafe-topic-allowed=true");
    }

    private void checkSafe() {
        TopicDescription described = Objects.requireNonNull(
                JournalTopic.answer(admin.describeTopics(List.of(topic)).allTopicNames())
                        .get(topic));
        int replicas = described.partitions().get(0).replicas().size();
        if (replicas < SAFE_REPLICATION) {
            throw unsafe("it has " + replicas + " replica(s) and must have " + SAFE_REPLICATION);
        }
        Config config = config();
        int inSync = Integer.parseInt(value(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
        if (inSync < SAFE_IN_SYNC) {
            throw unsafe("its min.insync.replicas is " + inSync + " and must be " + SAFE_IN_SYNC);
        }
        if (!value(config, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG).equals("false")) {
            throw unsafe("its unclean.leader.election.enable is true and must be false");
        }
    }

    private static String value(Config config, String name) {
        ConfigEntry entry = config.get(name);
        return entry == null ? "not set" : String.valueOf(entry.value());
    }

    /**
     * Looks whether entries stay as long as they must.
     *
     * @throws IllegalStateException with a sentence for a person, if they may not
     */
    void check(boolean unsafeAllowed) {
        checkRetention();
        if (!unsafeAllowed) {
            checkSafe();
        }
    }

    private void checkRetention() {
        Config config = config();
        NEVER_BY_SIZE.forEach((name, wanted) -> {
            if (!value(config, name).equals(wanted)) {
                throw dropping(config, name, wanted);
            }
        });
        String name = TopicConfig.RETENTION_MS_CONFIG;
        if (retention == null && !value(config, name).equals(FOR_EVER)) {
            throw dropping(config, name, FOR_EVER);
        }
        if (retention != null && isShorter(value(config, name), retention)) {
            throw dropping(config, name, retention.toMillis() + " or more");
        }
    }

    private static boolean isShorter(String retentionMillis, Duration wanted) {
        return !retentionMillis.equals(FOR_EVER) && Long.parseLong(retentionMillis) < wanted.toMillis();
    }

    private IllegalStateException dropping(Config config, String name, String wanted) {
        return new IllegalStateException("topic " + topic + " would lose what is kept in it: its " + name + " is "
                + value(config, name) + " and must be " + wanted + "; set that, or name another topic");
    }

    /** A topic that was just made is not known to every broker at once. */
    private Config config() {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        long sinceNanos = System.nanoTime();
        while (true) {
            try {
                return Objects.requireNonNull(JournalTopic.answer(
                                admin.describeConfigs(Set.of(resource)).all())
                        .get(resource));
            } catch (KafkaException refused) {
                boolean notKnownYet = refused.getCause() instanceof UnknownTopicOrPartitionException;
                if (!notKnownYet || System.nanoTime() - sinceNanos > JournalTopic.ANSWER_TIMEOUT.toNanos()) {
                    throw refused;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }
}
