package io.hourledger.aggregator.run;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the log is.
 *
 * @param bootstrapServers brokers to ask first, as host:port separated by commas
 * @param topic the log of usage events
 * @param partitions how many partitions it has; fixed when it is made
 * @param startupTimeout how long to wait at the start for Kafka, and for the topic to be there
 * @param unsafeTopicAllowed keep cutoffs and seals on topics that can lose what they acknowledged; for tests and the demo
 * @param client further settings of Kafka's clients by Kafka's own names, such as those of security
 */
@ConfigurationProperties("hourledger.kafka")
public record AggregatorKafkaSettings(
        @Nullable String bootstrapServers,
        @DefaultValue("usage-events") String topic,
        @DefaultValue("4") int partitions,
        @DefaultValue("PT30S") Duration startupTimeout,
        @DefaultValue("false") boolean unsafeTopicAllowed,
        @DefaultValue Map<String, String> client) {

    private static final String PREFIX = "hourledger.kafka.";

    public AggregatorKafkaSettings {
        client = Map.copyOf(client);
        require(
                bootstrapServers != null && !bootstrapServers.isBlank(),
                "bootstrap-servers is not set: name the brokers as host:port, separated by commas");
        require(!topic.isBlank(), "topic must not be empty; usage-events is usual");
        require(partitions > 0, "partitions must be above zero, as many as the topic has, and is " + partitions);
        require(startupTimeout.toMillis() > 0, "startup-timeout must be above zero, such as PT30S");
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(PREFIX + sentence);
        }
    }
}
