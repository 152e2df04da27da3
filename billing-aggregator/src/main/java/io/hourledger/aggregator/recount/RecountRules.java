package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Holds what decided the first count, so that a second one decides the same. */
record RecountRules(CountingRules counting, Supplier<CatalogueVersions> catalogues, IdKey key) {

    CatalogueVersions versions() {
        return catalogues.get();
    }

    Catalogue catalogue(UsageHour hour) {
        return versions().of(hour);
    }

    /** The meter of this name in the version that rules an hour. */
    Optional<Meter> meter(String name, UsageHour hour) {
        return catalogue(hour).meter(name);
    }

    /**
     * One recount of one hour.
     *
     * @param keys only records with these keys are looked at; null for all
     */
    StretchRecount recount(
            int partition, UsageHour hour, @Nullable Set<ByteBuffer> keys, StretchRecount.Listener listener) {
        return new StretchRecount(partition, hour, counting, versions(), key, keys, listener);
    }
}
