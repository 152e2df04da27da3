package io.hourledger.ledger.api;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.UsageWindow;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the ledger answers at once, from the states kept in the same transaction as the events: never behind them. */
public interface LedgerQueries {

    /** Which of these instances have been opened. */
    Set<InstanceId> known(Collection<InstanceId> instanceIds);

    /** Those of these instances that are known. */
    Map<InstanceId, InstanceView> instances(Collection<InstanceId> instanceIds);

    /** The meters that the products of these instances name. An instance whose state cannot be read has none, and keeps no other from an answer. */
    Map<InstanceId, String> meters(Collection<InstanceId> instanceIds);

    /** The ids of the products that these instances have now. An instance whose state cannot be read keeps no other from an answer. */
    Map<InstanceId, String> products(Collection<InstanceId> instanceIds);

    /** How many usage records were ever issued for this window of the instance, counted in the events; more than one must never be. */
    int recordsIssued(InstanceId instanceId, UsageWindow window);

    default Optional<InstanceView> instance(InstanceId instanceId) {
        return Optional.ofNullable(instances(List.of(instanceId)).get(instanceId));
    }
}
