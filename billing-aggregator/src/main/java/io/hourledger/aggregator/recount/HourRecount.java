package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.recount.HourComparison.Difference;
import io.hourledger.aggregator.scan.EventReader;
import io.hourledger.aggregator.scan.EventView;
import io.hourledger.aggregator.scan.Meters;
import io.hourledger.contracts.instance.InstanceCommand.RecountedPart;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.statement.MeteredHours;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
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
 * <p>Rules and catalogue must be those of the first count, or it comes out otherwise and is said to differ.
 */
public final class HourRecount {

    private static final int FIRST_REVISION = 0;

    /**
     * By how much a record may be older than one that lies before it: far more than ingest takes to write what it has received, and than its clocks
     * differ. So if the log begins with a record that is older than a moment by more than this, none that was dropped was from then or later.
     */
    private static final Duration OUT_OF_ORDER = Duration.ofHours(1);

    private final Log log;
    private final CountingRules rules;
    private final Catalogue catalogue;
    private final IdKey key;
    private final RecordedCutoffs recorded;
    private final MeteredHours ledger;
    private volatile boolean isTheLog;
    private volatile @Nullable LastRead lastRead;

    public HourRecount(Log log, CountingRules rules, Catalogue catalogue, IdKey key, DataSource database) {
        this.log = log;
        this.rules = rules;
        this.catalogue = catalogue;
        this.key = key;
        this.recorded = new RecordedCutoffs(database);
        this.ledger = new MeteredHours(database);
    }

    /**
     * Where the log is.
     *
     * @param clientSettings of its consumers, by Kafka's own names; those of a group are left out
     */
    public record Log(Map<String, Object> clientSettings, String topic) {}

    // ---- split

    /** Splits one hour; see {@link #split(List)}. */
    public Recount<List<RecountedPart>> split(SplitHour hour) {
        return split(List.of(hour)).get(0);
    }

    /**
     * Splits one hour of many instances of one partition at their boundaries, each {@code [from, to)}, in one reading of the log.
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
                WantedHour one = wanted(hour.metered(), hour.boundaries());
                wanted.add(one);
                asked.put(one, hour);
            }
        }
        agree(wanted)
                .forEach((one, outcome) ->
                        results.put(Objects.requireNonNull(asked.get(one)), outcome.map(stretch -> one.parts())));
        return hours.stream()
                .map(hour -> Objects.requireNonNull(results.get(hour)))
                .toList();
    }

    private WantedHour wanted(HourMetered metered, SortedSet<Instant> boundaries) {
        return new WantedHour(
                metered,
                boundaries,
                catalogue.meter(metered.countedBy().meter()).orElseThrow());
    }

    private <T> Optional<Recount<T>> refuse(HourMetered metered) {
        if (metered.revision() != FIRST_REVISION) {
            return Optional.of(
                    new Recount.NotOver<>("only the first revision of an hour has a cutoff, and this is revision "
                            + metered.revision() + " of " + metered.hour()));
        }
        if (catalogue.meter(metered.countedBy().meter()).isEmpty()) {
            return Optional.of(
                    new Recount.Differs<>("version " + catalogue.version() + " of the catalogue has no meter "
                            + metered.countedBy().meter() + "; the hour was counted with version "
                            + metered.countedBy().catalogueVersion()));
        }
        return Optional.empty();
    }

    // ---- trace

    /**
     * Hands over the events that made one instance's hour, and their repeats up to the hour's cutoff, in the order of the log, after it was
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
        WantedHour wanted = wanted(metered, Collections.emptySortedSet());
        Recount<Stretch> agreed = Objects.requireNonNull(agree(List.of(wanted)).get(wanted));
        if (!(agreed instanceof Recount.Counted<Stretch> counted)) {
            return agreed.map(never -> 0L);
        }
        Stretch stretch = counted.result();
        UsageHour hour = new UsageHour(metered.hour());
        long cutoff = stretch.cutoffs.reached(hour).orElseThrow().offset();
        return answering(usageLog -> {
            Showing showing =
                    new Showing(wanted, catalogueNumber(metered.countedBy().meter()), taker);
            countAgain(metered.log().partition(), hour, Set.of(wanted.key()), showing)
                    .read(usageLog, stretch.cutoffs, stretch.from, cutoff);
            return showing.counted == metered.events().eventCount()
                    ? new Recount.Counted<>(showing.counted)
                    : new Recount.Differs<>(
                            "the log shows " + showing.counted + " events that count, and the ledger has "
                                    + metered.events().eventCount());
        });
    }

    /**
     * What the ledger has ends with its last offset. What would count behind that was set aside, because its id was used in another hour that lies
     * before where this reading began; and so were its repeats.
     */
    private static final class Showing implements StretchRecount.Listener {
        private final WantedHour wanted;
        private final int meter;
        private final Consumer<RawEvent> taker;
        private final Set<Named> quarantined = new HashSet<>();
        private long counted;

