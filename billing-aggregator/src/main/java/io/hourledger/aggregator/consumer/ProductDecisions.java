package io.hourledger.aggregator.consumer;

import java.util.Collection;
import java.util.Map;

/**
 * What decides whether records of keys that are bound to products count. Each method throws
 * {@link io.hourledger.aggregator.hour.StoreUnavailableException} if nobody can say now.
 */
public interface ProductDecisions {

    /** The products that these instances have now, by instance. One that is not open has none. */
    Map<String, String> productsOf(Collection<String> instances);

    /** What was decided on records of {@code [from, to)} of a partition. */
    Decided decided(int partition, long from, long to);

    /**
     * Decisions that were kept with a checkpoint. They hold also for whoever counts the partition anew.
     *
     * @param before all records before this offset were decided
     * @param forbidden those of them that were forbidden, by offset, and why
     */
    record Decided(long before, Map<Long, String> forbidden) {

        public Decided {
            forbidden = Map.copyOf(forbidden);
        }
    }
}
