package io.hourledger.aggregator.threshold;

import io.hourledger.ledger.api.InstanceView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** All thresholds of the settings. */
public final class ThresholdList {

    private final List<Threshold> ofPeriods;
    private final List<Threshold> ofPackages;

    ThresholdList(List<Threshold> all) {
        this.ofPeriods = all.stream()
                .filter(threshold -> threshold.period() != ThresholdPeriod.PACKAGE)
                .toList();
        this.ofPackages = all.stream()
                .filter(threshold -> threshold.period() == ThresholdPeriod.PACKAGE)
                .toList();
    }

    /** The thresholds of hours, days and months that an instance has. */
    List<Threshold> ofPeriods(InstanceView instance) {
        return of(instance, ofPeriods);
    }

    /** The thresholds of packages that an instance has. */
    List<Threshold> ofPackages(InstanceView instance) {
        return of(instance, ofPackages);
    }

    private static List<Threshold> of(InstanceView instance, List<Threshold> thresholds) {
        String product = instance.product().productId();
        return thresholds.stream()
                .filter(threshold -> threshold.isFor(instance.instanceId().value(), product))
                .toList();
    }

    /** The products whose instances have a threshold of a period. */
    Set<String> products() {
        return ofPeriods.stream()
                .map(Threshold::product)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The instances that have a threshold of a period for themselves. */
    Set<String> instances() {
        return ofPeriods.stream()
                .map(Threshold::instance)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** One threshold for each kind of sum that is needed, by the name of the sums. An hour needs none: its buckets say all. */
    Map<String, Threshold> bySums() {
        return ofPeriods.stream()
                .filter(Threshold::needsSums)
                .collect(Collectors.toMap(Threshold::sums, threshold -> threshold, (one, same) -> one));
    }
}
