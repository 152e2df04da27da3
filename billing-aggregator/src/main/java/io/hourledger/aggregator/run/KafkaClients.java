package io.hourledger.aggregator.run;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;

/** The settings of the Kafka clients, by Kafka's own names. */
final class KafkaClients {

    private static final int FETCH_BYTES_OF_PARTITION = 4 << 20;
    private static final int FETCH_BYTES = 16 << 20;
    private static final int REQUEST_TIMEOUT_MILLIS = 10_000;

    private KafkaClients() {}

    /** For the members of the group of one installation. Offsets are kept in its database, so the group's name may change. */
    static Map<String, Object> inGroup(String group, AggregatorKafkaSettings kafka, AggregatorSettings settings) {
        Map<String, Object> all = of(kafka, settings);
        all.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        return all;
    }

    static Map<String, Object> of(AggregatorKafkaSettings kafka, AggregatorSettings settings) {
        Map<String, Object> all = new HashMap<>(kafka.client());
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, String.valueOf(kafka.bootstrapServers()));
        all.put(ConsumerConfig.GROUP_ID_CONFIG, settings.groupId());
        // a lost offset must halt the partition; there is no right place to go on by itself
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // what a producer's transaction aborted was never said
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.maxPollRecords());
        all.put(
                ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                Math.toIntExact(settings.maxPollInterval().toMillis()));
        all.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES_OF_PARTITION);
        all.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        all.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MILLIS);
        all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MILLIS);
        all.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, settings.groupProtocol());
        if (settings.groupProtocol().equals("classic")) {
            int session = Math.toIntExact(settings.sessionTimeout().toMillis());
            all.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session);
            all.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.max(1, session / 4));
            all.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        }
        return all;
    }
}
