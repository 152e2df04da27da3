package io.hourledger.ingest.kafka;

import org.junit.jupiter.api.Tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.kafka.TopicRules.Topic;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@Tag("fast")
class TopicRulesTest {

    private static final Duration ACCEPTANCE = Duration.ofDays(3);
    private static final long NEEDED = Duration.ofDays(24).toMillis();
    private static final Topic SAFE = topic(4, 3, 2, false, NEEDED, -1, "delete", "CreateTime", Long.MAX_VALUE);

    @Test
    void a_safe_topic_breaks_no_rule() {
        assertThat(TopicRules.broken(SAFE, 4)).isEmpty();
        assertThat(TopicRules.unsafe(SAFE, ACCEPTANCE)).isEmpty();
        assertThat(TopicRules.unsafe(topic(4, 3, 2, false, -1, -1, "delete", "CreateTime", Long.MAX_VALUE), ACCEPTANCE))
                .isEmpty();
    }

    @Test
    void each_way_to_lose_what_was_acknowledged_is_named_with_its_cure() {
        assertUnsafe(
                topic(4, 2, 2, false, NEEDED, -1, "delete", "CreateTime", Long.MAX_VALUE), "2 replica(s): give it 3");
        assertUnsafe(
                topic(4, 3, 1, false, NEEDED, -1, "delete", "CreateTime", Long.MAX_VALUE),
                "min.insync.replicas is 1: set it to 2");
        assertUnsafe(
                topic(4, 3, 2, true, NEEDED, -1, "delete", "CreateTime", Long.MAX_VALUE),
                "unclean.leader.election.enable");
        assertUnsafe(
                topic(4, 3, 2, false, NEEDED - 1, -1, "delete", "CreateTime", Long.MAX_VALUE),
                "retention.ms is " + (NEEDED - 1) + ": set it to -1 or to " + NEEDED);
        assertUnsafe(topic(4, 3, 2, false, NEEDED, 1, "delete", "CreateTime", Long.MAX_VALUE), "retention.bytes");
    }

    @Test
    void each_way_in_which_the_log_would_be_wrong_is_named_with_its_cure() {
        assertBroken(
                topic(5, 3, 2, false, NEEDED, -1, "delete", "CreateTime", Long.MAX_VALUE),
                "has 5 partitions and hourledger.kafka.partitions says 4");
        assertBroken(
                topic(4, 3, 2, false, NEEDED, -1, "compact,delete", "CreateTime", Long.MAX_VALUE),
                "set cleanup.policy=delete");
        assertBroken(
                topic(4, 3, 2, false, NEEDED, -1, "delete", "LogAppendTime", Long.MAX_VALUE),
                "set message.timestamp.type=CreateTime");
        assertBroken(
                topic(4, 3, 2, false, NEEDED, -1, "delete", "CreateTime", 3_600_000), "message.timestamp.after.max.ms");
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

    private static Topic topic(
            int partitions,
            int replication,
            int minInSync,
            boolean unclean,
            long retentionMillis,
            long retentionBytes,
            String cleanup,
            String timestampType,
            long timestampAfterMax) {
        return new Topic(
                "usage-events",
                partitions,
                replication,
                minInSync,
                unclean,
                retentionMillis,
                retentionBytes,
                cleanup,
                timestampType,
                Long.MAX_VALUE,
                timestampAfterMax);
    }
}
