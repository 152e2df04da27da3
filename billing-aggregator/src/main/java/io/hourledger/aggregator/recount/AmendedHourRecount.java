package io.hourledger.aggregator.recount;

import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.closing.AmendedHours;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.RunIndependently;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.ledger.statement.MeteredHours;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Counts amended hours again from the log before they are entered in the ledger; {@link AmendedHourCount} says how. To read a day of a log may
 * take half an hour. So whoever enters hours never reads: it asks, and takes what a thread of its own has counted. That counts one hour at a
 * time in a process, with bounds of its own, so that it leaves the memory to what counts live.
 */
public final class AmendedHourRecount implements AmendedHours {

    private static final long MOST_IDS = 2_000_000;
    private static final int MOST_BUCKETS = 100_000;

    final CountedLog log;
    final RecountRules rules;
    final RecordedCutoffs recorded;
    final RecordedAmendments amendments;
    final MeteredHours ledger;

    /** What no further reading can answer, and why: nothing of it is read again before the next start. */
    final Map<Bucket, String> uncountable = new ConcurrentHashMap<>();

    private final AmendedHourQueue queue = new AmendedHourQueue(AmendedHourQueue.MOST_BUCKETS);

    public AmendedHourRecount(
            HourRecount.Log log,
            CountingRules rules,
            Supplier<CatalogueVersions> versions,
            IdKey key,
            DataSource database) {
        this.rules = new RecountRules(bounded(rules), versions, key);
        this.recorded = new RecordedCutoffs(database);
        this.amendments = new RecordedAmendments(database);
        this.ledger = new MeteredHours(database);
        this.log = new CountedLog(log, recorded);
    }

    private static CountingRules bounded(CountingRules rules) {
        return new CountingRules(
                rules.partitions(),
                rules.acceptedAge(),
                rules.acceptedLateHours(),
                rules.acceptedAhead(),
                rules.hoursInMemory(),
                Math.min(rules.mostIds(), MOST_IDS),
                Math.min(rules.mostBuckets(), MOST_BUCKETS));
    }

    @Override
    public Set<Bucket> among(int partition, Collection<Bucket> buckets) {
        return amendments.amendedAmong(partition, buckets, rules).values().stream()
                .flatMap(List::stream)
                .collect(toSet());
    }

    @Override
    public Map<Bucket, Outcome> outcomes(int partition, Collection<Bucket> buckets) {
        return queue.outcomes(partition, among(partition, buckets));
    }

    @Override
    public void decided(int partition, Collection<Bucket> buckets) {
        queue.forget(partition, buckets);
    }

    /**
     * Counts one hour of each of these partitions, and forgets all others. Called by one thread, which may take long.
     *
     * @throws RuntimeException the first failure, when all partitions have had their turn
     */
    public void countNext(List<Integer> ours) {
        queue.keepOnly(ours);
        RunIndependently.of(ours, this::countNext);
    }

    /**
     * Counts the hour of this partition that has waited longest, if one waits. Called by one thread, which may take long.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if the database gives no answer now; who enters the hour asks again
     */
    public void countNext(int partition) {
        queue.next(partition).ifPresent(buckets -> {
            Map<Bucket, Outcome> outcomes = Map.of();
            try {
                outcomes = new AmendedHourCount(this, partition).outcomes(buckets);
            } finally {
                queue.counted(partition, buckets, outcomes);
            }
        });
    }
}
