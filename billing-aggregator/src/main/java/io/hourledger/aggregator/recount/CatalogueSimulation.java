package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Says what another catalogue would have metered on the log. A closed hour of a partition is counted again twice, from the same stretch of the
 * log and under the same cutoffs: by the versions that were published, and by the other catalogue alone. It only reads. Any number of threads
 * may use it.
 */
public final class CatalogueSimulation {

    private final CountedLog log;
    private final RecordedCutoffs recorded;
    private final RecountRules published;
    private final RecountRules other;

    /**
     * @param rules those of the first count
     * @param versions that were published
     * @param other rules every hour of the simulation
     */
    public CatalogueSimulation(
            HourRecount.Log log,
            CountingRules rules,
            Supplier<CatalogueVersions> versions,
            Catalogue other,
            IdKey key,
            DataSource database) {
        this.recorded = new RecordedCutoffs(database);
        this.log = new CountedLog(log, recorded);
        this.published = new RecountRules(rules, versions, key);
        CatalogueVersions only = CatalogueVersions.only(other);
        this.other = new RecountRules(rules, () -> only, key);
    }

    /**
     * What one instance's hour comes to in one revision.
     *
     * @param meter by its name in the catalogue that counted
     * @param amount in the unit of that meter
     */
    public record MeteredAmount(String instance, String meter, BigDecimal amount) {}

    /** One hour of a partition by both, also of subjects that no instance has. */
    public record BothAmounts(List<MeteredAmount> published, List<MeteredAmount> other) {}

    /**
     * The closed hours of which the log may hold usage that one of the two counts, each with the last revision that may have some.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Recount<SortedMap<UsageHour, Integer>> hoursInLog(int partition) {
        Recount<SortedMap<UsageHour, Integer>> byOther = HoursInLog.read(log, recorded, other, partition);
        if (!(byOther instanceof Recount.Counted<SortedMap<UsageHour, Integer>>(SortedMap<UsageHour, Integer> more))) {
            return byOther;
        }
        return HoursInLog.read(log, recorded, published, partition).map(hours -> {
            SortedMap<UsageHour, Integer> both = new TreeMap<>(hours);
            more.forEach((hour, revision) -> both.merge(hour, revision, Math::max));
            return both;
        });
    }

    /**
     * Counts one hour by both.
     *
     * @param lastRevision the last one that is asked for; what is not closed yet is not counted
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Recount<BothAmounts> count(int partition, UsageHour hour, int lastRevision) {
        UsageHour first = earlier(published.firstReaching(hour), other.firstReaching(hour));
        Optional<String> closedForGood = recorded.closedForGood(partition, first);
        if (closedForGood.isPresent()) {
            return new Recount.LogGone<>(closedForGood.get());
        }
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        Optional<Cutoff> end = IntStream.rangeClosed(0, lastRevision)
                .mapToObj(revision -> cutoffs.closed(hour, lastRevision - revision))
                .flatMap(Optional::stream)
                .findFirst();
        if (end.isEmpty()) {
            return new Recount.NotOver<>("hour " + hour + " of partition " + partition + " is not closed yet");
        }
        long to = end.get().offset();
        return log.read(usageLog -> {
            SafeStart start = SafeStart.of(usageLog, partition, first, cutoffs, published.counting());
            if (!start.isSure()) {
                return new Recount.LogGone<>(SafeStart.begunTooLate(partition, hour, usageLog.begin(partition)));
            }
            RecountRules.Stretch stretch =
                    new RecountRules.Stretch(partition, hour, null, Math.min(start.offset(), to), to);
            return new Recount.Counted<>(new BothAmounts(
                    amounts(published, hour, published.read(usageLog, cutoffs, stretch)),
                    amounts(other, hour, other.read(usageLog, cutoffs, stretch))));
        });
    }

    private static UsageHour earlier(UsageHour one, UsageHour another) {
        return one.compareTo(another) < 0 ? one : another;
    }

    private static List<MeteredAmount> amounts(RecountRules rules, UsageHour hour, RecountedHour counted) {
        Catalogue catalogue = rules.catalogue(hour);
        List<MeteredAmount> amounts = new ArrayList<>();
        counted.buckets()
                .forEach((key, bucket) -> amounts.add(new MeteredAmount(
                        key.instance(),
                        key.meter(),
                        counted.counted(bucket, catalogue.meter(key.meter()).orElseThrow())
                                .amount())));
        return amounts;
    }
}
