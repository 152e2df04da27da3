package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds what percentiles read since the last checkpoint, by five minutes. The buckets themselves only count the events, so that no other
 * meter pays for this. Belongs to one thread.
 */
final class FiveMinuteTable {

    private final Map<OpenBucketName, FiveMinuteValues> changed = new HashMap<>();

    private int held;

    /** How many five-minute values it has. Each takes about what a bucket does. */
    int held() {
        return held;
    }

    void add(OpenBucketName bucket, Meter meter, BigDecimal raw, long micros) {
        FiveMinuteValues event = FiveMinuteValues.of((Percentile) meter.terms(), raw, BucketTable.moment(micros));
        FiveMinuteValues before = changed.get(bucket);
        FiveMinuteValues now = before == null ? event : before.and(event);
        changed.put(bucket, now);
        held += now.byNumber().size() - (before == null ? 0 : before.byNumber().size());
    }

    /** Gives each bucket its own, and forgets them. */
    List<BucketIncrement> takeInto(List<BucketIncrement> increments) {
        held = 0;
        if (changed.isEmpty()) {
            return increments;
        }
        List<BucketIncrement> completed = increments.stream()
                .map(increment -> with(increment, changed.remove(OpenBucketName.of(increment.bucket()))))
                .toList();
        if (!changed.isEmpty()) {
            throw new IllegalStateException("these five-minute values are of no bucket: " + changed.keySet());
        }
        return completed;
    }

    private static BucketIncrement with(BucketIncrement increment, @Nullable FiveMinuteValues values) {
        return values == null
                ? increment
                : new BucketIncrement(
                        increment.bucket().with(new Bucket.Total(values.raw(), values)), increment.aggregation());
    }
}
