package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import java.util.Collection;
import java.util.Comparator;
import java.util.NavigableMap;

/** Whose bucket it is, and of which revision, within one hour. */
record BucketKey(String instance, String meter, int revision) implements Comparable<BucketKey> {

    private static final Comparator<BucketKey> ORDER = Comparator.comparing(BucketKey::instance)
            .thenComparing(BucketKey::meter)
            .thenComparingInt(BucketKey::revision);

    static BucketKey of(Bucket bucket) {
        return new BucketKey(bucket.instance(), bucket.meter(), bucket.revision());
    }

    static BucketKey of(HourMetered metered) {
        return new BucketKey(metered.instanceId(), metered.countedBy().meter(), metered.revision());
    }

    BucketKey ofFirstRevision() {
        return new BucketKey(instance, meter, 0);
    }

    /** The buckets with this instance and meter and a lower revision, in the order of their revisions. */
    Collection<Bucket> earlierIn(NavigableMap<BucketKey, Bucket> buckets) {
        return buckets.subMap(ofFirstRevision(), this).values();
    }

    @Override
    public int compareTo(BucketKey other) {
        return ORDER.compare(this, other);
    }
}
