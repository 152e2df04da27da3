package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import java.math.BigDecimal;
import java.util.Collection;

/**
 * Says by how much a revision changes what its hour came to before. So the amounts of all revisions of an hour come to what the meter makes of
 * all its events, also where it does not add; there an amount may be zero or, as a credit, below zero.
 */
public final class RevisionAmount {

    private RevisionAmount() {}

    /**
     * @param earlier the buckets of the same instance, hour and meter with a lower revision, in their order; not looked at if a
     *     revision has what it adds
     * @return in the meter's unit, exact
     */
    public static BigDecimal of(Meter meter, Bucket bucket, Collection<Bucket> earlier) {
        Aggregation aggregation = meter.aggregation();
        if (aggregation.addsByRevision() || earlier.isEmpty()) {
            return meter.inUnits(bucket.rawTotal());
        }
        HourValue before = earlier.stream()
                .map(HourValue::of)
                .reduce((hour, revision) -> hour.and(revision, aggregation))
                .orElseThrow();
        HourValue now = before.and(HourValue.of(bucket), aggregation);
        return meter.inUnits(now.raw().subtract(before.raw()));
    }
}
