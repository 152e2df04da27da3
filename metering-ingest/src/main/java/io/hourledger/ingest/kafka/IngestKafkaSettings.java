package io.hourledger.ingest.kafka;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where the log is and how events get there.
 *
 * @param bootstrapServers brokers to ask first, as host:port separated by commas
 * @param topic the log of usage events
 * @param partitions how many partitions it has; fixed when it is made, since an instance's partition follows from it
 * @param createTopic make the topic at the start when it is not there
 * @param replication copies of each partition of a topic that is made here
 * @param topicRetention how long a topic that is made here keeps events, by their business time; not set: for ever
 * @param unsafeTopicAllowed start on a topic that can lose what it acknowledged; for tests and the demo
 * @param maxBlock how long one request may wait for room in the buffer or for news of the brokers
 * @param deliveryTimeout how long an event may wait for Kafka's acknowledgement
 * @param buffer memory for events on their way
 * @param linger how long a batch waits for company
 * @param startupTimeout how long to wait for Kafka at the start
 * @param client further settings of Kafka's clients by Kafka's own names, such as those of security
 */
@ConfigurationProperties("hourledger.kafka")
public record IngestKafkaSettings(
        String bootstrapServers,
        @DefaultValue("usage-events") String topic,
        @DefaultValue("4") int partitions,
        @DefaultValue("false") boolean createTopic,
        @DefaultValue("3") short replication,
        @Nullable Duration topicRetention,
        @DefaultValue("false") boolean unsafeTopicAllowed,
        @DefaultValue("PT0.5S") Duration maxBlock,
        @DefaultValue("PT10S") Duration deliveryTimeout,
        @DefaultValue("64MB") DataSize buffer,
        @DefaultValue("PT0S") Duration linger,
        @DefaultValue("PT30S") Duration startupTimeout,
        @DefaultValue Map<String, String> client) {

    private static final String PREFIX = "hourledger.kafka.";
    private static final long LEAST_DELIVERY_MILLIS = 1_000;

    public IngestKafkaSettings {
        client = Map.copyOf(client);
        require(
                bootstrapServers != null && !bootstrapServers.isBlank(),
                "bootstrap-servers is not set: name the brokers as host:port, separated by commas");
        require(!topic.isBlank(), "topic must not be empty; usage-events is usual");
        require(partitions > 0, "partitions must be above zero, as many as the topic has, and is " + partitions);
        require(replication > 0, "replication must be above zero; 3 is safe, and it is " + replication);
        require(
                topicRetention == null || topicRetention.toMillis() > 0,
                "topic-retention must be above zero, or left out to keep events for ever");
        require(maxBlock.toMillis() > 0, "max-block must be above zero, such as PT0.5S");
        require(
                deliveryTimeout.toMillis() >= LEAST_DELIVERY_MILLIS,
                "delivery-timeout must be PT1S or longer, and is " + deliveryTimeout);
        require(
                !linger.isNegative() && linger.toMillis() * 4 < deliveryTimeout.toMillis(),
                "linger must be far shorter than delivery-timeout, such as PT0.005S, and is " + linger);
        require(buffer.toMegabytes() >= 1, "buffer must be 1MB or more, such as 64MB, and is " + buffer);
        require(startupTimeout.toMillis() > 0, "startup-timeout must be above zero, such as PT30S");
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(PREFIX + sentence);
        }
    }
}
