package io.hourledger.aggregator.run;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.RunIndependently;
import io.hourledger.aggregator.openhour.OpenBuckets;
import io.hourledger.aggregator.openhour.UsedInstances;
import io.hourledger.aggregator.packages.NoticePackageWhenUsedUp;
import io.hourledger.aggregator.packages.PackageWatch;
import io.hourledger.aggregator.packages.PrepaidInstances;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresQuarantine;
import io.hourledger.aggregator.postgres.PostgresRetention;
import io.hourledger.aggregator.quarantine.AlarmWhenQuarantineIsOpen;
import io.hourledger.aggregator.recount.RecountHourWhenSplit;
import io.hourledger.aggregator.recount.SplitHours;
import io.hourledger.aggregator.retention.DropOldUsage;
import io.hourledger.aggregator.retention.RetentionSettings;
import io.hourledger.aggregator.silence.AlarmWhenMeterFallsSilent;
import io.hourledger.aggregator.threshold.InstanceProducts;
import io.hourledger.aggregator.threshold.ThresholdList;
import io.hourledger.aggregator.threshold.ThresholdNotices;
import io.hourledger.aggregator.threshold.ThresholdWatch;
import io.hourledger.aggregator.unmatched.AlarmWhenUsageIsUnmatched;
import io.hourledger.aggregator.unmatched.OpenedInstances;
import io.hourledger.aggregator.unmatched.UnmatchedUsage;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.PackagePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an aggregator does for the ledger besides closing hours, each for the partitions that are its own: recounts mixed hours, notices that
 * packages are used up, that meters have fallen silent, and that usage stays unmatched or
 * records in quarantine stay open.
 */
public final class Automations implements AutoCloseable {

    private static final String READER = "billing-aggregator";
    private static final Duration LOOK_FOR_SILENCE = Duration.ofSeconds(30);
    private static final Duration LOOK_AT_QUARANTINE = Duration.ofSeconds(30);
    private static final Duration LOOK_AT_UNMATCHED = Duration.ofSeconds(5);
    private static final Duration LOOK_AT_THRESHOLDS = Duration.ofSeconds(1);
    private static final Duration DROP_OLD = Duration.ofSeconds(10);

    private final List<Subscription> subscriptions;
    private final List<PeriodicTask> loops;

    private Automations(List<Subscription> subscriptions, List<PeriodicTask> loops) {
        this.subscriptions = subscriptions;
        this.loops = loops;
    }

    /**
     * @param parts what the aggregator was started with
     * @param retention how long usage of closed hours is kept
     * @param watches have heard of its checkpoints from the beginning
     */
    public static Automations start(
            Aggregator.Parts parts,
            RetentionSettings retention,
            Aggregator aggregator,
            Watches watches,
            LedgerFeed feed,
            Ledger ledger,
            LedgerQueries queries) {
        AggregatorSettings settings = parts.settings();
        SplitHours splitHours = new SplitHours(parts.database(), parts.kafka().partitions());
        RecountHourWhenSplit recounting = new RecountHourWhenSplit(
                splitHours,
                Recounts.of(settings, parts.kafka(), parts.database()),
                ledger,
                queries,
                parts.clock(),
                settings.closingBatch());
        AlarmWhenMeterFallsSilent silence = new AlarmWhenMeterFallsSilent(
                parts.database(), new PostgresCatalogue(parts.database()), parts.metrics());
        AlarmWhenUsageIsUnmatched unmatched = new AlarmWhenUsageIsUnmatched(
                new UnmatchedUsage(parts.database()),
                parts.clock(),
                settings.unmatchedAlarm(),
                parts.metrics(),
                parts.kafka().partitions());
        AlarmWhenQuarantineIsOpen quarantine =
                new AlarmWhenQuarantineIsOpen(new PostgresQuarantine(parts.database()), parts.clock(), parts.metrics());
        DropOldUsage dropping = new DropOldUsage(
                new PostgresRetention(parts.database()), retention, settings.hoursInMemory(), parts.metrics());
        TaskFailures failures = new TaskFailures(parts.metrics());
        return new Automations(
                subscriptions(
                        feed,
                        watches.thresholds(),
                        splitHours,
                        new PrepaidInstances(parts.database(), parts.kafka().partitions()),
                        new OpenedInstances(parts.database(), parts.kafka().partitions()),
                        new InstanceProducts(parts.database())),
                List.of(
                        new PeriodicTask(
                                "mixed-hours",
                                settings.closingTick(),
                                failures,
                                () -> RunIndependently.of(
                                        aggregator.partitions().ours(), recounting::recountHoursOf)),
                        new PeriodicTask("silent-meters", LOOK_FOR_SILENCE, failures, () -> {
                            // one of all processes looks, so that the alarm is one
                            if (aggregator.partitions().ours().contains(0)) {
                                silence.look();
                            } else {
                                silence.rest();
                            }
                        }),
                        PeriodicTask.startingNow(
                                "unmatched-usage",
                                LOOK_AT_UNMATCHED,
                                failures,
                                () -> unmatched.look(aggregator.partitions().ours())),
                        PeriodicTask.startingNow(
                                "open-quarantine",
                                LOOK_AT_QUARANTINE,
                                failures,
                                () -> quarantine.look(aggregator.partitions().ours())),
                        new PeriodicTask(
                                "retention",
                                DROP_OLD,
                                failures,
                                () -> dropping.look(aggregator.partitions().ours())),
                        new PeriodicTask("packages", settings.closingTick(), failures, () -> watches.packages()
                                .look(aggregator.partitions().ownerships())),
                        new PeriodicTask("thresholds", LOOK_AT_THRESHOLDS, failures, () -> watches.thresholds()
                                .look(aggregator.partitions().ownerships()))));
    }

