package io.hourledger.contracts.access;

import java.util.Comparator;
import java.util.List;

/**
 * All keys that are valid, as ingest is told of them.
 *
 * @param incarnation of the database that tells: after a restore its keys come after all that the lost one told
 * @param version of the table; it rises with each change
 */
public record ToldKeys(long incarnation, long version, List<ApiKey> keys) {

    /** More do not fit into what Kafka takes as one record by default. */
    public static final int MOST_KEYS = 1_000;

    private static final Comparator<ToldKeys> BY_AGE =
            Comparator.comparingLong(ToldKeys::incarnation).thenComparingLong(ToldKeys::version);

    public ToldKeys {
        keys = List.copyOf(keys);
    }

    /** The compacted topic on which they are told, whose last record holds all of them. */
    public static String topicOf(String usageTopic) {
        return usageTopic + "-api-keys";
    }

    /** Whether these were told before others, by a process that had not seen a change. */
    public boolean isOlderThan(ToldKeys others) {
        return BY_AGE.compare(this, others) < 0;
    }
}
