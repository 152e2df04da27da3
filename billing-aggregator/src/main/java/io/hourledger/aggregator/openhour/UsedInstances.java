package io.hourledger.aggregator.openhour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.aggregator.hour.RunIndependently;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * Remembers which of the watched instances have used something since they were looked at last. A checkpoint costs one look into a set for each
 * changed bucket, and nothing at all while no instance is watched. All else is done beside the poll loop.
 */
public final class UsedInstances {

    private static final int BATCH = 500;

    private final int partitions;
    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private final Map<PartitionOwnership, Set<String>> used = new ConcurrentHashMap<>();
    private Set<PartitionOwnership> owned = Set.of();

    /**
     * @param partitions of the usage log
     */
    public UsedInstances(int partitions) {
        this.partitions = partitions;
    }

    /** Looks at some instances of a partition, from what checkpoints have written. To look again changes nothing. */
    @FunctionalInterface
    public interface Look {
        void at(int partition, List<String> instances);
    }

    /** A checkpoint was stored. Called by the thread that reads the partition. */
    public void stored(PartitionOwnership ownership, Checkpoint checkpoint) {
        if (watched.isEmpty()) {
            return;
        }
        for (Bucket bucket : checkpoint.buckets()) {
            if (watched.contains(bucket.instance())) {
                used(ownership).add(bucket.instance());
            }
        }
    }

    private Set<String> used(PartitionOwnership ownership) {
        return used.computeIfAbsent(ownership, any -> ConcurrentHashMap.newKeySet());
    }

    /** Watches these from now on. What they have used already is looked at as well; in partitions that are new here, that happens anyway. */
    public void watch(Collection<String> instances) {
        watched.addAll(instances);
        for (PartitionOwnership ownership : owned) {
            for (String instance : instances) {
                if (partitionOf(instance) == ownership.partition()) {
                    used(ownership).add(instance);
                }
            }
        }
    }

    /** The partition of the usage log that the usage of an instance is in. */
    public int partitionOf(String instance) {
        byte[] subject = instance.getBytes(UTF_8);
        return Partitioner.partitionOf(subject, 0, subject.length, partitions);
    }

    /**
     * Looks at all that has been used since it was called last. Not to be called by two threads at once.
     *
     * @param ownerships of the partitions that are ours
     * @param withOpenBuckets the watched instances of a partition that have usage in open hours: its last owner may have stored buckets that it
     *     had no time to look at
     */
    public void look(Collection<PartitionOwnership> ownerships, IntFunction<List<String>> withOpenBuckets, Look look) {
        for (PartitionOwnership ownership : ownerships) {
            if (!owned.contains(ownership)) {
                used(ownership).addAll(withOpenBuckets.apply(ownership.partition()));
            }
        }
        owned = Set.copyOf(ownerships);
        used.keySet().retainAll(owned);
        RunIndependently.of(ownerships, ownership -> lookAt(ownership, look));
    }

    private void lookAt(PartitionOwnership ownership, Look look) {
        Set<String> instances = used.get(ownership);
        if (instances == null) {
            return;
        }
        List<String> all = new ArrayList<>(instances);
        RuntimeException firstFailure = null;
        for (int from = 0; from < all.size(); from += BATCH) {
            List<String> batch = all.subList(from, Math.min(all.size(), from + BATCH));
            try {
                RunIndependently.halved(batch, some -> lookAt(ownership.partition(), some, instances, look));
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
    private static void lookAt(int partition, List<String> some, Set<String> instances, Look look) {
        instances.removeAll(new HashSet<>(some));
        try {
            look.at(partition, some);
        } catch (RuntimeException | Error failed) {
            instances.addAll(some);
            throw failed;
        }
    }
}
