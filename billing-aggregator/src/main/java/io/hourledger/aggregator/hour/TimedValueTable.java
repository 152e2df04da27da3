package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Holds what percentiles and time-weighted sums read since the last checkpoint. The buckets themselves only count the events, so that no other
 * meter pays for this. Belongs to one thread.
 */
final class TimedValueTable {

    private final Map<OpenBucketName, TimedValues> changed = new HashMap<>();

    private int held;

    /** How many values it has. Each takes about what a bucket does. */
    int held() {
        return held;
    }

    /**
     * @param meter a percentile or a time-weighted sum
     */
    void add(OpenBucketName bucket, Meter meter, BigDecimal raw, long micros) {
        TimedValues event = Objects.requireNonNull(
                TimedValues.of(meter, UsageHour.ofNumber(bucket.hour()), raw, BucketTable.moment(micros)));
        TimedValues before = changed.get(bucket);
        TimedValues now = before == null ? event : before.and(event);
        changed.put(bucket, now);
        held += now.size() - (before == null ? 0 : before.size());
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
            throw new IllegalStateException("these values are of no bucket: " + changed.keySet());
        }
        return completed;
    }

    private static BucketIncrement with(BucketIncrement increment, @Nullable TimedValues values) {
        return values == null
                ? increment
                : new BucketIncrement(
                        increment.bucket().with(new Bucket.Total(values.raw(), values)), increment.aggregation());
    }
}
