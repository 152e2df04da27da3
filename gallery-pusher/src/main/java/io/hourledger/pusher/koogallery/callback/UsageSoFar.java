package io.hourledger.pusher.koogallery.callback;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Packages;
import io.hourledger.pusher.appinfo.AppInfoTemplate.Subject;
import io.hourledger.pusher.order.PackageInstances;
import io.hourledger.pusher.order.PackageInstances.Served;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The amounts that {@code queryInstance} asks for, from the ledger's states: never behind its events. */
final class UsageSoFar {

    private final LedgerQueries queries;
    private final PackageInstances packages;

    UsageSoFar(LedgerQueries queries, PackageInstances packages) {
        this.queries = queries;
        this.packages = packages;
    }

    /**
     * An amount.
     *
     * @param relatedInstanceId the pay-per-use instance that used it, if it is the amount used of a package; else null
     */
    record Used(@Nullable String relatedInstanceId, BigDecimal amount) {}

    /**
     * An instance or a package, and its amounts.
     *
     * @param subject whose app is told of with it
     */
    record Shown(Subject subject, List<Used> amounts) {}

    /**
     * What was metered of each pay-per-use instance since it was opened; of each package what each of its items has been used. What neither the
     * ledger nor the packages know is left out, and so is what the marketplace did not sell.
     */
    Map<String, Shown> of(Collection<String> instanceIds) {
        List<Served> served = packages.of(instanceIds);
        Set<InstanceId> asked = new HashSet<>();
        instanceIds.forEach(id -> asked.add(new InstanceId(id)));
        served.forEach(one -> asked.add(one.instanceId()));
        Map<InstanceId, InstanceView> instances = queries.instances(asked);
        Map<String, Shown> shown = new LinkedHashMap<>();
        for (String id : instanceIds) {
            InstanceView instance = instances.get(new InstanceId(id));
            if (instance != null && instance.origin().isSold()) {
                BigDecimal total =
                        instance.totals().metered().add(instance.totals().credits());
                shown.put(id, new Shown(subject(id, instance, null), List.of(new Used(null, total))));
            }
        }
        for (Served one : served) {
            InstanceView instance = instances.get(one.instanceId());
            if (instance != null) {
                shown.computeIfAbsent(
                                one.packageInstanceId(),
                                id -> new Shown(
                                        subject(id, instance, one.instanceId().value()), new ArrayList<>()))
                        .amounts()
                        .add(new Used(one.instanceId().value(), used(instance, one)));
            }
        }
        return shown;
    }

    private static Subject subject(String id, InstanceView instance, @Nullable String served) {
        return new Subject(
                id,
                served,
                instance.origin().product().productId(),
                instance.origin().order().orderId(),
                instance.origin().buyerId());
    }

    /** What the state remembers no more is over, so the projection has all of it, or the instance waits and its events do. */
    private BigDecimal used(InstanceView instance, Served one) {
        return instance.packages()
                .find(one.packageInstanceId())
                .map(Packages.Balance::used)
                .orElseGet(() -> packages.drawn(one).orElse(BigDecimal.ZERO.setScale(BillableAmount.SCALE)));
    }
}
