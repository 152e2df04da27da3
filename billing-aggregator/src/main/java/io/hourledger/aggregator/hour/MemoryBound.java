package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.ids.IdFilter;

/** Bounds the ids and buckets that one partition holds in memory. */
final class MemoryBound {

    private final CountingRules rules;
    private final KnownIds ids;
    private final BucketTable buckets;
    private final UniqueValues uniqueValues;
    private final EventCounter events;
    private final int bucketsOfRecord;

    MemoryBound(
            CountingRules rules, KnownIds ids, BucketTable buckets, UniqueValues uniqueValues, EventCounter events) {
        this.events = events;
        this.uniqueValues = uniqueValues;
        this.bucketsOfRecord = events.mostBucketsOfRecord();
        this.rules = rules;
        this.ids = ids;
        this.buckets = buckets;
    }

    /**
     * A value of a unique count takes an id, too. Those of the records at hand may lie beyond the bound, until the next question.
     *
     * <p>The numbers of values leave memory with their hours alone, and an hour ends only if it is read up to its cutoff. So they alone must
     * not stop the reading: what they take beyond a quarter is not counted.
     */
    boolean hasRoomForIds(int records) {
        long numbers = Math.min(uniqueValues.inIds(), rules.mostIds() / 4);
        long held = ids.inMemory() + ids.onDisk() / IdFilter.IDS_PER_ID_IN_MEMORY + numbers;
        return held + records <= rules.mostIds();
    }

    /** Whether loading again with fewer ids in memory would make room for so many more records. */
    boolean canLeaveIdsOnDiskFor(int records) {
        return !hasRoomForIds(records) && ids.inMemory() > mostIdsLoaded();
    }

    /** A quarter of the bound, so that there is time until it is reached again. */
    long mostIdsLoaded() {
        return rules.mostIds() / 4;
    }

    /** Whether the buckets of so many more records fit. A table that holds none takes them in any case. */
    boolean hasRoomForBuckets(int records) {
        int held = buckets.size() + events.timedValuesHeld();
        return held == 0 || held + (long) records * bucketsOfRecord <= rules.mostBuckets();
    }

    /** So full that it is better cleared by the checkpoint at hand than by one that the next records have to wait for. */
    boolean areBucketsCrowded() {
        return buckets.size() > rules.mostBuckets() / 2;
    }
}
