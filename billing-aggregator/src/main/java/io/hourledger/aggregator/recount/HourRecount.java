package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.recount.StretchSearch.Stretch;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.instance.Life;
import io.hourledger.ledger.statement.MeteredHours;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Counts hours again from the log, to split them, to compare them with the ledger, to show their events. Any number of threads may use it;
 * each call reads with a consumer of its own.
 *
 * <p><b>From where.</b> A repeat has the content of the first, so the same time and the same hour. The events of one instance's hour that
 * count lie between the first and the last offset that the ledger has of it, and so do all first occurrences that their repeats repeat; to
 * read that stretch is enough. Only an id that an app used again for an event of another hour, while the ids of that hour were still in
 * memory, was refused because of what lies before. So what is counted again has to come to exactly what the ledger has; if it does not, it is
 * read again from the first offset at which an event of any hour can lie whose ids were then in memory, and if it still does not, from where
 * the log begins. An hour of a whole partition begins with the second of these.
 *
 * <p>The second is found by the log alone: an event that counts is at most {@code acceptedAhead} ahead of its record's timestamp, so all
 * records before the first one that is at least as late as the hour's start less that time hold no event of that hour that counts.
 *
 * <p>Each hour is counted by the version of the catalogue that rules it. The rules must be those of the first count, or it comes out otherwise and
 * is said to differ.
 */
public final class HourRecount {

    private static final int FIRST_REVISION = 0;

    private final CountedLog log;
    private final RecountRules rules;
    private final RecordedCutoffs recorded;
    private final RecordedAmendments amendments;
    private final MeteredHours ledger;
    private volatile @Nullable LastRead lastRead;

    public HourRecount(
            Log log, CountingRules rules, Supplier<CatalogueVersions> versions, IdKey key, DataSource database) {
        this.rules = new RecountRules(rules, versions, key);
        this.recorded = new RecordedCutoffs(database);
        this.amendments = new RecordedAmendments(database);
        this.log = new CountedLog(log, recorded);
        this.ledger = new MeteredHours(database);
    }

    /**
     * Where the log is.
     *
     * @param clientSettings of its consumers, by Kafka's own names; those of a group are left out
     */
    public record Log(Map<String, Object> clientSettings, String topic) {}

    /** Splits one hour; see {@link #split(List)}. */
    public Recount<List<RecountedPart>> split(SplitHour hour) {
        return split(List.of(hour)).get(0);
    }

