package io.hourledger.ingest.kafka;

import io.hourledger.contracts.usage.UsageEventLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a topic must be for "acknowledged means kept". Some rules may be waived by name for tests and the demo, where one broker is all there
 * is; the others may not, since with them broken the log would be wrong and not only less safe.
 */
final class TopicRules {

    /** How long the gallery takes a record after its hour; until then the raw events must be there to be counted again. */
    static final Duration GALLERY_LIMIT = Duration.ofDays(21);

    private static final int SAFE_REPLICATION = 3;
    private static final int SAFE_IN_SYNC = 2;

    /** The largest event with room for its key, headers and what Kafka adds to a batch of one record. */
    private static final int LARGEST_RECORD_BYTES = UsageEventLimits.MAX_EVENT_BYTES + 4096;

    private TopicRules() {}

    /** What Kafka says of a topic, by Kafka's own words. */
    record Topic(
            String name,
            int partitions,
            Copies copies,
            Retention retention,
            Timestamps timestamps,
            int maxMessageBytes) {}

    /** How many brokers have what was acknowledged. */
    record Copies(int replication, int minInSyncReplicas, boolean uncleanLeaderElection) {}

    /** What is dropped, and when. */
    record Retention(String cleanupPolicy, long millis, long bytes) {}

    /** Which timestamps records may have. */
    record Timestamps(String type, long beforeMaxMillis, long afterMaxMillis) {}

    /** Sentences on what makes the topic wrong for this use; empty when nothing does. */
    static List<String> broken(Topic topic, int partitions) {
        List<String> broken = new ArrayList<>();
        if (topic.partitions() != partitions) {
            broken.add("it has " + topic.partitions() + " partitions and hourledger.kafka.partitions says " + partitions
                    + ": set that to " + topic.partitions() + " in every service if the topic was made so, and never"
                    + " enlarge a topic in use, since instances would change their partition");
        }
        if (!topic.retention().cleanupPolicy().equals("delete")) {
            broken.add("cleanup.policy is " + topic.retention().cleanupPolicy()
                    + ", so Kafka would drop all but the last event of an instance: set cleanup.policy=delete");
        }
        if (!topic.timestamps().type().equals("CreateTime")) {
            broken.add("message.timestamp.type is " + topic.timestamps().type()
                    + ", so the business time of receipt would be lost: set message.timestamp.type=CreateTime");
        }
        if (topic.timestamps().beforeMaxMillis() != Long.MAX_VALUE
                || topic.timestamps().afterMaxMillis() != Long.MAX_VALUE) {
            broken.add("it refuses timestamps away from the broker's clock: set message.timestamp.before.max.ms and"
                    + " message.timestamp.after.max.ms to " + Long.MAX_VALUE);
        }
        if (topic.maxMessageBytes() < LARGEST_RECORD_BYTES) {
            broken.add("max.message.bytes is " + topic.maxMessageBytes()
                    + ", so Kafka would never take an event of the largest size: set it to " + LARGEST_RECORD_BYTES
                    + " or more");
        }
        return broken;
    }

    /** Sentences on how the topic could lose what it acknowledged. */
    static List<String> unsafe(Topic topic, Duration acceptance) {
        List<String> unsafe = new ArrayList<>();
        if (topic.copies().replication() < SAFE_REPLICATION) {
            unsafe.add("it has " + topic.copies().replication() + " replica(s): give it " + SAFE_REPLICATION
                    + " (kafka-reassign-partitions, or make it anew)");
        }
        if (topic.copies().minInSyncReplicas() < SAFE_IN_SYNC) {
            unsafe.add("min.insync.replicas is " + topic.copies().minInSyncReplicas() + ": set it to " + SAFE_IN_SYNC);
        }
        if (topic.copies().uncleanLeaderElection()) {
            unsafe.add("unclean.leader.election.enable is true: set it to false");
        }
        Duration needed = acceptance.plus(GALLERY_LIMIT);
        if (topic.retention().millis() >= 0 && topic.retention().millis() < needed.toMillis()) {
            unsafe.add("retention.ms is " + topic.retention().millis() + ": set it to -1 or to " + needed.toMillis()
                    + " or more, which is max-age and the gallery's " + GALLERY_LIMIT.toDays() + " days");
        }
        if (topic.retention().bytes() >= 0) {
            unsafe.add("retention.bytes is " + topic.retention().bytes()
                    + ", so a busy day pushes events out: set it to -1");
        }
        return unsafe;
    }
}
