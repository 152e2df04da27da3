package io.hourledger.aggregator.threshold;

import io.hourledger.aggregator.openhour.OpenBuckets;
import io.hourledger.aggregator.openhour.OpenBuckets.OpenHour;
import io.hourledger.aggregator.openhour.OpenBuckets.Wanted;
import io.hourledger.aggregator.threshold.PeriodUsage.Closed;
import io.hourledger.aggregator.threshold.PeriodUsage.Unseen;
import io.hourledger.contracts.instance.InstanceCommand.NoticeThresholdReached;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Compares what an instance has used in a period with its thresholds: the sums of closed hours, and the buckets of the hours behind them. It only
 * tells. Usage is counted, metered and billed as if there were no threshold.
 *
 * <p>The buckets say which periods have new usage, and so do sums that late usage has changed: no clock decides that. A sum says up to which hour it goes, and only the buckets of later hours
 * are added to it. So an hour that closes meanwhile is counted once.
 */
final class NoticeThresholdWhenReached {

    /** Several hours may close between two looks, and before the first one after a restart: so hours that just closed are looked at, too. */
    static final Duration LOOKED_AT_AFTER_CLOSE = Duration.ofHours(3);

    private final ThresholdList thresholds;
    private final PeriodUsage sums;
    private final OpenBuckets openBuckets;
    private final LedgerQueries queries;
    private final Supplier<CatalogueVersions> versions;
    private final ThresholdNotices notices;

    NoticeThresholdWhenReached(
            ThresholdList thresholds,
            PeriodUsage sums,
            OpenBuckets openBuckets,
            LedgerQueries queries,
            Supplier<CatalogueVersions> versions,
            ThresholdNotices notices) {
        this.thresholds = thresholds;
        this.sums = sums;
        this.openBuckets = openBuckets;
        this.queries = queries;
        this.versions = versions;
        this.notices = notices;
    }

    /** One threshold of an instance, in one period that has usage. */
    private record Compared(InstanceView instance, Threshold threshold, ThresholdPeriod.Span span) {

        PeriodUsage.Key key() {
            return new PeriodUsage.Key(instance.instanceId().value(), threshold.sums(), span.from());
        }
    }

    /** Looks at these instances of a partition, and tells the ledger what was reached. Telling again changes nothing. */
    void lookAt(int partition, List<String> instances) {
        lookAt(partition, instances, Map.of());
    }

    /**
     * Looks at sums that late usage has changed. Telling again changes nothing.
     *
     * @param unseen of instances of the partition
     */
    void lookAtSums(int partition, List<Unseen> unseen) {
        Map<String, List<UsageHour>> changed = new HashMap<>();
        unseen.forEach(one -> changed.computeIfAbsent(one.key().instance(), any -> new ArrayList<>())
                .add(new UsageHour(one.closed().lastHour())));
        lookAt(partition, List.copyOf(changed.keySet()), changed);
        sums.seen(unseen);
    }

    /**
     * The same.
     *
     * @param alsoOf hours whose periods are looked at though they have no bucket
     */
    private void lookAt(int partition, List<String> instances, Map<String, List<UsageHour>> alsoOf) {
        Instant closedUntil = openBuckets.closedThrough(partition).plus(UsageHour.LENGTH);
        List<InstanceView> views = queries
                .instances(instances.stream().map(InstanceId::new).toList())
                .values()
                .stream()
                .filter(view ->
                        view.releasedAt() == null && !thresholds.ofPeriods(view).isEmpty())
                .toList();
        if (views.isEmpty()) {
            return;
        }
        CatalogueVersions rules = versions.get();
        Map<String, Instant> since = new HashMap<>();
        views.forEach(view ->
                since.put(view.instanceId().value(), notBeforeOpening(view, closedUntil.minus(LOOKED_AT_AFTER_CLOSE))));
        Map<String, List<OpenHour>> hours = new HashMap<>(openBuckets.of(partition, wanted(views, since), rules));
        List<Compared> compared = compared(views, hours, alsoOf);
        Map<PeriodUsage.Key, Closed> closed = sums.of(compared.stream()
                .filter(one -> one.threshold.needsSums())
                .map(Compared::key)
                .distinct()
                .toList());
        hours.putAll(openBuckets.of(partition, wanted(views, behindLaggingSums(compared, closed, since)), rules));
        List<NoticeThresholdReached> reached = new ArrayList<>();
        for (Compared one : compared) {
            reached.addAll(notices.ofPeriod(
                    one.instance,
                    one.threshold,
                    one.span,
                    used(one, hours.getOrDefault(one.instance.instanceId().value(), List.of()), closed)));
        }
        notices.send(reached);
    }

