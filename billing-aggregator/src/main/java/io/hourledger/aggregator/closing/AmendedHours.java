package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.hour.Bucket;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * Says what buckets come to whose hours have amendments. Their own totals are of the events as these were sent. To count one again takes long
 * and may fail, so an hour closes without them. They are counted by a thread of its own, and entered when it has done so.
 */
public interface AmendedHours {

    /** Of a log without amendments. */
    AmendedHours NONE = new AmendedHours() {
        @Override
        public Set<Bucket> among(int partition, Collection<Bucket> buckets) {
            return Set.of();
        }

        @Override
        public Map<Bucket, Outcome> outcomes(int partition, Collection<Bucket> buckets) {
            return Map.of();
        }
    };

    /**
     * Those of these buckets whose amounts amendments may change. A revision that ends before the first amendment is not among them.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if the database gives no answer now
     */
    Set<Bucket> among(int partition, Collection<Bucket> buckets);

    /**
     * What becomes of those of these buckets that are amended. It never waits for a reading of the log: what was not counted again yet is held, and
     * is counted beside the closing of hours.
     *
     * @param buckets that wait, of instances that the ledger knows
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if the database gives no answer now
     */
    Map<Bucket, Outcome> outcomes(int partition, Collection<Bucket> buckets);

    /** These buckets wait no longer: nobody asks for them again. */
    default void decided(int partition, Collection<Bucket> buckets) {}

    /** What becomes of an amended bucket. */
    sealed interface Outcome {

        /** By how much it changes what its hour came to before, in the meter's unit. */
        record Amount(BigDecimal amount) implements Outcome {}

        /** It cannot be counted now, or by anybody any more. It waits, and all of its instance behind it. */
        record Held(String why) implements Outcome {}

        /** The ledger refused usage of its hour before, so nobody can say what an amendment changes. */
        record Refused(String why) implements Outcome {}
    }
}
