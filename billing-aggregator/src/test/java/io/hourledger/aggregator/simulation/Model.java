package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.LevelModel;
import io.hourledger.aggregator.LevelModel.Level;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.simulation.LogRecord.Said;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.MeterTerms.Unique;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What must have come out of one partition's log up to an offset, given the cutoffs: written as plainly as it can be said. */
final class Model {

    static final Duration ACCEPTED_AGE = Duration.ofHours(30);
    static final Duration ACCEPTED_AHEAD = Duration.ofMinutes(70);
    static final int HOURS_IN_MEMORY = 2;

    /** An amount, and how many events made it. */
    record Amount(BigDecimal total, long events, long firstOffset, long lastOffset) {

        static Amount of(Meter meter, UsageHour hour, List<Counts> events) {
            return new Amount(
                    valueOf(meter, hour, events), events.size(), events.getFirst().offset, events.getLast().offset);
        }

        Amount with(BigDecimal another) {
            return new Amount(another, events, firstOffset, lastOffset);
        }
    }

    /** An event that counts, where it lies in the log. */
    private record Counts(long offset, Instant time, BigDecimal value) {}

    /** What a meter makes of events, by the plain words of its definition. */
    private static BigDecimal valueOf(Meter meter, UsageHour hour, List<Counts> events) {
        Stream<BigDecimal> values = events.stream().map(Counts::value);
        return switch (meter.aggregation()) {
            case COUNT -> new BigDecimal(events.size()).setScale(2);
            case SUM -> values.reduce(BigDecimal.ZERO.setScale(2), BigDecimal::add);
            case MIN -> values.min(Comparator.naturalOrder()).orElse(BigDecimal.ZERO);
            case MAX -> values.max(Comparator.naturalOrder()).orElse(BigDecimal.ZERO);
            case LATEST ->
                events.stream()
                        .max(Comparator.comparing(Counts::time).thenComparing(Counts::offset))
                        .map(Counts::value)
                        .orElse(BigDecimal.ZERO);
            case UNIQUE -> new BigDecimal(values.distinct().count()).setScale(2);
            case PERCENTILE -> percentileOf((Percentile) meter.terms(), hour, events);
            case TIME_WEIGHTED_SUM ->
                shown(LevelModel.hour(
                        (TimeWeighted) meter.terms(),
                        hour,
                        events.stream()
                                .map(event -> new Level(event.time, event.value))
                                .toList()));
        };
    }

    /** In the one form in which amounts are compared: with two decimals, or as many more as it needs. */
    static BigDecimal shown(BigDecimal amount) {
        BigDecimal stripped = amount.stripTrailingZeros();
        return stripped.scale() < 2 ? stripped.setScale(2) : stripped;
    }

    private static BigDecimal percentileOf(Percentile terms, UsageHour hour, List<Counts> events) {
        Map<Instant, List<Counts>> byFiveMinutes = events.stream()
                .collect(Collectors.groupingBy(event ->
                        Instant.ofEpochSecond(event.time.getEpochSecond() - event.time.getEpochSecond() % 300)));
        Meter ofFiveMinutes = new Meter("m", "t", terms.fiveMinutes(), "v", "u", BigDecimal.ONE);
        List<BigDecimal> ascending = byFiveMinutes.values().stream()
                .map(some -> valueOf(ofFiveMinutes, hour, some))
                .sorted()
                .toList();
        int rank = 0;
        while (rank < ascending.size()
                && terms.percentile().multiply(new BigDecimal(ascending.size())).compareTo(new BigDecimal(100 * rank))
                        > 0) {
            rank++;
        }
        return rank == 0 ? BigDecimal.ZERO : ascending.get(rank - 1);
    }

    private record Counted(UsageHour hour, String content) {}

    private final List<LogRecord> records;
    private int read;
    private final Map<String, List<Counted>> counted = new HashMap<>();
    final Map<BucketName, Amount> buckets = new HashMap<>();
    private final Map<BucketName, List<Counts>> events = new HashMap<>();
    final Map<Long, QuarantineReason> quarantined = new TreeMap<>();

    /** The offsets of what counted in a later revision. */
    final Set<Long> lateUsage = new HashSet<>();

    private long consumed;
    private long countedEvents;
    private long duplicates;
    private long filteredOut;

    Model(List<LogRecord> records) {
        this.records = records;
    }

    /** By what a bucket of the partition is known. */
    record BucketName(UsageHour hour, int revision, String instance, String meter) {}

    void advanceTo(long nextOffset, List<Cutoff> cutoffs) {
        while (read < records.size() && records.get(read).offset() < nextOffset) {
            assess(records.get(read++), cutoffs);
        }
    }