    /**
     * Splits one hour of many instances of one partition where their billable parts begin and end, in one reading of the log.
     *
     * @return for each of them its parts, which adjoin and come to exactly what the ledger has
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public List<Recount<List<RecountedPart>>> split(List<SplitHour> hours) {
        Map<SplitHour, Recount<List<RecountedPart>>> results = new LinkedHashMap<>();
        List<WantedHour> wanted = new ArrayList<>();
        Map<WantedHour, SplitHour> asked = new HashMap<>();
        for (SplitHour hour : hours) {
            Optional<Recount<List<RecountedPart>>> refused = refuse(hour.metered());
            if (refused.isPresent()) {
                results.put(hour, refused.get());
            } else {
                WantedHour one = wanted(hour.metered(), hour.billable());
                wanted.add(one);
                asked.put(one, hour);
            }
        }
        StretchSearch.of(wanted, log, rules, recorded)
                .forEach((one, outcome) ->
                        results.put(Objects.requireNonNull(asked.get(one)), outcome.map(stretch -> one.parts())));
        return hours.stream()
                .map(hour -> Objects.requireNonNull(results.get(hour)))
                .toList();
    }

    private WantedHour wanted(HourMetered metered, List<Life.Stretch> billable) {
        UsageHour hour = new UsageHour(metered.hour());
        return new WantedHour(
                metered,
                billable,
                meterOf(metered).orElseThrow(),
                amendments.has(
                        metered.log().partition(),
                        hour,
                        rules.hoursBefore(metered.countedBy().meter(), hour),
                        metered.instanceId()),
                rules.counting());
    }

    private <T> Optional<Recount<T>> refuse(HourMetered metered) {
        int version = rules.catalogue(new UsageHour(metered.hour())).version();
        if (meterOf(metered).isEmpty() || version != metered.countedBy().catalogueVersion()) {
            return Optional.of(new Recount.Differs<>("the hour was counted with meter "
                    + metered.countedBy().meter() + " of version "
                    + metered.countedBy().catalogueVersion()
                    + " of the catalogue, and version " + version + " rules it"));
        }
        UsageHour hour = new UsageHour(metered.hour());
        return recorded.closedForGood(
                        metered.log().partition(),
                        UsageHour.ofNumber(hour.number()
                                - rules.hoursBefore(metered.countedBy().meter(), hour)))
                .map(Recount.LogGone::new);
    }

    private Optional<Meter> meterOf(HourMetered metered) {
        return rules.meter(metered.countedBy().meter(), new UsageHour(metered.hour()));
    }

    /**
     * Hands over the events that made one instance's hour, and their repeats up to the cutoff of its revision, in the order of the log, after it was
     * made sure that the former are those that the ledger speaks of.
     *
     * @return how many count
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Recount<Long> trace(HourMetered metered, Consumer<RawEvent> taker) {
        Optional<Recount<Long>> refused = refuse(metered);
        if (refused.isPresent()) {
            return refused.get();
        }
        WantedHour wanted = wanted(metered, List.of());
        Recount<Stretch> agreed = Objects.requireNonNull(
                StretchSearch.of(List.of(wanted), log, rules, recorded).get(wanted));
        return switch (agreed) {
            case Recount.Counted<Stretch>(Stretch stretch) -> trace(wanted, stretch, taker);
            case Recount.LogGone<Stretch> _,
                    Recount.NotOver<Stretch> _,
                    Recount.Differs<Stretch> _,
                    Recount.NoRoom<Stretch> _ -> agreed.map(never -> 0L);
        };
    }

    private Recount<Long> trace(WantedHour wanted, Stretch stretch, Consumer<RawEvent> taker) {
        HourMetered metered = wanted.metered();
        UsageHour hour = new UsageHour(metered.hour());
        long cutoff = stretch.cutoffs()
                .reached(hour, metered.revision())
                .orElseThrow()
                .offset();
        Meters meters = new Meters(rules.versions());
        int meter = meters.numberOf(metered.countedBy().meter(), hour);
        return log.read(usageLog -> {
            EventTrace trace = new EventTrace(wanted, meters, meter, new RoomForValues(rules.counting()), taker);
            rules.recount(metered.log().partition(), hour, Set.of(wanted.key()), trace)
                    .read(usageLog, stretch.cutoffs(), stretch.from(), cutoff);
            return trace.counted() == metered.events().eventCount()
                    ? new Recount.Counted<>(trace.counted())
                    : new Recount.Differs<>(
                            "the log shows " + trace.counted() + " events that count, and the ledger has "
                                    + metered.events().eventCount());
        });
    }

    /**
     * The hours, up to the last closed one, of which the log may hold usage that counts: all that have an event of an acceptable age. For each the last
     * closed revision that may have some; 0 if only the first.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Recount<SortedMap<UsageHour, Integer>> hoursInLog(int partition) {
        return HoursInLog.read(log, recorded, rules, partition);
    }

    /**
     * Counts a whole hour of a partition again and compares it with what the ledger has.
     *
     * @param lastRevision the last one that is asked for, beside those that the ledger has; what is not closed yet is not compared
     * @param inLedger all instances' hours, as the ledger has them for this hour and partition
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Recount<HourComparison> verify(int partition, UsageHour hour, int lastRevision, List<HourMetered> inLedger) {
        Optional<String> closedForGood = recorded.closedForGood(partition, rules.firstReaching(hour));
        if (closedForGood.isPresent()) {
            return new Recount.LogGone<>(closedForGood.get());
        }
        RecordedCutoffs.OfPartition cutoffs = closedThrough(partition, hour, lastRevision);
        if (!cutoffs.isClosed(hour, FIRST_REVISION)) {
            return new Recount.NotOver<>("hour " + hour + " of partition " + partition + " is not closed yet");
        }
        List<HourMetered> closed = inLedger.stream()
                .filter(metered -> cutoffs.isClosed(hour, metered.revision()))
                .toList();
        long to = IntStream.concat(
                        IntStream.of(FIRST_REVISION, lastRevision),
                        closed.stream().mapToInt(HourMetered::revision))
                .mapToObj(revision -> cutoffs.closed(hour, revision))
                .flatMap(Optional::stream)
                .mapToLong(Cutoff::offset)
                .max()
                .orElseThrow();
        return log.read(usageLog -> {
            SafeStart start = SafeStart.of(usageLog, partition, rules.firstReaching(hour), cutoffs, rules.counting());
            HourComparison comparison =
                    compare(usageLog, partition, hour, cutoffs, Math.min(start.offset(), to), to, closed);
            long begin = usageLog.begin(partition);
            if (!comparison.isEqual() && begin < comparison.from()) {
                comparison = compare(usageLog, partition, hour, cutoffs, begin, to, closed);
            }
            return comparison.isEqual() || start.isSure()
                    ? new Recount.Counted<>(comparison)
                    : new Recount.LogGone<>(SafeStart.begunTooLate(partition, hour, begin));
        });
    }

    /** Who verifies all hours reads the cutoffs once for each partition: those of closed hours never change. */
    private RecordedCutoffs.OfPartition closedThrough(int partition, UsageHour hour, int lastRevision) {
        LastRead last = lastRead;
        if (last == null || last.partition != partition || !last.cutoffs.isClosed(hour, lastRevision)) {
            last = new LastRead(partition, recorded.of(partition));
            lastRead = last;
        }
        return last.cutoffs;
    }

    private record LastRead(int partition, RecordedCutoffs.OfPartition cutoffs) {}

    private HourComparison compare(
            UsageLogReader usageLog,
            int partition,
            UsageHour hour,
            RecordedCutoffs.OfPartition cutoffs,
            long from,
            long to,
            List<HourMetered> inLedger) {
        RecountedHour recounted =
                rules.read(usageLog, cutoffs, new RecountRules.Stretch(partition, hour, null, from, to));
        LedgerComparison comparison = new LedgerComparison(recounted, rules.catalogue(hour), ledger);
        inLedger.forEach(comparison::take);
        comparison.takeRest(recorded.enteredApart(partition, hour));
        return comparison.result(partition, hour, from, to);
    }
}