    /** What looks at usage in open hours after checkpoints. */
    public record Watches(PackageWatch packages, ThresholdWatch thresholds) {

        /**
         * Both, with what they read.
         *
         * @param policy which package pays first
         */
        public static Watches of(
                Aggregator.Parts parts,
                ThresholdList thresholds,
                Ledger ledger,
                LedgerQueries queries,
                PackagePolicy policy) {
            int partitions = parts.kafka().partitions();
            PrepaidInstances prepaid = new PrepaidInstances(parts.database(), partitions);
            PostgresCatalogue versions = new PostgresCatalogue(parts.database());
            return new Watches(
                    new PackageWatch(
                            prepaid,
                            new NoticePackageWhenUsedUp(
                                    prepaid,
                                    new OpenBuckets(parts.database()),
                                    ledger,
                                    queries,
                                    policy,
                                    versions,
                                    parts.clock(),
                                    new ThresholdNotices(thresholds, ledger, parts.clock())),
                            new UsedInstances(partitions)),
                    new ThresholdWatch(
                            thresholds,
                            parts.database(),
                            ledger,
                            queries,
                            versions,
                            parts.clock(),
                            new UsedInstances(partitions)));
        }

        /** A checkpoint was stored. Called by the thread that reads the partition. */
        public void stored(PartitionOwnership ownership, Checkpoint checkpoint) {
            packages.stored(ownership, checkpoint);
            thresholds.stored(ownership, checkpoint);
        }
    }

    /** One reader for all, and of their events only: so an hour's close does not read every event a second time. Thresholds of days and months read closed hours. */
    private static List<Subscription> subscriptions(
            LedgerFeed feed,
            ThresholdWatch thresholds,
            SplitHours splitHours,
            PrepaidInstances prepaid,
            OpenedInstances opened,
            InstanceProducts products) {
        List<Subscription> subscriptions = new ArrayList<>();
        subscriptions.add(subscribe(feed, splitHours, prepaid, opened, products));
        subscriptions.addAll(thresholds.follow(feed));
        return subscriptions;
    }

    private static Subscription subscribe(
            LedgerFeed feed,
            SplitHours splitHours,
            PrepaidInstances prepaid,
            OpenedInstances opened,
            InstanceProducts products) {
        Set<Class<? extends InstanceEvent>> events = new HashSet<>(SplitHours.EVENTS);
        events.addAll(PrepaidInstances.EVENTS);
        events.addAll(OpenedInstances.EVENTS);
        events.addAll(InstanceProducts.EVENTS);
        return feed.subscribe(READER, events, batch -> {
            splitHours.read(batch);
            prepaid.read(batch);
            opened.read(batch);
            products.read(batch);
        });
    }

    @Override
    public void close() {
        subscriptions.forEach(Subscription::close);
        loops.forEach(PeriodicTask::close);
    }
}
