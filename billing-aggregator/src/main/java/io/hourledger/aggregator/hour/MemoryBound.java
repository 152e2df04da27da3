package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.ids.IdFilter;

/** Bounds the ids and buckets that one partition holds in memory. */
final class MemoryBound {

    private final CountingRules rules;
    private final KnownIds ids;
    private final BucketTable buckets;
    private final int bucketsOfRecord;

    /**
     * @param bucketsOfRecord how many buckets at most one record adds
     */
    MemoryBound(CountingRules rules, KnownIds ids, BucketTable buckets, int bucketsOfRecord) {
        this.bucketsOfRecord = bucketsOfRecord;
        this.rules = rules;
        this.ids = ids;
        this.buckets = buckets;
    }

    boolean hasRoomFor(int records) {
        return hasRoomForIds(records) && hasRoomForBuckets(records);
    }

    /** Whether only ids keep so many more records from fitting, and loading again with fewer of them in memory would make room. */
    boolean canLeaveIdsOnDiskFor(int records) {
        return !hasRoomForIds(records) && hasRoomForBuckets(records) && ids.inMemory() > mostIdsLoaded();
    }

    /** A quarter of the bound, so that there is time until it is reached again. */
    long mostIdsLoaded() {
        return rules.mostIds() / 4;
    }

    private boolean hasRoomForIds(int records) {
        return ids.inMemory() + ids.onDisk() / IdFilter.IDS_PER_ID_IN_MEMORY + records <= rules.mostIds();
    }

    private boolean hasRoomForBuckets(int records) {
        return buckets.size() + (long) records * bucketsOfRecord <= rules.mostBuckets();
    }
}
