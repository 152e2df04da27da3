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
import java.util.Optional;

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
            List<Stretch> parts = instance.stretches(hour.hour());
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

    /**
     * What was used in each billable part of an hour, as far as it is known. Where it is not, a part that goes on as another has what both may
     * have, and one that ends has nothing: a package is rather used up later.
     */
    private List<BigDecimal> amounts(OpenHour hour, List<Stretch> parts) {
        List<BigDecimal> amounts = new ArrayList<>();
        BigDecimal before = BigDecimal.ZERO;
        for (int part = 0; part < parts.size(); part++) {
            Instant end = parts.get(part).to();
            BigDecimal from = usedBefore(parts.get(part).from(), hour)
                    .orElse(hour.amount())
                    .max(before);
            boolean goesOn =
                    part < parts.size() - 1 && parts.get(part + 1).from().equals(end);
            BigDecimal until = end.equals(hour.hour().end())
                    ? hour.amount()
                    : usedBefore(end, hour).orElse(goesOn ? hour.amount() : from);
            before = until.max(from);
            amounts.add(before.subtract(from));
        }
        return amounts;
    }

    /** Empty if it is not known. */
    private Optional<BigDecimal> usedBefore(Instant boundary, OpenHour hour) {
        if (hour.lastEventAt().isBefore(boundary)) {
            return Optional.of(hour.amount());
        }
        if (!hour.firstEventAt().isBefore(boundary)) {
            return Optional.of(BigDecimal.ZERO);
        }
        return boundaries
                .before(instance.instanceId().value(), boundary, hour.meter())
                .map(noted -> noted.min(hour.amount()))
                .map(noted -> holdsAfter(noted, hour) ? BigDecimal.ZERO : noted);
    }

    private static boolean holdsAfter(BigDecimal noted, OpenHour hour) {
        return !hour.meter().aggregation().addsByRevision() && noted.compareTo(hour.amount()) < 0;
    }
}