        private Showing(WantedHour wanted, int meter, Consumer<RawEvent> taker) {
            this.wanted = wanted;
            this.meter = meter;
            this.taker = taker;
        }

        private record Named(String source, String id) {

            static Named of(EventView event) {
                return new Named(
                        new String(event.bytes(), event.sourceOffset(), event.sourceLength(), UTF_8),
                        new String(event.bytes(), event.idOffset(), event.idLength(), UTF_8));
            }
        }

        @Override
        public void counted(LogRecord record, EventView event) {
            if (event.meter() != meter) {
                return;
            }
            Named named = Named.of(event);
            if (record.offset() > wanted.metered().log().lastOffset()) {
                quarantined.add(named);
            } else {
                counted++;
                show(record, event, named, true);
            }
        }

        @Override
        public void repeated(LogRecord record, EventView event) {
            if (event.meter() == meter) {
                Named named = Named.of(event);
                if (!quarantined.contains(named)) {
                    show(record, event, named, false);
                }
            }
        }

        private void show(LogRecord record, EventView event, Named named, boolean counts) {
            taker.accept(new RawEvent(
                    record.partition(),
                    record.offset(),
                    Instant.ofEpochMilli(record.timestampMillis()),
                    named.source,
                    named.id,
                    Instant.ofEpochSecond(event.epochSecond(), event.nanos()),
                    wanted.quantity(event),
                    counts,
                    bytes(record.value())));
        }
    }

    private int catalogueNumber(String meter) {
        return new Meters(catalogue).numberOfName(meter);
    }

    private static byte[] bytes(@Nullable ByteBuffer counted) {
        ByteBuffer value = Objects.requireNonNull(counted, "what counts has a value");
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }

    // ---- verify

    /**
     * The hours, up to the last closed one, of which the log may hold usage that counts: all that have an event of an acceptable age.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Recount<SortedSet<UsageHour>> hoursInLog(int partition) {
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        Optional<Cutoff> lastClosed = cutoffs.lastClosed();
        if (lastClosed.isEmpty()) {
            return new Recount.Counted<>(new TreeSet<>());
        }
        HoursInLog hours = new HoursInLog(
                EventReader.of(catalogue), rules, lastClosed.get().hour());
        return answering(usageLog -> {
            long begin = usageLog.begin(partition);
            usageLog.read(partition, begin, Math.max(begin, lastClosed.get().offset()), hours);
            return new Recount.Counted<>(hours.seen());
        });
    }

    /**
     * Counts a whole hour of a partition again and compares it with what the ledger has.
     *
     * @param inLedger the first revisions of all instances' hours, as the ledger has them for this hour and partition
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if Kafka gives no answer
     */
    public Recount<HourComparison> verify(int partition, UsageHour hour, List<HourMetered> inLedger) {
        RecordedCutoffs.OfPartition cutoffs = closedThrough(partition, hour);
        Optional<Cutoff> cutoff = cutoffs.reached(hour);
        if (cutoff.isEmpty() || !cutoffs.isClosed(hour)) {
            return new Recount.NotOver<>("hour " + hour + " of partition " + partition + " is not closed yet");
        }
        long to = cutoff.get().offset();
        return answering(usageLog -> {
            Start start = safeStart(usageLog, partition, hour, cutoffs);
            HourComparison comparison =
                    compare(usageLog, partition, hour, cutoffs, Math.min(start.offset, to), to, inLedger);
            long begin = usageLog.begin(partition);
            if (!comparison.isEqual() && begin < comparison.from()) {
                comparison = compare(usageLog, partition, hour, cutoffs, begin, to, inLedger);
            }
            return comparison.isEqual() || start.isSure
                    ? new Recount.Counted<>(comparison)
                    : new Recount.LogGone<>(begunTooLate(partition, hour, begin));
        });
    }

