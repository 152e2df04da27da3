package io.hourledger.aggregator.recount;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.LevelModel;
import io.hourledger.aggregator.LevelModel.Level;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CountedAmendment;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Holds the recount of an hour with amendments against a plain model, for every kind of meter. */
@Tag("fast")
@net.jqwik.api.Tag("fast")
class AmendedHourPropertyTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final UsageHour HOUR = new UsageHour(TEN);
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
    private static final CountingRules RULES =
            new CountingRules(1, Duration.ofDays(2), 48, Duration.ofHours(2), 2, 1_000_000, 1_000_000);
    private static final RecountRules COUNTED =
            new RecountRules(RULES, () -> Usage.VERSIONS, IdKey.fromHex(Usage.ID_KEY));

    /** One record: an event, or what corrects one. */
    private record Entry(String id, String event, @Nullable BigDecimal value, boolean corrects, String json) {

        String content() {
            return event + " " + value + " " + corrects;
        }
    }

    /** One that counted, in its revision. */
    private record Accepted(Entry entry, int revision) {}

    private static Instant timeOf(Meter meter, String event) {
        // of levels the first is of the hour before, and holds in ten o'clock unless another follows it
        if (meter.aggregation() == Aggregation.TIME_WEIGHTED_SUM && event.equals("e-0")) {
            return TEN.minusSeconds(700);
        }
        // two of the events are of one moment, and two others of other five minutes
        return TEN.plusSeconds(200 * (event.equals("e-3") ? 2 : event.charAt(2) - '0'));
    }

    private static String json(Meter meter, String event, String value) {
        return meter.valueField() == null
                ? Usage.request("i", event, timeOf(meter, event))
                : Usage.reading(meter, "i", event, timeOf(meter, event), value);
    }

    private static Entry entry(Meter meter, Random random) {
        String event = "e-" + random.nextInt(4);
        String value = String.valueOf(1 + random.nextInt(9));
        BigDecimal counts = meter.valueField() == null ? BigDecimal.ONE : new BigDecimal(value);
        // an id that is used in two hours is another matter
        String id = (UsageHour.of(timeOf(meter, event)).equals(HOUR) ? "a-" : "b-") + random.nextInt(6);
        return switch (random.nextInt(4)) {
            case 0 ->
                new Entry(
                        id,
                        event,
                        counts,
                        true,
                        Usage.amended("i", id, timeOf(meter, event), json(meter, event, value)));
            case 1 ->
                new Entry(id, event, null, true, Usage.voided("i", id, timeOf(meter, event), event, meter.eventType()));
            default -> new Entry(event, event, counts, false, json(meter, event, value));
        };
    }

    @Property(tries = 2000)
    void each_revision_comes_to_what_its_events_are_by_then(@ForAll long seed) {
        Random random = new Random(seed);
        Meter meter = METERS.get(random.nextInt(METERS.size()));
        List<Entry> log = new ArrayList<>();
        int length = 1 + random.nextInt(25);
        for (int i = 0; i < length; i++) {
            log.add(entry(meter, random));
        }
        List<Integer> ends =
                random.ints(random.nextInt(4), 0, length + 1).sorted().boxed().toList();

        assertThat(recounted(meter, log, ends)).isEqualTo(modelled(meter, log, ends));
    }

    @Test
    void an_amendment_with_another_type_or_time_than_the_event_leaves_the_event_as_it_is() {
        Instant later = timeOf(Usage.EGRESS, "e-1").plusSeconds(5);
        List<Entry> log = List.of(
                new Entry("e-1", "e-1", null, false, json(Usage.EGRESS, "e-1", "9000000")),
                new Entry(
                        "a-1",
                        "e-1",
                        null,
                        true,
                        Usage.amended("i", "a-1", later, Usage.egress("i", "e-1", later, "3000000"))),
                new Entry(
                        "a-2",
                        "e-1",
                        null,
                        true,
                        Usage.voided("i", "a-2", timeOf(Usage.EGRESS, "e-1"), "e-1", Usage.REQUESTS.eventType())));

        assertThat(recounted(Usage.EGRESS, log, List.of())).isEqualTo(Map.of(0, new BigDecimal("9")));
    }

    @Test
    void what_was_skipped_is_not_asked_of_the_log() {
        List<String> read = new ArrayList<>();
        UsageRecords records = (partition, from, to, taker) -> read.add(from + " to " + to);

        COUNTED.read(
                records,
                new RecordedCutoffs.OfPartition(
                        List.of(),
                        List.of(
                                new RecordedCutoffs.Skipped(70, 80),
                                new RecordedCutoffs.Skipped(20, 30),
                                new RecordedCutoffs.Skipped(0, 10)),
                        ForbiddenOffsets.NONE),
                new RecountRules.Stretch(0, HOUR, null, 5, 75));

        assertThat(read).containsExactly("10 to 20", "30 to 70");
    }

    /** A crash loses what no checkpoint has kept; who goes on reads it again. */
    @Property(tries = 1000)
    void what_checkpoints_keep_comes_out_of_the_log_again_whatever_crashes(@ForAll long seed) {
        Random random = new Random(seed);
        Meter meter = METERS.get(random.nextInt(METERS.size()));
        List<Entry> log = new ArrayList<>();
        int length = 1 + random.nextInt(25);
        for (int i = 0; i < length; i++) {
            log.add(entry(meter, random));
        }
        List<Integer> ends =
                random.ints(random.nextInt(4), 0, length + 1).sorted().boxed().toList();
        Kept kept = new Kept(cutoffs(ends));

        PartitionState state = kept.load();
        while (state.nextOffset() < length) {
            Entry entry = log.get((int) state.nextOffset());
            state.apply(state.nextOffset(), TEN.toEpochMilli(), bytes("i"), bytes(entry.json));
            switch (random.nextInt(4)) {
                case 0 -> kept.keep(state.takeCheckpoint());
                case 1 -> state = kept.load();
                default -> {
                    // it goes on
                }
            }
        }
        kept.keep(state.takeCheckpoint());

        assertThat(kept.buckets).isEqualTo(read(log, ends).buckets());
        assertThat(kept.tallies.unexplained()).isZero();
        assertThat(kept.tallies.amendments()).isEqualTo(kept.amendments.size());
        assertThat(kept.amendments)
                .extracting(counted -> counted.amendment().id())
                .doesNotHaveDuplicates();
    }

    /** What checkpoints have kept of a log. */
    private static final class Kept {
        private final List<Cutoff> cutoffs;
        private final List<NewIds> ids = new ArrayList<>();
        private final Map<BucketKey, Bucket> buckets = new TreeMap<>();
        private final List<CountedAmendment> amendments = new ArrayList<>();
        private Tallies tallies = Tallies.NONE;
        private long number;
        private long nextOffset;

        Kept(List<Cutoff> cutoffs) {
            this.cutoffs = cutoffs;
        }

        PartitionState load() {
            PartitionState state = new PartitionState(0, RULES, EventReader.of(Usage.VERSIONS), COUNTED.key());
            CheckpointStore.Loading loading = state.loading();
            loading.position(number, nextOffset, tallies, Long.MIN_VALUE, 0);
            cutoffs.forEach(loading::cutoff);
            ids.forEach(some -> loading.ids(some.hour(), some.ids()));
            buckets.values().stream()
                    .filter(bucket -> loading.uniqueCounts().contains(bucket.meter()))
                    .forEach(bucket -> loading.uniqueValues(
                            bucket.hour(), bucket.revision(), bucket.instance(), bucket.meter(), bucket.rawTotal()));
            amendments.stream()
                    .map(CountedAmendment::amendment)
                    .forEach(one -> loading.amended(
                            one.hour(), one.subject(), one.change().eventType()));
            return state;
        }

        void keep(Checkpoint checkpoint) {
            number = checkpoint.number();
            nextOffset = checkpoint.nextOffset();
            tallies = checkpoint.tallies();
            ids.addAll(checkpoint.newIds());
            amendments.addAll(checkpoint.corrections().amendments());
            checkpoint.increments().stream()
                    .filter(increment -> increment.bucket().hour().equals(HOUR))
                    .forEach(increment -> buckets.merge(
                            BucketKey.of(increment.bucket()),
                            increment.bucket(),
                            (before, more) -> increment.addedTo(before)));
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(Usage.bytes(text));
    }

    private static List<Cutoff> cutoffs(List<Integer> ends) {
        List<Cutoff> cutoffs = new ArrayList<>();
        for (int end : ends) {
            UsageHour hour = UsageHour.ofNumber(HOUR.number() + cutoffs.size());
            cutoffs.add(new Cutoff(hour, end, hour.end(), UsageHour.ofNumber(HOUR.number() - 1)));
        }
        return cutoffs;
    }

    private static RecountedHour read(List<Entry> log, List<Integer> ends) {
        UsageRecords records = (partition, from, to, taker) -> {
            for (int offset = (int) from; offset < to; offset++) {
                taker.take(new LogRecord(0, offset, TEN.toEpochMilli(), bytes("i"), bytes(log.get(offset).json)));
            }
        };
        List<RecordedCutoffs.Row> rows = cutoffs(ends).stream()
                .map(cutoff -> new RecordedCutoffs.Row(cutoff, true, true))
                .toList();
        return COUNTED.read(
                records,
                new RecordedCutoffs.OfPartition(rows, List.of(), ForbiddenOffsets.NONE),
                new RecountRules.Stretch(0, HOUR, null, 0, log.size()));
    }

    private static Map<Integer, BigDecimal> recounted(Meter meter, List<Entry> log, List<Integer> ends) {
        RecountedHour again = read(log, ends);
        Map<Integer, BigDecimal> amounts = new TreeMap<>();
        again.buckets().forEach((key, bucket) -> {
            if (key.meter().equals(meter.name())) {
                amounts.put(key.revision(), plain(again.counted(bucket, meter).amount()));
            }
        });
        return amounts;
    }

    private static Map<Integer, BigDecimal> modelled(Meter meter, List<Entry> log, List<Integer> ends) {
        Map<String, String> known = new HashMap<>();
        List<Accepted> accepted = new ArrayList<>();
        for (int offset = 0; offset < log.size(); offset++) {
            int at = offset;
            Entry entry = log.get(offset);
            if (known.putIfAbsent(entry.id, entry.content()) == null) {
                accepted.add(new Accepted(
                        entry, (int) ends.stream().filter(end -> end <= at).count()));
            }
        }
        Map<Integer, BigDecimal> amounts = new TreeMap<>();
        BigDecimal before = BigDecimal.ZERO;
        for (int revision : accepted.stream().map(Accepted::revision).distinct().toList()) {
            BigDecimal now = value(meter, accepted, revision);
            amounts.put(revision, plain(meter.inUnits(now.subtract(before))));
            before = now;
        }
        return amounts;
    }

    private static BigDecimal value(Meter meter, List<Accepted> accepted, int revision) {
        List<Standing> standing = new ArrayList<>();
        for (Accepted one : accepted) {
            BigDecimal own = one.entry.corrects || one.revision > revision ? null : asAmended(one, accepted, revision);
            if (own != null) {
                standing.add(new Standing(timeOf(meter, one.entry.event), own));
            }
        }
        return standing.isEmpty() ? BigDecimal.ZERO : value(meter.aggregation(), meter, standing);
    }

    /** An event as it stands, in the order of the log. */
    private record Standing(Instant time, BigDecimal value) {}

    private static BigDecimal value(Aggregation aggregation, Meter meter, List<Standing> standing) {
        List<BigDecimal> values = standing.stream().map(Standing::value).toList();
        return switch (aggregation) {
            case COUNT, SUM -> values.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
            case MIN -> values.stream().min(Comparator.naturalOrder()).orElseThrow();
            case MAX -> values.stream().max(Comparator.naturalOrder()).orElseThrow();
            case LATEST -> {
                Standing latest = standing.getFirst();
                for (Standing one : standing) {
                    latest = one.time.isBefore(latest.time) ? latest : one;
                }
                yield latest.value;
            }
            case UNIQUE -> new BigDecimal(Set.copyOf(values).size());
            case PERCENTILE -> {
                Percentile terms = (Percentile) meter.terms();
                List<BigDecimal> ascending = standing.stream()
                        .collect(Collectors.groupingBy(
                                one -> Duration.between(TEN, one.time).toMinutes() / 5))
                        .values()
                        .stream()
                        .map(some -> value(terms.fiveMinutes(), meter, some))
                        .sorted()
                        .toList();
                // there are at most two five minutes, of which the smaller is the median and the larger the 95th
                // percentile
                boolean isMedian = terms.percentile().compareTo(new BigDecimal(50)) == 0;
                yield isMedian ? ascending.getFirst() : ascending.getLast();
            }
            case TIME_WEIGHTED_SUM ->
                LevelModel.hour(
                        (TimeWeighted) meter.terms(),
                        HOUR,
                        standing.stream()
                                .map(one -> new Level(one.time, one.value))
                                .toList());
        };
    }

    private static @Nullable BigDecimal asAmended(Accepted event, List<Accepted> accepted, int revision) {
        BigDecimal value = event.entry.value;
        for (Accepted one : accepted) {
            if (one.entry.corrects && one.revision <= revision && one.entry.event.equals(event.entry.event)) {
                value = one.entry.value;
            }
        }
        return value;
    }

    private static BigDecimal plain(BigDecimal amount) {
        BigDecimal stripped = amount.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
}
