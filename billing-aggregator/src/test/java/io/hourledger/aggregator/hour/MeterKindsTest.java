package io.hourledger.aggregator.hour;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.LevelModel;
import io.hourledger.aggregator.LevelModel.Level;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.MeterTerms.Unique;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;

/** Each kind of meter, in any order of the events, with repeats and crashes, comes to what its definition says in plain words. */
@Tag("fast")
@net.jqwik.api.Tag("fast")
class MeterKindsTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final List<Meter> METERS = List.of(
            Usage.EGRESS,
            Usage.REQUESTS,
            Usage.PEAK,
            Usage.FLOOR,
            Usage.SIZE,
            Usage.ACCOUNTS,
            Usage.BANDWIDTH,
            Usage.MEDIAN_LEVEL,
            Usage.DISK_HOURS);

    /** An event; one with the same number is the same event. */
    record Event(int number, Meter meter, Instant time, String value) {

        ByteBuffer bytes() {
            String event = meter.valueField() == null
                    ? Usage.request("i", "e-" + number, time)
                    : Usage.reading(meter, "i", "e-" + number, time, value);
            return ByteBuffer.wrap(Usage.bytes(event));
        }

        BigDecimal counts() {
            return meter.valueField() == null ? BigDecimal.ONE : new BigDecimal(value);
        }
    }

    /** Few moments and few values, so that some are equal, and values as large and as small as there are. */
    @Provide
    Arbitrary<List<Event>> events() {
        Arbitrary<Meter> meters = Arbitraries.of(METERS);
        Arbitrary<Instant> times = Arbitraries.integers()
                .between(0, 11)
                .map(number -> TEN.plus(Duration.ofMinutes(5L * (number / 3))).plusNanos(1000L * (number % 3)));
        Arbitrary<String> values =
                Arbitraries.of("0", "0.000000000001", "7", "18446744.073709551616", "999999999999999999.999999999999");
        return Combinators.combine(meters, times, values)
                .as((meter, time, value) -> new Event(0, meter, time, value))
                .list()
                .ofMaxSize(30)
                .map(MeterKindsTest::numbered);
    }

    private static List<Event> numbered(List<Event> events) {
        List<Event> numbered = new ArrayList<>();
        events.forEach(one -> numbered.add(new Event(numbered.size(), one.meter, one.time, one.value)));
        return numbered;
    }

    @Property(tries = 300)
    void each_kind_comes_to_its_definition_in_any_order_with_repeats_and_crashes(
            @ForAll("events") List<Event> events, @ForAll long seed) {
        Random random = new Random(seed);
        List<Event> log = new ArrayList<>(events);
        events.stream().filter(event -> random.nextInt(3) == 0).forEach(log::add);
        Collections.shuffle(log, random);

        Store store = new Store();
        PartitionState state = store.load();
        while (state.nextOffset() < log.size()) {
            Event event = log.get((int) state.nextOffset());
            state.apply(state.nextOffset(), TEN.toEpochMilli(), ByteBuffer.wrap(Usage.bytes("i")), event.bytes());
            switch (random.nextInt(4)) {
                case 0 -> store.keep(state.takeCheckpoint());
                case 1 -> state = store.load();
                default -> {
                    // it goes on
                }
            }
        }
        store.keep(state.takeCheckpoint());

        assertThat(store.amounts()).isEqualTo(byDefinition(log));
    }

    private static Map<String, BigDecimal> byDefinition(List<Event> log) {
        Map<Meter, List<Event>> counted = new HashMap<>();
        Set<Integer> seen = new HashSet<>();
        log.stream().filter(event -> seen.add(event.number)).forEach(event -> counted.computeIfAbsent(
                        event.meter, meter -> new ArrayList<>())
                .add(event));
        Map<String, BigDecimal> amounts = new TreeMap<>();
        counted.forEach((meter, events) -> hoursOf(meter, events)
                .forEach(hour -> amounts.put(name(meter.name(), hour), byDefinition(meter, hour, events))));
        return amounts;
    }

    private static String name(String meter, UsageHour hour) {
        return meter + " of " + hour;
    }

    /** All events are of ten o'clock. Levels hold in the hours behind it, too. */
    private static List<UsageHour> hoursOf(Meter meter, List<Event> events) {
        UsageHour ten = new UsageHour(TEN);
        if (!(meter.terms() instanceof TimeWeighted(Duration holdFor))) {
            return List.of(ten);
        }
        Instant last =
                events.stream().map(Event::time).max(Comparator.naturalOrder()).orElseThrow();
        UsageHour through = UsageHour.of(LevelModel.begin(last).plus(holdFor).minusNanos(1));
        return LongStream.rangeClosed(ten.number(), through.number())
                .mapToObj(UsageHour::ofNumber)
                .toList();
    }

    /**
     * @param events in the order of the log
     */
    private static BigDecimal byDefinition(Meter meter, UsageHour hour, List<Event> events) {
        List<BigDecimal> values = events.stream().map(Event::counts).toList();
        BigDecimal amount =
                switch (meter.aggregation()) {
                    case COUNT -> new BigDecimal(events.size());
                    case SUM -> values.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
                    case MIN -> values.stream().min(Comparator.naturalOrder()).orElseThrow();
                    case MAX -> values.stream().max(Comparator.naturalOrder()).orElseThrow();
                    case LATEST -> latest(events);
                    // what has one value more than the bound is quarantined
                    case UNIQUE ->
                        new BigDecimal(Math.min(
                                ((Unique) meter.terms()).mostValues(),
                                values.stream().distinct().count()));
                    case PERCENTILE -> percentile((Percentile) meter.terms(), events);
                    case TIME_WEIGHTED_SUM ->
                        LevelModel.hour(
                                (TimeWeighted) meter.terms(),
                                hour,
                                events.stream()
                                        .map(event -> new Level(event.time, event.counts()))
                                        .toList());
                };
        return plain(amount);
    }

    private static BigDecimal percentile(Percentile terms, List<Event> events) {
        Map<Long, List<Event>> byFiveMinutes = events.stream()
                .collect(Collectors.groupingBy(
                        event -> Duration.between(TEN, event.time).toMinutes() / 5));
        List<BigDecimal> ascending = byFiveMinutes.values().stream()
                .map(some -> terms.fiveMinutes() == Aggregation.SUM
                        ? some.stream().map(Event::counts).reduce(BigDecimal.ZERO, BigDecimal::add)
                        : latest(some))
                .sorted()
                .toList();
        int rank = 1;
        while (new BigDecimal(100 * rank).compareTo(terms.percentile().multiply(new BigDecimal(ascending.size())))
                < 0) {
            rank++;
        }
        return ascending.get(rank - 1);
    }

    private static BigDecimal latest(List<Event> events) {
        return events.stream()
                .max(Comparator.comparing(Event::time).thenComparing(events::indexOf))
                .orElseThrow()
                .counts();
    }

    private static BigDecimal plain(BigDecimal amount) {
        return amount.setScale(16);
    }

    /** Keeps checkpoints as PostgreSQL does: it adds to each bucket what was counted since. */
    private static final class Store {
        private long checkpoint;
        private long nextOffset;
        private Tallies tallies = Tallies.NONE;
        private final Map<String, Bucket> buckets = new TreeMap<>();
        private final List<NewIds> ids = new ArrayList<>();

        PartitionState load() {
            CountingRules rules = new CountingRules(
                    1, Duration.ofHours(72), 3, Duration.ofMinutes(70), 2, Long.MAX_VALUE, Integer.MAX_VALUE);
            PartitionState state =
                    new PartitionState(0, rules, EventReader.of(Usage.VERSIONS), IdKey.fromHex(Usage.ID_KEY));
            CheckpointStore.Loading loading = state.loading();
            loading.position(checkpoint, nextOffset, tallies, Long.MIN_VALUE, tallies.counted());
            ids.forEach(some -> loading.ids(some.hour(), some.ids()));
            buckets.values().stream()
                    .filter(bucket -> loading.uniqueCounts().contains(bucket.meter()))
                    .forEach(bucket -> loading.uniqueValues(
                            bucket.hour(), bucket.revision(), bucket.instance(), bucket.meter(), bucket.rawTotal()));
            return state;
        }

        void keep(Checkpoint kept) {
            checkpoint = kept.number();
            nextOffset = kept.nextOffset();
            tallies = kept.tallies();
            kept.increments()
                    .forEach(increment -> buckets.merge(
                            name(increment.bucket().meter(), increment.bucket().hour()),
                            increment.bucket(),
                            (stored, more) -> increment.addedTo(stored)));
            ids.addAll(kept.newIds());
        }

        Map<String, BigDecimal> amounts() {
            Map<String, BigDecimal> amounts = new TreeMap<>();
            buckets.forEach((name, bucket) -> amounts.put(name, plain(bucket.rawTotal())));
            return amounts;
        }
    }
}
