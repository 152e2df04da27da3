package io.hourledger.aggregator.packages;

import io.hourledger.aggregator.openhour.OpenBuckets.OpenHour;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.instance.Account;
import io.hourledger.ledger.instance.Life.Stretch;
import io.hourledger.ledger.instance.PackagePolicy;
import io.hourledger.ledger.instance.Packages.Balance;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Draws an instance's open usage from its packages as the ledger will, to see which of them are used up. */
final class PackageForecast {

    private final InstanceView instance;
    private final PackagePolicy policy;
    private final UsageAtBoundaries.Known boundaries;
    private final Map<String, BigDecimal> left = new HashMap<>();

    PackageForecast(InstanceView instance, PackagePolicy policy, UsageAtBoundaries.Known boundaries) {
        this.instance = instance;
        this.policy = policy;
        this.boundaries = boundaries;
        instance.packages().balances().forEach(balance -> left.put(balance.packageInstanceId(), balance.left()));
    }

    /**
     * The packages that are used up by these hours, in the order in which that is so, and were not noticed to be.
     *
     * @param hours in their order
     */
    List<String> usedUpBy(List<OpenHour> hours) {
        List<String> usedUp = new ArrayList<>();
        BigDecimal carried = instance.totals().in(Account.CARRIED);
        for (OpenHour hour : hours) {
            List<Stretch> parts = instance.packages()
                    .cut(List.of(new Stretch(hour.hour().start(), hour.hour().end())));
            List<BigDecimal> amounts = amounts(hour, parts);
            for (int part = 0; part < parts.size(); part++) {
                Instant from = parts.get(part).from();
                if (amounts.get(part).signum() != 0 && instance.packages().prepaidAt(from)) {
                    usedUp.addAll(draw(from, carried.add(amounts.get(part))));
                    carried = BigDecimal.ZERO;
                }
            }
        }
        return usedUp;
    }

    /** What is used of a package when these hours are drawn. */
    BigDecimal usedOf(Balance balance) {
        return balance.contained().subtract(left.getOrDefault(balance.packageInstanceId(), balance.left()));
    }

    private List<String> draw(Instant moment, BigDecimal amount) {
        List<String> usedUp = new ArrayList<>();
        BigDecimal open = amount.max(BigDecimal.ZERO);
        for (Balance balance : instance.packages().drawnAt(moment, policy)) {
            BigDecimal holds = left.getOrDefault(balance.packageInstanceId(), BigDecimal.ZERO);
            BigDecimal taken = open.min(holds);
            open = open.subtract(taken);
            left.put(balance.packageInstanceId(), holds.subtract(taken));
            if (taken.signum() > 0 && taken.compareTo(holds) == 0 && !balance.noticed()) {
                usedUp.add(balance.packageInstanceId());
            }
        }
        return usedUp;
    }

    /** What was used in each part of an hour, as far as it is known. Where it is not, the earlier part has it: a package is rather used up later. */
    private List<BigDecimal> amounts(OpenHour hour, List<Stretch> parts) {
        List<BigDecimal> amounts = new ArrayList<>();
        BigDecimal before = BigDecimal.ZERO;
        for (int part = 0; part < parts.size(); part++) {
            BigDecimal until = part == parts.size() - 1
                    ? hour.amount()
                    : usedBefore(parts.get(part).to(), hour).max(before);
            amounts.add(until.subtract(before));
            before = until;
        }
        return amounts;
    }

    private BigDecimal usedBefore(Instant boundary, OpenHour hour) {
        if (hour.lastEventAt().isBefore(boundary)) {
            return hour.amount();
        }
        if (!hour.firstEventAt().isBefore(boundary)) {
            return BigDecimal.ZERO;
        }
        BigDecimal noted = boundaries
                .before(instance.instanceId().value(), boundary, hour.meter())
                .orElse(hour.amount())
                .min(hour.amount());
        boolean holdsAfter = !hour.meter().aggregation().adds() && noted.compareTo(hour.amount()) < 0;
        return holdsAfter ? BigDecimal.ZERO : noted;
    }
}
