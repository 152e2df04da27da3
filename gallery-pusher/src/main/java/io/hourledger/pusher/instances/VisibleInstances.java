package io.hourledger.pusher.instances;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import io.hourledger.pusher.order.PackageInstances;
import java.util.Optional;

/** Finds the instances that a caller may see. What it may not see is to it as if it were not there. */
final class VisibleInstances {

    private final LedgerQueries queries;
    private final PackageInstances packages;

    VisibleInstances(LedgerQueries queries, PackageInstances packages) {
        this.queries = queries;
        this.packages = packages;
    }

    /** From the ledger's state, so an instance is there from the moment in which it is opened. */
    Optional<InstanceView> find(String instanceId, AppKeySettings key) {
        return find(instanceId)
                .filter(instance -> key.sees(instance.origin().product().productId()));
    }

    Optional<InstanceView> find(String instanceId) {
        return isPossible(instanceId) ? queries.instance(new InstanceId(instanceId)) : Optional.empty();
    }

    /** Whether it is an instance of the app's products, or a package for one. */
    boolean mayDescribe(String instanceId, AppKeySettings key) {
        return isPossible(instanceId)
                && (find(instanceId, key).isPresent()
                        || packages.servedBy(instanceId).stream()
                                .anyMatch(served -> find(served.value(), key).isPresent()));
    }

    private static boolean isPossible(String instanceId) {
        return !instanceId.isBlank()
                && instanceId.length() <= InstanceId.MAX_CHARS
                && instanceId.codePoints().noneMatch(Character::isISOControl);
    }
}
