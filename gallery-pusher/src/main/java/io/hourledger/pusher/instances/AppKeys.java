package io.hourledger.pusher.instances;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.ledger.access.ApiKeyLookup;
import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out which app asks: by the keys of the settings, or by those that an operator has made. Keys are compared by their hash, so how long a
 * comparison takes says nothing about a key.
 */
final class AppKeys {

    private final Map<String, InstanceReader> ofSettings = new HashMap<>();
    private final ApiKeyLookup ofLedger;

    AppKeys(List<AppKeySettings> keys, ApiKeyLookup ofLedger) {
        for (AppKeySettings key : keys) {
            ofSettings.put(key.sha256(), InstanceReader.of(key));
        }
        this.ofLedger = ofLedger;
    }

    /** Whose key it is. */
    sealed interface Owner {

        /** An app that has instances of its own. */
        record Reader(InstanceReader reader) implements Owner {}

        /** An app whose key names no product and no instance, so nobody can say which are its own. */
        record NamesNoProduct(String name) implements Owner {}

        /** Nobody. */
        record Unknown() implements Owner {}
    }

    /**
     * @throws org.springframework.dao.DataAccessException if the keys of the ledger cannot be read now
     */
    Owner owner(String key) {
        InstanceReader named = ofSettings.get(KeySecret.sha256Of(key));
        if (named != null) {
            return new Owner.Reader(named);
        }
        Optional<ApiKey> made = ofLedger.find(key);
        return made.isEmpty()
                ? new Owner.Unknown()
                : InstanceReader.of(made.get())
                        .<Owner>map(Owner.Reader::new)
                        .orElseGet(() -> new Owner.NamesNoProduct(made.get().name()));
    }
}