    private void assess(LogRecord record, List<Cutoff> cutoffs) {
        consumed++;
        Said says = record.says();
        if (says == null || !SimulatedCatalogue.knows(says)) {
            quarantined.put(record.offset(), QuarantineReason.MALFORMED);
            return;
        }
        if (record.misplaced()) {
            quarantined.put(record.offset(), QuarantineReason.WRONG_PARTITION);
            return;
        }
        if (record.wrongKey()) {
            quarantined.put(record.offset(), QuarantineReason.KEY_MISMATCH);
            return;
        }
        if (Duration.between(record.appendedAt(), says.time()).compareTo(ACCEPTED_AHEAD) > 0) {
            quarantined.put(record.offset(), QuarantineReason.TOO_FAR_AHEAD);
            return;
        }
        UsageHour hour = UsageHour.of(says.time());
        UsageHour lastOver = null;
        boolean accepts = false;
        for (Cutoff cutoff : cutoffs) {
            if (cutoff.offset() <= record.offset()) {
                lastOver = cutoff.hour();
                accepts = hour.compareTo(cutoff.acceptsFrom()) >= 0;
            }
        }
        boolean tooOld = Duration.between(says.time(), record.appendedAt()).compareTo(ACCEPTED_AGE) > 0;
        boolean late = lastOver != null && hour.compareTo(lastOver) <= 0;
        List<Meter> reading = SimulatedCatalogue.reading(says);
        String content = contentOf(says, reading);
        List<Counted> sameName = counted.computeIfAbsent(says.name(), name -> new ArrayList<>());
        for (Counted before : sameName) {
            boolean visible = before.hour.equals(hour)
                    || lastOver == null
                    || before.hour.number() > lastOver.number() - HOURS_IN_MEMORY;
            if (visible) {
                if (before.content.equals(content)) {
                    duplicates++;
                } else {
                    quarantined.put(record.offset(), QuarantineReason.CONFLICT);
                }
                return;
            }
        }
        if (reading.isEmpty()) {
            filteredOut++;
            return;
        }
        if (tooOld || (late && !accepts)) {
            quarantined.put(record.offset(), tooOld ? QuarantineReason.TOO_OLD : QuarantineReason.LATE);
            return;
        }
        int revision = late ? (int) (lastOver.number() + 1 - hour.number()) : 0;
        if (!reading.stream().allMatch(meter -> hasRoom(hour, revision, says, meter))) {
            quarantined.put(record.offset(), QuarantineReason.TOO_MANY_VALUES);
            return;
        }
        sameName.add(new Counted(hour, content));
        countedEvents++;
        if (late) {
            lateUsage.add(record.offset());
        }
        for (Meter meter : reading) {
            UsageHour last = SimulatedCatalogue.lastHour(meter, says);
            for (UsageHour reached = hour; reached.compareTo(last) <= 0; reached = reached.next()) {
                boolean isOver = lastOver != null && reached.compareTo(lastOver) <= 0;
                int running = isOver ? (int) (lastOver.number() + 1 - reached.number()) : 0;
                count(new BucketName(reached, running, says.instance(), meter.name()), meter, record.offset(), says);
            }
        }
    }

    private void count(BucketName bucket, Meter meter, long offset, Said says) {
        List<Counts> inBucket = events.computeIfAbsent(bucket, name -> new ArrayList<>());
        inBucket.add(new Counts(offset, says.time(), says.value()));
        buckets.put(bucket, Amount.of(meter, bucket.hour, inBucket).with(ownValue(bucket, meter, inBucket)));
    }

    /** What a bucket has by itself: of a unique count what no earlier revision has. */
    private BigDecimal ownValue(BucketName bucket, Meter meter, List<Counts> inBucket) {
        return meter.aggregation() == Aggregation.UNIQUE
                ? valueThrough(bucket.hour, bucket.revision, bucket.instance, meter)
                        .subtract(valueThrough(bucket.hour, bucket.revision - 1, bucket.instance, meter))
                : valueOf(meter, bucket.hour, inBucket);
    }

    /** Whether a unique count takes the value of an event: it has it already, or not as many new ones as it may. */
    private boolean hasRoom(UsageHour hour, int revision, Said says, Meter meter) {
        if (!(meter.terms() instanceof Unique(int mostValues))) {
            return true;
        }
        boolean isKnown = through(hour, revision, says.instance(), meter.name())
                .anyMatch(event -> event.value.equals(says.value()));
        BucketName bucket = new BucketName(hour, revision, says.instance(), meter.name());
        return isKnown || ownValue(bucket, meter, List.of()).compareTo(new BigDecimal(mostValues)) < 0;
    }

    private Stream<Counts> through(UsageHour hour, int revision, String instance, String meter) {
        return IntStream.rangeClosed(0, revision)
                .mapToObj(one -> events.getOrDefault(new BucketName(hour, one, instance, meter), List.of()))
                .flatMap(List::stream);
    }

    private BigDecimal valueThrough(UsageHour hour, int revision, String instance, Meter meter) {
        return valueOf(
                meter, hour, through(hour, revision, instance, meter.name()).toList());
    }

    /** How many values unique counts have, each of which has an id of its own. */
    long uniqueValues() {
        return buckets.entrySet().stream()
                .filter(one -> one.getKey().meter.equals(Usage.ACCOUNTS.name()))
                .mapToLong(one -> one.getValue().total.longValueExact())
                .sum();
    }

    /** Its type and time, which meters read it, and what they read. */
    private static String contentOf(Said says, List<Meter> reading) {
        StringBuilder content = new StringBuilder(SimulatedCatalogue.typeOf(says.meter()) + "|" + says.time());
        for (Meter meter : reading) {
            content.append('|').append(meter.name());
            if (meter.aggregation() != Aggregation.COUNT) {
                content.append('=').append(says.value().stripTrailingZeros().toPlainString());
            }
        }
        return content.toString();
    }

    /** What an instance's hour comes to, in the meter's unit, with all revisions up to this one. */
    BigDecimal through(UsageHour hour, int revision, String instance, Meter meter) {
        return meter.inUnits(valueThrough(hour, revision, instance, meter));
    }

    Tallies tallies() {
        return new Tallies(consumed, countedEvents, duplicates, quarantined.size(), filteredOut);
    }
}
