package io.hourledger.ingest.kafka;

import io.hourledger.ingest.kafka.TopicRules.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the topic if asked to, and lets the service start only on one that keeps what is acknowledged. */
final class TopicInitializer {

    private static final Logger log = LoggerFactory.getLogger(TopicInitializer.class);
    private static final Duration ASK_AGAIN = Duration.ofMillis(100);

    private final TopicAdmin admin;
    private final IngestKafkaSettings settings;
    private final Duration acceptance;

    TopicInitializer(TopicAdmin admin, IngestKafkaSettings settings, Duration acceptance) {
        this.admin = admin;
        this.settings = settings;
        this.acceptance = acceptance;
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

    private Topic topicInTime() {
        long deadline =
                System.nanoTime() + settings.startupTimeout().toNanos(); // elapsed time: how long a start may take
        boolean asked = false;
        while (true) {
            String why;
            try {
                if (settings.createTopic() && !asked) {
                    if (admin.createIfMissing()) {
                        log.atInfo()
                                .addKeyValue("topic", settings.topic())
                                .addKeyValue("partitions", settings.partitions())
                                .log("topic made");
                    }
                    asked = true;
                }
                return admin.topic();
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
}
