package io.hourledger.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.kafka.TopicRules.Copies;
import io.hourledger.ingest.kafka.TopicRules.Retention;
import io.hourledger.ingest.kafka.TopicRules.Timestamps;
import io.hourledger.ingest.kafka.TopicRules.Topic;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class TopicRulesTest {

    private static final Duration ACCEPTANCE = Duration.ofDays(3);
    private static final long NEEDED = Duration.ofDays(24).toMillis();
    private static final Topic SAFE = new Topic(
            "usage-events",
            4,
            new Copies(3, 2, false),
            new Retention("delete", NEEDED, -1),
            new Timestamps("CreateTime", Long.MAX_VALUE, Long.MAX_VALUE),
            1_048_588);

    @Test
    void a_safe_topic_breaks_no_rule() {
        assertThat(TopicRules.broken(SAFE, 4)).isEmpty();
        assertThat(TopicRules.unsafe(SAFE, ACCEPTANCE)).isEmpty();
        assertThat(TopicRules.unsafe(with(new Retention("delete", -1, -1)), ACCEPTANCE))
                .isEmpty();
    }

    @Test
    void each_way_to_lose_what_was_acknowledged_is_named_with_its_cure() {
        assertUnsafe(with(new Copies(2, 2, false)), "2 replica(s): give it 3");
        assertUnsafe(with(new Copies(3, 1, false)), "min.insync.replicas is 1: set it to 2");
        assertUnsafe(with(new Copies(3, 2, true)), "unclean.leader.election.enable");
        assertUnsafe(
                with(new Retention("delete", NEEDED - 1, -1)),
                "retention.ms is " + (NEEDED - 1) + ": set it to -1 or to " + NEEDED);
        assertUnsafe(with(new Retention("delete", NEEDED, 1)), "retention.bytes");
    }

    @Test
    void each_way_in_which_the_log_would_be_wrong_is_named_with_its_cure() {
        assertBroken(withPartitions(5), "has 5 partitions and hourledger.kafka.partitions says 4");
        assertBroken(with(new Retention("compact,delete", NEEDED, -1)), "set cleanup.policy=delete");
        assertBroken(
                with(new Timestamps("LogAppendTime", Long.MAX_VALUE, Long.MAX_VALUE)),
                "set message.timestamp.type=CreateTime");
        assertBroken(with(new Timestamps("CreateTime", Long.MAX_VALUE, 3_600_000)), "message.timestamp.after.max.ms");
        assertBroken(
                new Topic("usage-events", 4, SAFE.copies(), SAFE.retention(), SAFE.timestamps(), 65_536),
                "max.message.bytes is 65536, so Kafka would never take an event of the largest size: set it to 69632");
    }

    private static void assertUnsafe(Topic topic, String sentence) {
        assertThat(TopicRules.broken(topic, 4)).isEmpty();
        assertThat(TopicRules.unsafe(topic, ACCEPTANCE))
                .singleElement()
                .asString()
                .contains(sentence);
    }

    private static void assertBroken(Topic topic, String sentence) {
        assertThat(TopicRules.unsafe(topic, ACCEPTANCE)).isEmpty();
        assertThat(TopicRules.broken(topic, 4)).singleElement().asString().contains(sentence);
    }

    private static Topic with(Copies copies) {
        return new Topic(
                SAFE.name(), SAFE.partitions(), copies, SAFE.retention(), SAFE.timestamps(), SAFE.maxMessageBytes());
    }

    private static Topic with(Retention retention) {
        return new Topic(
                SAFE.name(), SAFE.partitions(), SAFE.copies(), retention, SAFE.timestamps(), SAFE.maxMessageBytes());
    }

    private static Topic with(Timestamps timestamps) {
        return new Topic(
                SAFE.name(), SAFE.partitions(), SAFE.copies(), SAFE.retention(), timestamps, SAFE.maxMessageBytes());
    }

    private static Topic withPartitions(int partitions) {
        return new Topic(
                SAFE.name(), partitions, SAFE.copies(), SAFE.retention(), SAFE.timestamps(), SAFE.maxMessageBytes());
    }
}
