package io.hourledger.aggregator.hour;

import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.Aggregation;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * What was counted of one bucket since the checkpoint before. The store adds it to what it has of the bucket, so that nobody needs to hold a
 * bucket in memory between two checkpoints.
 *
 * @param bucket as it were if no event of it had been counted before
 * @param aggregation how its amount follows from two parts of it
 */
public record BucketIncrement(Bucket bucket, Aggregation aggregation) {

    /**
     * The bucket with this increment in it.
     *
     * @param stored the same bucket, of events that all lie before those of the increment in the log
     */
    public Bucket addedTo(Bucket stored) {
        return new Bucket(
                bucket.hour(),
                bucket.revision(),
                bucket.instance(),
                bucket.meter(),
                totalWith(stored),
                new EventSpan(
                        Math.addExact(
                                stored.events().eventCount(), bucket.events().eventCount()),
                        earlier(stored.events().firstEventAt(), bucket.events().firstEventAt()),
                        later(stored.events().lastEventAt(), bucket.events().lastEventAt())),
                Math.addExact(stored.sharedEvents(), bucket.sharedEvents()),
                new Bucket.Offsets(stored.firstOffset(), bucket.lastOffset()));
    }

    private Bucket.Total totalWith(Bucket stored) {
        if (aggregation.needsTimedValues()) {
            HourValue both = HourValue.of(stored).and(HourValue.of(bucket), aggregation);
            return new Bucket.Total(both.raw(), both.timed());
        }
        return new Bucket.Total(amountWith(stored), null);
    }

    private BigDecimal amountWith(Bucket stored) {
        return switch (aggregation) {
            case COUNT, SUM, UNIQUE -> stored.rawTotal().add(bucket.rawTotal());
            case MIN -> stored.rawTotal().min(bucket.rawTotal());
            case MAX -> stored.rawTotal().max(bucket.rawTotal());
            // of equal times the later offset holds
            case LATEST ->
                bucket.events().lastEventAt().isBefore(stored.events().lastEventAt())
                        ? stored.rawTotal()
                        : bucket.rawTotal();
            case PERCENTILE, TIME_WEIGHTED_SUM -> throw new IllegalStateException("it is made of timed values");
        };
    }

    private static Instant earlier(Instant one, Instant other) {
        return other.isBefore(one) ? other : one;
    }

    private static Instant later(Instant one, Instant other) {
        return other.isAfter(one) ? other : one;
    }
}
