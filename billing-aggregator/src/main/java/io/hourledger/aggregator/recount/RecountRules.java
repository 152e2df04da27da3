package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what decided the first count, so that a second one decides the same. */
record RecountRules(CountingRules counting, Catalogue catalogue, IdKey key) {

    Optional<Meter> meter(String name) {
        return catalogue.meter(name);
    }

    /**
     * One recount of one hour.
     *
     * @param keys only records with these keys are looked at; null for all
     */
    StretchRecount recount(
            int partition, UsageHour hour, @Nullable Set<ByteBuffer> keys, StretchRecount.Listener listener) {
        return new StretchRecount(partition, hour, counting, catalogue, key, keys, listener);
    }
}