    private static Instant notBeforeOpening(InstanceView view, Instant moment) {
        Instant opened = UsageHour.of(view.openedAt()).start();
        return opened.isAfter(moment) ? opened : moment;
    }

    private static List<Wanted> wanted(List<InstanceView> views, Map<String, Instant> since) {
        List<Wanted> wanted = new ArrayList<>();
        for (InstanceView view : views) {
            Instant from = since.get(view.instanceId().value());
            if (from != null) {
                wanted.add(new Wanted(
                        view.instanceId().value(), view.origin().product().meter(), from));
            }
        }
        return wanted;
    }

    /** The periods that the hours lie in; those of an hour's threshold only if the hour has a bucket. */
    private List<Compared> compared(
            List<InstanceView> views, Map<String, List<OpenHour>> hours, Map<String, List<UsageHour>> alsoOf) {
        List<Compared> compared = new ArrayList<>();
        for (InstanceView view : views) {
            for (Threshold threshold : thresholds.ofPeriods(view)) {
                Set<ThresholdPeriod.Span> spans = new LinkedHashSet<>();
                String instance = view.instanceId().value();
                for (OpenHour hour : hours.getOrDefault(instance, List.of())) {
                    spans.add(threshold.span(hour.hour()));
                }
                if (threshold.needsSums()) {
                    alsoOf.getOrDefault(instance, List.of()).forEach(hour -> spans.add(threshold.span(hour)));
                }
                spans.forEach(span -> compared.add(new Compared(view, threshold, span)));
            }
        }
        return compared;
    }

    /** Where the ledger has metered hours that are in no sum yet and were not asked for: their buckets tell. That is rare, and over soon. */
    private static Map<String, Instant> behindLaggingSums(
            List<Compared> compared, Map<PeriodUsage.Key, Closed> closed, Map<String, Instant> since) {
        Map<String, Instant> behind = new HashMap<>();
        for (Compared one : compared) {
            Instant meteredUntil = one.instance.meteredUntil();
            if (one.threshold.needsSums() && meteredUntil != null) {
                String instance = one.instance.instanceId().value();
                Closed sum = closed.getOrDefault(one.key(), Closed.NOTHING);
                Instant from = sum.lastHour().isBefore(one.span.from())
                        ? one.span.from()
                        : sum.lastHour().plus(UsageHour.LENGTH);
                if (from.isBefore(meteredUntil) && from.isBefore(since.get(instance))) {
                    behind.merge(instance, notBeforeOpening(one.instance, from), (a, b) -> a.isBefore(b) ? a : b);
                }
            }
        }
        return behind;
    }

    private static BigDecimal used(Compared one, List<OpenHour> hours, Map<PeriodUsage.Key, Closed> closed) {
        Closed sum = one.threshold.needsSums() ? closed.getOrDefault(one.key(), Closed.NOTHING) : Closed.NOTHING;
        BigDecimal used = sum.amount();
        for (OpenHour hour : hours) {
            if (one.span.contains(hour.hour()) && hour.hour().start().isAfter(sum.lastHour())) {
                used = used.add(hour.amount());
            }
        }
        return used;
    }
}
