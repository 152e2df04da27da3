package io.hourledger.aggregator.packages;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.openhour.UsedInstances;
import java.util.Collection;
import java.util.List;

/** Looks at the packages of prepaid instances that have used something. */
public final class PackageWatch {

    private static final int BATCH = 500;

    private final PrepaidInstances prepaid;
    private final NoticePackageWhenUsedUp rule;
    private final UsedInstances used;
    private long change;

    public PackageWatch(PrepaidInstances prepaid, NoticePackageWhenUsedUp rule, UsedInstances used) {
        this.prepaid = prepaid;
        this.rule = rule;
        this.used = used;
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
        learnOfNewPackages();
        used.look(ownerships, prepaid::withOpenBuckets, rule::lookAt);
    }

    /** A new package may end at once what is open already. */
    private void learnOfNewPackages() {
        List<String> news = prepaid.newSince(change, BATCH, reached -> change = reached);
        while (!news.isEmpty()) {
            used.watch(news);
            news = prepaid.newSince(change, BATCH, reached -> change = reached);
        }
    }
}
