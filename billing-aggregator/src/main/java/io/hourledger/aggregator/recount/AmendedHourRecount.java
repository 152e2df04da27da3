package io.hourledger.aggregator.recount;

import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.closing.AmendedHours;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.ledger.statement.MeteredHours;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Counts amended hours again from the log before they are entered in the ledger; {@link AmendedHourPass} says how. One hour at a time is
 * counted in a process, with bounds of its own, so that it leaves the memory to what counts live.
 */
public final class AmendedHourRecount implements AmendedHours {

    private static final long MOST_IDS = 2_000_000;
    private static final int MOST_BUCKETS = 100_000;

    final CountedLog log;
    final RecountRules rules;
    final RecordedCutoffs recorded;
    final RecordedAmendments amendments;
    final MeteredHours ledger;

    /** Held while one hour is counted. */
    final Lock counting = new ReentrantLock();

    /** What no further reading can answer, and why: nothing of it is read again before the next start. */
    final Map<Bucket, String> uncountable = new ConcurrentHashMap<>();

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
    public Pass pass(int partition) {
        return new AmendedHourPass(this, partition);
    }
}
