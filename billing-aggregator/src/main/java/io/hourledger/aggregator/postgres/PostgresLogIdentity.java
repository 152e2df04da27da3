package io.hourledger.aggregator.postgres;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Holds the schema to one log: offsets of another log, or ids under another key, would mean nothing to it. */
public final class PostgresLogIdentity {

    private static final String CLAIM =
            """
            insert into aggregator.log_identity (topic, topic_id, partitions, id_key_fingerprint)
            values (?, ?, ?, ?)
                on conflict do nothing""";

    private static final String IDENTITY =
            """
            select topic, topic_id, partitions, id_key_fingerprint from aggregator.log_identity""";

    private static final String POSITIONS =
            """
            insert into aggregator.partition_position (partition, checkpoint, next_offset, consumed, counted, duplicates, quarantined)
            select partition, 0, 0, 0, 0, 0, 0 from generate_series(0, ? - 1) as partition
                on conflict do nothing""";

    private final Transactions transactions;

    public PostgresLogIdentity(DataSource database) {
        this.transactions = new Transactions(database);
    }

    /**
     * What the offsets and ids of a schema belong to.
     *
     * @param topicId Kafka's own id of the topic; another one when the topic was deleted and made again
     */
    public record LogIdentity(String topic, String topicId, int partitions, String idKeyFingerprint) {}

    /**
     * Makes the schema this log's, if it is new.
     *
     * @return sentences on how the schema belongs to another log; empty when it belongs to this one
     */
    public List<String> claim(LogIdentity log) {
        return transactions.run("say which log its offsets belong to", connection -> {
            try (PreparedStatement insert = connection.prepareStatement(CLAIM)) {
                insert.setString(1, log.topic());
                insert.setString(2, log.topicId());
                insert.setInt(3, log.partitions());
                insert.setString(4, log.idKeyFingerprint());
                insert.executeUpdate();
            }
            List<String> differences = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(IDENTITY);
                    ResultSet row = select.executeQuery()) {
                row.next();
                compare(
                        log,
                        new LogIdentity(row.getString(1), row.getString(2), row.getInt(3), row.getString(4)),
                        differences);
            }
            if (differences.isEmpty()) {
                try (PreparedStatement insert = connection.prepareStatement(POSITIONS)) {
                    insert.setInt(1, log.partitions());
                    insert.executeUpdate();
                }
            }
            return differences;
        });
    }

    private static void compare(LogIdentity log, LogIdentity stored, List<String> differences) {
        if (!stored.topic.equals(log.topic)) {
            differences.add("its offsets are those of topic " + stored.topic + " and hourledger.kafka.topic is "
                    + log.topic + ": name the same topic, or give this one a database of its own");
        } else if (!stored.topicId.equals(log.topicId)) {
            differences.add("topic " + log.topic + " was deleted and made again since (its id was " + stored.topicId
                    + " and is " + log.topicId + "): the offsets kept here mean nothing in it");
        }
        if (stored.partitions != log.partitions) {
            differences.add("topic " + log.topic + " had " + stored.partitions + " partitions and has " + log.partitions
                    + ": instances would change their partition; make a new topic instead");
        }
        if (!stored.idKeyFingerprint.equals(log.idKeyFingerprint)) {
            differences.add("the ids in it were made with another key (fingerprint " + stored.idKeyFingerprint
                    + "): set hourledger.aggregator.id-key to the key of before (this one has fingerprint "
                    + log.idKeyFingerprint + ")");
        }
    }
}
