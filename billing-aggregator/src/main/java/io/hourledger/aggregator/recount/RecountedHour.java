package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.RevisionAmount;
import io.hourledger.contracts.usage.Meter;
import java.math.BigDecimal;
import java.util.Map;
import java.util.NavigableMap;

/**
 * What one hour of a partition came to when it was counted again.
 *
 * @param buckets in all their revisions, as the events were sent
 * @param amended what a revision of an amended instance adds to its hour, in the meter's unit; all other amounts follow from the buckets
 */
record RecountedHour(NavigableMap<BucketKey, Bucket> buckets, Map<BucketKey, BigDecimal> amended) {

    /** What a bucket comes to, down to its first and last offset. */
    Counted counted(Bucket bucket, Meter meter) {
        return Counted.of(bucket, amount(bucket, meter));
    }

    private BigDecimal amount(Bucket bucket, Meter meter) {
        BucketKey key = BucketKey.of(bucket);
        BigDecimal ofAmended = amended.get(key);
        return ofAmended == null ? RevisionAmount.of(meter, bucket, key.earlierIn(buckets)) : ofAmended;
    }
}
