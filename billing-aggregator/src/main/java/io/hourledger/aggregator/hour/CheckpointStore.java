package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Keeps what partitions have counted. */
public interface CheckpointStore {

    /**
     * The same store for whoever counts with these versions of the catalogue. It loads and keeps nothing for them once there are others.
     *
     * @param catalogue their {@link io.hourledger.contracts.usage.CatalogueVersions#fingerprint fingerprint}
     */
    default CheckpointStore countingWith(String catalogue) {
        return this;
    }

    /**
     * Hands over all that is kept of one partition and may still be needed to count, as of one moment. Ids for which there is no room in
     * memory stay on disk, where {@link #findOnDisk} finds them: those of sealed hours first, then those of all hours up to now, which are sorted
     * for that.
     *
     * @param hoursInMemory see {@link PartitionState}
     * @param roomForIds how many ids may be handed over to be held in memory
     * @throws StoreUnavailableException if it cannot be read now
     */
    void load(int partition, int hoursInMemory, long roomForIds, Loading into);

    /**
     * The leader epoch that was stored with a partition's position, or with a later one; {@link Checkpoint#NO_EPOCH} if there is none.
     *
     * @throws StoreUnavailableException if it cannot be read now
     */
    default int leaderEpoch(int partition) {
        return Checkpoint.NO_EPOCH;
    }

    /**
     * What the store's own clock shows, as business time.
     *
     * @throws StoreUnavailableException if it does not answer now
     */
    Instant now();

    /**
     * Keeps a checkpoint that needs no clock.
     *
     * @throws StoreUnavailableException if it may or may not have been kept
     * @throws StoreRefusedException if it was not kept and never will be
     */
    default Outcome keep(Checkpoint checkpoint) {
        return keep(checkpoint, Instant.MIN);
    }

    /**
     * Keeps a checkpoint, all of it or nothing.
     *
     * @param notBefore what the store's own clock, read in the same transaction, must show at least for this checkpoint to be kept
     * @throws StoreUnavailableException if it may or may not have been kept
     * @throws StoreRefusedException if it was not kept and never will be
     */
    Outcome keep(Checkpoint checkpoint, Instant notBefore);

    /**
     * Looks up ids of hours that are no longer in memory, those of late events that were counted since the hour was sealed among them.
     *
     * @return for each wanted id the content of its event as an unsigned 32-bit number, or {@link #UNKNOWN_ID}
     * @throws StoreUnavailableException if they cannot be read now
     */
    long[] findSealed(int partition, List<WantedId> wanted);

    /**
     * Looks up ids of hours that are near now, but on disk.
     *
     * @return for each wanted id the content of its event as an unsigned 32-bit number, or {@link #UNKNOWN_ID}
     * @throws StoreUnavailableException if they cannot be read now
     */
    long[] findOnDisk(int partition, List<OnDiskId> wanted);

    /** An id that is not among those of its hour. */
    long UNKNOWN_ID = -1;

    /** What became of a checkpoint. */
    enum Outcome {
        STORED,
        /**
         * The store did not stand where the checkpoint begins: somebody else owns the partition now, or
         * counts it with other meters. Nothing was kept.
         */
        SOMEBODY_WENT_ON,
        /** The store's clock shows an earlier time than it must. Nothing was kept. */
        TOO_EARLY
    }

    /** An id and the hour whose ids it is looked for among. */
    record WantedId(UsageHour hour, long high, int low) {}

    /** An id, and the run on disk, of those that {@link Loading#onDisk} has told of, which may hold it. */
    record OnDiskId(UsageHour hour, long run, long high, int low) {}

    /** Takes what is kept of a partition: its position first, all else in any order. */
    interface Loading {

        /**
         * @param checkpoint number of the last checkpoint, 0 if there was none
         * @param sealedThrough number of the hour up to which ids lie in sealed blocks; {@link Long#MIN_VALUE} if there is none
         * @param ids how many ids follow, about
         */
        void position(long checkpoint, long nextOffset, Tallies tallies, long sealedThrough, long ids);

        /** Ids and cutoffs of hours up to this one may be gone, so nothing of them is counted any more. Before any cutoff. */
        default void closedForGood(UsageHour hour) {}

        /** In the order of their hours. */
        void cutoff(Cutoff cutoff);

        /** Events of this type were amended in this hour, which may still accept usage. */
        default void amended(UsageHour hour, String instance, String eventType) {}

        /** The names of the meters that count unique values in some version: of their buckets {@link #uniqueValues} is asked for. */
        default Set<String> uniqueCounts() {
            return Set.of();
        }

        /**
         * Takes what a bucket with such a name comes to, if it has not ended where the position is. The version that rules its hour may give the
         * name to a meter of another kind.
         */
        default void uniqueValues(UsageHour hour, int revision, String instance, String meter, BigDecimal rawTotal) {}

        /** Any number of ids of one hour, 16 bytes each. */
        void ids(UsageHour hour, byte[] ids);

        /** Ids of one hour that stay on disk. */
        void onDisk(UsageHour hour, long run, long ids, IdFilter filter);
    }
}
