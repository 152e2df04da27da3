package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.closing.AmendedHours.Outcome;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.TimedValues;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The amended buckets of a process between those who enter them and the thread that counts them again: what waits, hour by hour in the order
 * in which it was asked for, what is being counted, and what was counted. An outcome follows from the log and from what was metered before, so it stays
 * right however often it is asked for. Safe for several threads.
 */
final class AmendedHourQueue {

    /** Beyond it what waits is asked for again later, and what was counted longest ago is counted again. */
    static final int MOST_BUCKETS = 100_000;

    private static final String WAITS = "its hour has amendments and is counted again from the log";

    private final int mostBuckets;
    private final Map<PartitionHour, Map<Key, Bucket>> waiting = new LinkedHashMap<>();
    private final Set<Key> beingCounted = new HashSet<>();
    private final Map<Key, Outcome> counted = new LinkedHashMap<>(16, 0.75f, true);
    private long waitingSize;

    /**
     * @param mostBuckets of all partitions; of those that wait, each value that a bucket keeps beside its total counts as one more
     */
    AmendedHourQueue(int mostBuckets) {
        this.mostBuckets = mostBuckets;
    }

    private record PartitionHour(int partition, UsageHour hour) {}

    /** A bucket without the values that it keeps by time, which may be hundreds. */
    private record Key(
            int partition,
            UsageHour hour,
            BucketKey bucket,
            BigDecimal rawTotal,
            EventSpan events,
            Bucket.Offsets offsets) {

        static Key of(int partition, Bucket bucket) {
            return new Key(
                    partition,
                    bucket.hour(),
                    BucketKey.of(bucket),
                    bucket.rawTotal(),
                    bucket.events(),
                    bucket.offsets());
        }
    }

    /** What these come to, as far as that is known. The others are counted in their turn, as are those that could not be counted before. */
    synchronized Map<Bucket, Outcome> outcomes(int partition, Collection<Bucket> amended) {
        Map<Bucket, Outcome> outcomes = new HashMap<>();
        for (Bucket bucket : amended) {
            Key key = Key.of(partition, bucket);
            Outcome known = counted.get(key);
            if ((known == null || known instanceof Outcome.Held) && !beingCounted.contains(key)) {
                await(key, bucket);
            }
            outcomes.put(bucket, known == null ? new Outcome.Held(WAITS) : known);
        }
        return outcomes;
    }

    private void await(Key key, Bucket bucket) {
        if (waitingSize < mostBuckets
                && waiting.computeIfAbsent(new PartitionHour(key.partition, key.hour), hour -> new LinkedHashMap<>())
                                .putIfAbsent(key, bucket)
                        == null) {
            waitingSize += sizeOf(bucket);
        }
    }

    private static int sizeOf(Bucket bucket) {
        TimedValues timed = bucket.total().timed();
        return timed == null ? 1 : 1 + timed.size();
    }

    /** Takes all that wait of the partition's hour that has waited longest; empty if nothing waits. They are being counted until {@link #counted}. */
    synchronized Optional<Collection<Bucket>> next(int partition) {
        Iterator<Map.Entry<PartitionHour, Map<Key, Bucket>>> hours =
                waiting.entrySet().iterator();
        while (hours.hasNext()) {
            Map.Entry<PartitionHour, Map<Key, Bucket>> hour = hours.next();
            if (hour.getKey().partition == partition) {
                hours.remove();
                beingCounted.addAll(hour.getValue().keySet());
                hour.getValue().values().forEach(bucket -> waitingSize -= sizeOf(bucket));
                return Optional.of(hour.getValue().values());
            }
        }
        return Optional.empty();
    }

    /**
     * Ends the counting of what {@link #next} gave.
     *
     * @param outcomes of those that were counted; the others are asked for again
     */
    synchronized void counted(int partition, Collection<Bucket> taken, Map<Bucket, Outcome> outcomes) {
        taken.forEach(bucket -> beingCounted.remove(Key.of(partition, bucket)));
        outcomes.forEach(
                (bucket, outcome) -> counted.merge(Key.of(partition, bucket), outcome, AmendedHourQueue::known));
        Iterator<Key> oldest = counted.keySet().iterator();
        while (counted.size() > mostBuckets) {
            oldest.next();
            oldest.remove();
        }
    }

    /** What is known stays known, though a later reading fails. */
    private static Outcome known(Outcome before, Outcome now) {
        return now instanceof Outcome.Held && !(before instanceof Outcome.Held) ? before : now;
    }

    /** These are entered, or nobody waits for them any more. */
    synchronized void forget(int partition, Collection<Bucket> decided) {
        decided.forEach(bucket -> counted.remove(Key.of(partition, bucket)));
    }

    /** Forgets the partitions of other processes. */
    synchronized void keepOnly(Collection<Integer> ours) {
        counted.keySet().removeIf(key -> !ours.contains(key.partition));
        waiting.entrySet().removeIf(hour -> {
            boolean isOthers = !ours.contains(hour.getKey().partition);
            if (isOthers) {
                hour.getValue().values().forEach(bucket -> waitingSize -= sizeOf(bucket));
            }
            return isOthers;
        });
    }
}
