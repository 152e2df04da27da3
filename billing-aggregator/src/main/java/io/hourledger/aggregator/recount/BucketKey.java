package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import java.util.Comparator;

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

    @Override
    public int compareTo(BucketKey other) {
        return ORDER.compare(this, other);
    }
}
