package io.hourledger.aggregator.threshold;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.RunIndependently;
import io.hourledger.aggregator.openhour.OpenBuckets;
import io.hourledger.aggregator.openhour.UsedInstances;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.LedgerFeed.Subscription;
import io.hourledger.ledger.api.LedgerQueries;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Looks at the thresholds of instances that have used something, also if it came late and only a sum of closed hours tells it. Instances without a threshold cost nothing, and those with one that used nothing
 * since the last look neither.
 */
public final class ThresholdWatch {

    private static final int BATCH = 10_000;

    /** In one look, which comes every second. */
    private static final int MOST_SUMS = 2000;

    private final ThresholdList thresholds;
    private final PeriodUsage sums;
    private final InstanceProducts products;
    private final NoticeThresholdWhenReached rule;
    private final UsedInstances used;
    private final Map<String, Long> changeByProduct = new HashMap<>();

    public ThresholdWatch(
            ThresholdList thresholds,
            DataSource database,
            Ledger ledger,
            LedgerQueries queries,
            Supplier<CatalogueVersions> versions,
            Clock businessTime,
            UsedInstances used) {
        this.thresholds = thresholds;
        this.sums = new PeriodUsage(database, thresholds, businessTime);
        this.products = new InstanceProducts(database);
        this.rule = new NoticeThresholdWhenReached(
                thresholds,
                sums,
                new OpenBuckets(database),
                queries,
                versions,
                new ThresholdNotices(thresholds, ledger, businessTime));
        this.used = used;
        used.watch(thresholds.instances());
    }

    /** Begins to follow the ledger for what closed hours come to. */
    public List<Subscription> follow(LedgerFeed feed) {
        return sums.follow(feed);
    }

    /** A checkpoint was stored. Called by the thread that reads the partition. */
    public void stored(PartitionOwnership ownership, Checkpoint checkpoint) {
        used.stored(ownership, checkpoint);
    }

    /**
     * Looks at all that has been used since it was called last. Not to be called by two threads at once.
     *
     * @param ownerships of the partitions that are ours
     */
    public void look(Collection<PartitionOwnership> ownerships) {
        if (thresholds.products().isEmpty() && thresholds.instances().isEmpty()) {
            return;
        }
        thresholds.products().forEach(this::learnOfNewInstances);
        used.look(
                ownerships,
                partition -> products.withOpenBuckets(partition, thresholds.instances(), thresholds.products()),
                rule::lookAt);
        lookAtSums();
    }

    /** Whoever comes first looks at them; another one who does so as well changes nothing. */
    private void lookAtSums() {
        Map<Integer, List<PeriodUsage.Unseen>> unseen = sums.unseen(MOST_SUMS).stream()
                .collect(Collectors.groupingBy(one -> used.partitionOf(one.key().instance())));
        RunIndependently.of(
                unseen.entrySet(),
                of -> RunIndependently.halved(of.getValue(), some -> rule.lookAtSums(of.getKey(), some)));
    }

    /** A new instance may have used something already, unmatched; and one that has another product now has another threshold. */
    private void learnOfNewInstances(String product) {
        List<String> news;
        do {
            news = products.newSince(
                    product,
                    changeByProduct.getOrDefault(product, 0L),
                    BATCH,
                    reached -> changeByProduct.put(product, reached));
            used.watch(news);
        } while (news.size() == BATCH);
    }
}