    /** Who verifies all hours reads the cutoffs once for each partition: those of closed hours never change. */
    private RecordedCutoffs.OfPartition closedThrough(int partition, UsageHour hour) {
        LastRead last = lastRead;
        if (last == null || last.partition != partition || !last.cutoffs.isClosed(hour)) {
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
        Map<BucketKey, Bucket> inLog = new TreeMap<>(
                countAgain(partition, hour, null, (record, event) -> {}).read(usageLog, cutoffs, from, to));
        Comparing comparing = new Comparing(inLog);
        inLedger.forEach(comparing::take);
        comparing.takeRest(recorded.enteredApart(partition, hour));
        return new HourComparison(
                partition,
                hour,
                from,
                to,
                comparing.equal,
                comparing.notEntered,
                comparing.differing,
                comparing.differences.values().stream().toList());
    }

    /** What is found while the ledger's hours go by. */
    private final class Comparing {
        private final Map<BucketKey, Bucket> inLog;
        private final TreeMap<BucketKey, Difference> differences = new TreeMap<>();
        private long equal;
        private long notEntered;
        private long differing;

        Comparing(Map<BucketKey, Bucket> inLog) {
            this.inLog = inLog;
        }

        void take(HourMetered metered) {
            BucketKey bucketKey =
                    new BucketKey(metered.instanceId(), metered.countedBy().meter());
            compare(bucketKey, inLog.remove(bucketKey), metered);
        }

        private void compare(BucketKey bucketKey, @Nullable Bucket bucket, HourMetered metered) {
            Counted log = bucket == null ? null : counted(bucket);
            Counted inLedger = Counted.of(metered);
            if (inLedger.equals(log)) {
                equal++;
            } else {
                differs(bucketKey, log, inLedger, metered.countedBy().catalogueVersion());
            }
        }

        /** What was entered by itself may have been entered since the ledger was read. */
        void takeRest(RecordedCutoffs.EnteredApart apart) {
            inLog.forEach((bucketKey, bucket) -> {
                if (apart.notYet().contains(bucketKey)) {
                    notEntered++;
                    return;
                }
                Optional<HourMetered> since = apart.later().contains(bucketKey)
                        ? ledger.of(new InstanceId(bucketKey.instance()), bucket.hour(), FIRST_REVISION)
                        : Optional.empty();
                since.filter(metered -> metered.countedBy().meter().equals(bucketKey.meter()))
                        .ifPresentOrElse(
                                metered -> compare(bucketKey, bucket, metered),
                                () -> differs(bucketKey, counted(bucket), null, 0));
            });
        }

        private void differs(BucketKey bucketKey, @Nullable Counted log, @Nullable Counted inLedger, int version) {
            differing++;
            differences.put(bucketKey, new Difference(bucketKey.instance(), bucketKey.meter(), log, inLedger, version));
            if (differences.size() > HourComparison.MOST_DIFFERENCES) {
                differences.pollLastEntry();
            }
        }

        private Counted counted(Bucket bucket) {
            Meter meter = catalogue.meter(bucket.meter()).orElseThrow();
            return Counted.of(bucket, meter);
        }
    }

    // ---- reading

    /** Where a count came to what the ledger has. */
    private record Stretch(long from, long to, RecordedCutoffs.OfPartition cutoffs) {}

    /**
     * Counts hours again from ever further back until each comes to what the ledger has. All are the same hour of the same partition.
     */
    private Map<WantedHour, Recount<Stretch>> agree(List<WantedHour> wanted) {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        int partition = wanted.get(0).metered().log().partition();
        UsageHour hour = new UsageHour(wanted.get(0).metered().hour());
        for (WantedHour one : wanted) {
            if (one.metered().log().partition() != partition
                    || !one.metered().hour().equals(hour.start())) {
                throw new IllegalArgumentException("one hour of one partition at a time: " + one.metered());
            }
        }
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        Optional<Cutoff> cutoff = cutoffs.reached(hour);
        Map<WantedHour, Recount<Stretch>> outcomes = new HashMap<>();
        if (cutoff.isEmpty()) {
            wanted.forEach(one -> outcomes.put(
                    one, new Recount.NotOver<>("hour " + hour + " of partition " + partition + " is not over yet")));
            return outcomes;
        }
        return new Agreeing(partition, hour, cutoffs, cutoff.get().offset(), wanted).run();
    }

    private final class Agreeing {
        private final int partition;
        private final UsageHour hour;
        private final RecordedCutoffs.OfPartition cutoffs;
        private final long cutoff;
        private final List<WantedHour> open;
        private final Map<WantedHour, Recount<Stretch>> outcomes = new HashMap<>();

        Agreeing(
                int partition,
                UsageHour hour,
                RecordedCutoffs.OfPartition cutoffs,
                long cutoff,
                List<WantedHour> wanted) {
            this.partition = partition;
            this.hour = hour;
            this.cutoffs = cutoffs;
            this.cutoff = cutoff;
            this.open = new ArrayList<>(wanted);
        }

        Map<WantedHour, Recount<Stretch>> run() {
            Recount<Boolean> read = answering(usageLog -> {
                long first = countStretches(usageLog);
                if (open.isEmpty()) {
                    return new Recount.Counted<>(true);
                }
                Start start = safeStart(usageLog, partition, hour, cutoffs);
                count(usageLog, Math.min(start.offset, first), cutoff);
                if (!open.isEmpty()) {
                    count(usageLog, usageLog.begin(partition), cutoff);
                }
                return start.isSure
                        ? new Recount.Counted<>(true)
                        : new Recount.LogGone<>(begunTooLate(partition, hour, usageLog.begin(partition)));
            });
            if (!(read instanceof Recount.Counted)) {
                // what disagreed so far may be right: nobody can say any more
                open.forEach(one -> outcomes.put(one, read.map(never -> new Stretch(0, 0, cutoffs))));
            }
            return outcomes;
        }

        /** Where one's stretch has gone, the others' may not have. Where the stretches begin that are read. */
        private long countStretches(UsageLogReader usageLog) {
            while (true) {
                long begin = usageLog.begin(partition);
                settleGone(begin);
                if (open.isEmpty()) {
                    return begin;
                }
                long first = open.stream()
                        .mapToLong(one -> one.metered().log().firstOffset())
                        .min()
                        .orElseThrow();
                long last = open.stream()
                        .mapToLong(one -> one.metered().log().lastOffset())
                        .max()
                        .orElseThrow();
                try {
                    count(usageLog, first, Math.min(last + 1, cutoff));
                    return first;
                } catch (LogGoneException gone) {
                    if (usageLog.begin(partition) <= first) {
                        throw gone;
                    }
                }
            }
        }

        private void settleGone(long begin) {
            for (WantedHour one : List.copyOf(open)) {
                if (one.metered().log().firstOffset() < begin) {
                    outcomes.put(
                            one,
                            new Recount.LogGone<>("partition " + partition + " is needed from offset "
                                    + one.metered().log().firstOffset() + " on, and what is left of it begins at "
                                    + begin));
                    open.remove(one);
                }
            }
        }

        private void count(UsageLogReader usageLog, long from, long to) {
            Map<BucketKey, WantedHour> byKey = new HashMap<>();
            open.forEach(one -> {
                one.startAnew();
                byKey.put(one.bucketKey(), one);
            });
            Set<ByteBuffer> keys = open.stream().map(WantedHour::key).collect(toSet());
            List<Meter> meters = List.copyOf(catalogue.meters());
            Map<BucketKey, Bucket> again = countAgain(partition, hour, keys, (record, event) -> {
                        WantedHour one = byKey.get(new BucketKey(
                                text(record.key()), meters.get(event.meter()).name()));
                        if (one != null) {
                            one.take(event);
                        }
                    })
                    .read(usageLog, cutoffs, from, to);
            for (WantedHour one : List.copyOf(open)) {
                Optional<String> mismatch = one.mismatch(again.get(one.bucketKey()));
                if (mismatch.isPresent()) {
                    outcomes.put(one, new Recount.Differs<>(mismatch.get()));
                } else {
                    outcomes.put(one, new Recount.Counted<>(new Stretch(from, to, cutoffs)));
                    open.remove(one);
                }
            }
        }
    }

    private static String text(@Nullable ByteBuffer key) {
        return UTF_8.decode(Objects.requireNonNull(key, "what counts has a key").duplicate())
                .toString();
    }

    /**
     * Where to begin.
     *
     * @param isSure whether nothing that matters can have been among what the log has dropped
     */
    private record Start(long offset, boolean isSure) {}

    /** The first offset that can matter to an hour: of an event of it, or of any hour whose ids were in memory when events of it came. */
    private Start safeStart(
            UsageLogReader usageLog, int partition, UsageHour hour, RecordedCutoffs.OfPartition cutoffs) {
        long begin = usageLog.begin(partition);
        long firstOfHour = usageLog.firstSince(partition, hour.start().minus(rules.acceptedAhead()));
        UsageHour passed = cutoffs.lastHourPassedAt(firstOfHour);
        if (passed == null) {
            return new Start(begin, begin == 0);
        }
        Instant since = UsageHour.ofNumber(passed.number() - rules.hoursInMemory() + 1)
                .start()
                .minus(rules.acceptedAhead());
        boolean isSure = begin == 0 || usageLog.firstSince(partition, since.minus(OUT_OF_ORDER)) > begin;
        return new Start(usageLog.firstSince(partition, since), isSure);
    }

    private static String begunTooLate(int partition, UsageHour hour, long begin) {
        return "what is left of partition " + partition + " begins at offset " + begin
                + ", where events that matter to hour " + hour + " may have gone before";
    }

    private StretchRecount countAgain(
            int partition, UsageHour hour, @Nullable Set<ByteBuffer> keys, StretchRecount.Listener listener) {
        return new StretchRecount(partition, hour, rules, catalogue, key, keys, listener);
    }

    private interface Reading<T> {
        Recount<T> from(UsageLogReader usageLog);
    }

    private <T> Recount<T> answering(Reading<T> reading) {
        try {
            makeSureItIsTheLog();
            try (UsageLogReader usageLog = UsageLogReader.open(log.clientSettings, log.topic)) {
                return reading.from(usageLog);
            }
        } catch (LogGoneException gone) {
            return new Recount.LogGone<>(Objects.requireNonNull(gone.getMessage()));
        } catch (NoRoomException noRoom) {
            return new Recount.NoRoom<>(Objects.requireNonNull(noRoom.getMessage()));
        }
    }

    /** Offsets of another topic of the same name would mean nothing. */
    private void makeSureItIsTheLog() {
        if (isTheLog) {
            return;
        }
        UsageLogReader.mustBeTheCounted(recorded.topicId(), log.clientSettings, log.topic);
        isTheLog = true;
    }
}
