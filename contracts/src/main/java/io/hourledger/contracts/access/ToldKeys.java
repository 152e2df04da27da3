package io.hourledger.contracts.access;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * All keys that are valid, as ingest is told of them.
 *
 * @param installation whose keys they are; ages of two installations cannot be compared
 * @param incarnation of the database that tells: after a restore its keys come after all that the lost one told
 * @param version of the table; it rises with each change
 */
public record ToldKeys(UUID installation, long incarnation, long version, List<ApiKey> keys) {

    public static final int MOST_KEYS = 1_000;

    /** Of the written form; Kafka takes 1 MB as one record by default. */
    public static final int MOST_BYTES = 900_000;

    private static final Comparator<ToldKeys> BY_AGE =
            Comparator.comparingLong(ToldKeys::incarnation).thenComparingLong(ToldKeys::version);

    public ToldKeys {
        Objects.requireNonNull(installation, "the installation of keys is not told");
        keys = List.copyOf(keys);
    }

    /** The compacted topic on which they are told, whose last record holds all of them. */
    public static String topicOf(String usageTopic) {
        return usageTopic + "-api-keys";
    }

    /** Whether these were told before others of the same installation, by a process that had not seen a change. */
    public boolean isOlderThan(ToldKeys others) {
        return installation.equals(others.installation) && BY_AGE.compare(this, others) < 0;
    }
}
