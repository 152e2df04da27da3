package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.closing.AmendedHours.Outcome;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.contracts.usage.UsageHour;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The amended buckets of one partition between those who enter them and the thread that counts them again: what waits, hour by hour in the order
 * in which it was asked for, and what was counted. An outcome follows from the log and from what was metered before, so it stays right
 * however often it is asked for. Safe for several threads.
 */
final class AmendedHourQueue {

    /** Beyond it what waits is asked for again later, and what was counted longest ago is counted again. */
    static final int MOST_BUCKETS = 100_000;

    private static final String WAITS = "its hour has amendments and is counted again from the log";

    private final int mostBuckets;
    private final Map<UsageHour, Set<Bucket>> waiting = new LinkedHashMap<>();
    private final Map<Bucket, Outcome> counted = new LinkedHashMap<>(16, 0.75f, true);
    private int waitingBuckets;

    AmendedHourQueue(int mostBuckets) {
        this.mostBuckets = mostBuckets;
    }

    /** What these come to, as far as that is known. The others are counted in their turn, as are those that could not be counted before. */
    synchronized Map<Bucket, Outcome> outcomes(Collection<Bucket> amended) {
        Map<Bucket, Outcome> outcomes = new HashMap<>();
        for (Bucket bucket : amended) {
            Outcome known = counted.get(bucket);
            if (known == null || known instanceof Outcome.Held) {
                await(bucket);
            }
            outcomes.put(bucket, known == null ? new Outcome.Held(WAITS) : known);
        }
        return outcomes;
    }

    private void await(Bucket bucket) {
        if (waitingBuckets < mostBuckets
                && waiting.computeIfAbsent(bucket.hour(), hour -> new LinkedHashSet<>())
                        .add(bucket)) {
            waitingBuckets++;
        }
    }

    /** Takes all that wait of the hour that has waited longest; empty if nothing waits. */
    synchronized Optional<Set<Bucket>> next() {
        Iterator<Set<Bucket>> hours = waiting.values().iterator();
        if (!hours.hasNext()) {
            return Optional.empty();
        }
        Set<Bucket> next = hours.next();
        hours.remove();
        waitingBuckets -= next.size();
        return Optional.of(next);
    }

    synchronized void counted(Map<Bucket, Outcome> outcomes) {
        counted.putAll(outcomes);
        Iterator<Bucket> oldest = counted.keySet().iterator();
        while (counted.size() > mostBuckets) {
            oldest.next();
            oldest.remove();
        }
    }
}
