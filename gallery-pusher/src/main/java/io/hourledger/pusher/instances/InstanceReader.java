package io.hourledger.pusher.instances;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import java.util.Optional;
import java.util.Set;

/**
 * Which instances an app may see, by its key.
 *
 * @param name of the key, for logs
 * @param products whose instances it sees; none stands for all
 * @param instances the only ones of these that it sees; none stands for all
 */
record InstanceReader(String name, Set<String> products, Set<String> instances) {

    InstanceReader {
        products = Set.copyOf(products);
        instances = Set.copyOf(instances);
    }

    static InstanceReader of(AppKeySettings key) {
        return new InstanceReader(
                key.name(),
                key.products().contains(AppKeySettings.ALL) ? Set.of() : Set.copyOf(key.products()),
                Set.of());
    }

    /**
     * By a key of the ledger. The key of one source may send for instances of any product, and that alone makes none of them its own.
     *
     * @return empty if no product, no instance and not everything is named as the key's own
     */
    static Optional<InstanceReader> of(ApiKey key) {
        KeyScope scope = key.scope();
        boolean namesItsOwn = !scope.products().isEmpty() || !scope.instances().isEmpty();
        return namesItsOwn || scope.allowsEverything()
                ? Optional.of(new InstanceReader(key.name(), scope.products(), scope.instances()))
                : Optional.empty();
    }

    boolean seesAllProducts() {
        return products.isEmpty();
    }

    boolean seesProduct(String productId) {
        return products.isEmpty() || products.contains(productId);
    }

    boolean sees(String instanceId, String productId) {
        return seesProduct(productId) && (instances.isEmpty() || instances.contains(instanceId));
    }
}
