package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.hour.Bucket;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;

/** Says what buckets come to whose hours have amendments. Their own totals are of the events as these were sent. */
@FunctionalInterface
public interface AmendedHours {

    /** Of a log without amendments. */
    AmendedHours NONE = (partition, buckets) -> Map.of();

    /**
     * By how much amended buckets change what their hours came to before, in the meter's unit. A revision that ends before the first amendment
     * is not among them.
     *
     * @throws UncountableException if nobody can say any more what they come to
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if log or database give no answer now
     */
    Map<Bucket, BigDecimal> amounts(int partition, Collection<Bucket> buckets);

    /** An instance's hour that cannot be counted with its amendments. It waits for a person. */
    final class UncountableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public UncountableException(String why) {
            super(why);
        }
    }
}
