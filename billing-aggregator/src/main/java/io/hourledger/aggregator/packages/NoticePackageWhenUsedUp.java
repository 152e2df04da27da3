package io.hourledger.aggregator.packages;

import io.hourledger.aggregator.openhour.OpenBuckets;
import io.hourledger.aggregator.openhour.OpenBuckets.OpenHour;
import io.hourledger.aggregator.openhour.OpenBuckets.Wanted;
import io.hourledger.aggregator.threshold.ThresholdNotices;
import io.hourledger.contracts.instance.InstanceCommand.NoticePackageUsedUp;
import io.hourledger.contracts.instance.InstanceCommand.NoticeThresholdReached;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.instance.PackagePolicy;
import io.hourledger.ledger.instance.Packages.Balance;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what an instance has used and the ledger has not drawn yet with what its packages hold: what is carried, and the kept buckets of its
 * open hours. It only tells; the draw-down itself happens when the hour closes.
 *
 * <p>It is asked first which hours are closed, then what the ledger has drawn, then what lies in buckets: so an hour that closes meanwhile is
 * counted once, as drawn if the ledger said so, else as open.
 */
public final class NoticePackageWhenUsedUp {

    private static final Logger log = LoggerFactory.getLogger(NoticePackageWhenUsedUp.class);

    private final PrepaidInstances prepaid;
    private final OpenBuckets openBuckets;
    private final Ledger ledger;
    private final LedgerQueries queries;
    private final PackagePolicy policy;
    private final Supplier<CatalogueVersions> versions;
    private final Clock clock;
    private final ThresholdNotices thresholds;

    public NoticePackageWhenUsedUp(
            PrepaidInstances prepaid,
            OpenBuckets openBuckets,
            Ledger ledger,
            LedgerQueries queries,
            PackagePolicy policy,
            Supplier<CatalogueVersions> versions,
            Clock clock,
            ThresholdNotices thresholds) {
        this.prepaid = prepaid;
        this.openBuckets = openBuckets;
        this.ledger = ledger;
        this.queries = queries;
        this.policy = policy;
        this.versions = versions;
        this.clock = clock;
        this.thresholds = thresholds;
    }

    /** Looks at these instances of a partition, and tells the ledger of each package whose end has come. Telling again changes nothing. */
    void lookAt(int partition, Collection<String> instances) {
        Instant closedThrough = openBuckets.closedThrough(partition);
        List<InstanceView> views = queries
                .instances(instances.stream().map(InstanceId::new).toList())
                .values()
                .stream()
                .filter(this::canUseUpAPackage)
                .toList();
        if (views.isEmpty()) {
            return;
        }
        Map<String, List<OpenHour>> open = openBuckets.of(
                partition,
                views.stream().map(view -> wanted(view, closedThrough)).toList(),
                versions.get());
        UsageAtBoundaries.Known boundaries = prepaid.atBoundaries().of(open.keySet());
        List<NoticePackageUsedUp> notices = new ArrayList<>();
        List<NoticeThresholdReached> reached = new ArrayList<>();
        for (InstanceView view : views) {
            List<OpenHour> hours = open.getOrDefault(view.instanceId().value(), List.of());
            PackageForecast forecast = new PackageForecast(view, policy, boundaries);
            forecast.usedUpBy(hours)
                    .forEach(packageId ->
                            notices.add(new NoticePackageUsedUp(view.instanceId(), packageId, clock.instant())));
            living(view)
                    .forEach(balance -> reached.addAll(thresholds.ofPackage(view, balance, forecast.usedOf(balance))));
        }
        thresholds.send(reached);
        send(notices);
    }

    private boolean canUseUpAPackage(InstanceView view) {
        return living(view).anyMatch(balance -> !balance.noticed()) || thresholds.watchesPackagesOf(view);
    }

    private static Stream<Balance> living(InstanceView view) {
        return view.packages().balances().stream()
                .filter(balance -> balance.life().releasedAt() == null);
    }

    private static Wanted wanted(InstanceView view, Instant closedThrough) {
        Instant meteredUntil = view.meteredUntil();
        Instant closedUntil = closedThrough.plus(UsageHour.LENGTH);
        Instant since = meteredUntil != null && meteredUntil.isAfter(closedUntil) ? meteredUntil : closedUntil;
        return new Wanted(view.instanceId().value(), view.origin().product().meter(), since);
    }

    private void send(List<NoticePackageUsedUp> notices) {
        if (notices.isEmpty()) {
            return;
        }
        List<Decision> decisions = ledger.handleAll(notices);
        for (int i = 0; i < notices.size(); i++) {
            NoticePackageUsedUp notice = notices.get(i);
            switch (decisions.get(i)) {
                case Decision.Done _ ->
                    log.atInfo()
                            .addKeyValue("instance", notice.instanceId().value())
                            .addKeyValue("package", notice.packageInstanceId())
                            .log("package used up");
                case Decision.Refused(String rule, String _) ->
                    log.atError()
                            .addKeyValue("instance", notice.instanceId().value())
                            .addKeyValue("package", notice.packageInstanceId())
                            .addKeyValue("rule", rule)
                            .log("the ledger does not take that a package is used up");
                case Decision.AlreadyDone _, Decision.UnknownInstance _ -> {
                    // somebody else noticed it
                }
            }
        }
    }
}
