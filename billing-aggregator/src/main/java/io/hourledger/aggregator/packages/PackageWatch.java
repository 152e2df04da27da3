package io.hourledger.aggregator.packages;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.RunIndependently;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.PackagePolicy;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Keeps in mind which prepaid instances have used something since they were looked at last. A checkpoint costs one look into a set for each
 * changed bucket, and nothing at all while no instance has a package; all else is done beside the poll loop.
 */
public final class PackageWatch {

    private static final int BATCH = 500;

    private final PrepaidInstances prepaid;
    private final NoticePackageWhenUsedUp rule;
    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private final Map<PartitionOwnership, Set<String>> touched = new ConcurrentHashMap<>();
    private Set<PartitionOwnership> owned = Set.of();
    private long change;

    public PackageWatch(
            PrepaidInstances prepaid,
            Ledger ledger,
            LedgerQueries queries,
            PackagePolicy policy,
            Supplier<CatalogueVersions> versions,
            Clock clock) {
        this.prepaid = prepaid;
        this.rule = new NoticePackageWhenUsedUp(prepaid, ledger, queries, policy, versions, clock);
    }

    /** A checkpoint was kept. Called by the thread that reads the partition. */
    public void stored(PartitionOwnership ownership, Checkpoint checkpoint) {
        if (watched.isEmpty()) {
            return;
        }
        for (Bucket bucket : checkpoint.buckets()) {
            if (watched.contains(bucket.instance())) {
                touched(ownership).add(bucket.instance());
            }
        }
    }

    private Set<String> touched(PartitionOwnership ownership) {
        return touched.computeIfAbsent(ownership, any -> ConcurrentHashMap.newKeySet());
    }

    /**
     * Looks at all that has been used since it was called last. Not to be called by two threads at once.
     *
     * @param ownerships of the partitions that are ours
     */
    public void look(Collection<PartitionOwnership> ownerships) {
        learnOfNewPackages();
        for (PartitionOwnership ownership : ownerships) {
            if (!owned.contains(ownership)) {
                // its last owner may have kept buckets that it had no time to look at
                touched(ownership).addAll(prepaid.withOpenBuckets(ownership.partition()));
            }
        }
        owned = Set.copyOf(ownerships);
        touched.keySet().retainAll(owned);
        RunIndependently.of(ownerships, this::lookAt);
    }

    /** A new package may end at once what is open already. In partitions that are looked at for the first time, that is found anyway. */
    private void learnOfNewPackages() {
        List<String> news = prepaid.newSince(change, BATCH, reached -> change = reached);
        while (!news.isEmpty()) {
            watched.addAll(news);
            for (PartitionOwnership ownership : owned) {
                touched(ownership).addAll(news);
            }
            news = prepaid.newSince(change, BATCH, reached -> change = reached);
        }
    }

    private void lookAt(PartitionOwnership ownership) {
        Set<String> instances = touched.get(ownership);
        if (instances == null) {
            return;
        }
        List<String> all = new ArrayList<>(instances);
        List<List<String>> batches = new ArrayList<>();
        for (int from = 0; from < all.size(); from += BATCH) {
            batches.add(all.subList(from, Math.min(all.size(), from + BATCH)));
        }
        RuntimeException firstFailure = null;
        for (List<String> batch : batches) {
            try {
                RunIndependently.halved(batch, some -> lookAt(ownership.partition(), some, instances));
            } catch (RuntimeException failed) {
                if (!RunIndependently.isOfData(failed)) {
                    // an outage: each further batch would wait for its own time-out
                    throw failed;
                }
                firstFailure = firstFailure == null ? failed : firstFailure;
            }
        }
        if (firstFailure != null) {
            throw firstFailure;
        }
    }

    /** What is used while they are looked at is looked at again. */
    private void lookAt(int partition, List<String> some, Set<String> instances) {
        instances.removeAll(new HashSet<>(some));
        try {
            rule.lookAt(partition, some);
        } catch (RuntimeException | Error failed) {
            instances.addAll(some);
            throw failed;
        }
    }
}
