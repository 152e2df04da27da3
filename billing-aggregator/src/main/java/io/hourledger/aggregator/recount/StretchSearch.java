package io.hourledger.aggregator.recount;

import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Recounts hours from ever further back until each comes to what the ledger has. */
final class StretchSearch {

    private final CountedLog log;
    private final RecountRules rules;
    private final int partition;
    private final UsageHour hour;
    private final RecordedCutoffs.OfPartition cutoffs;
    private final long cutoff;
    private final List<WantedHour> open;
    private final Map<WantedHour, Recount<Stretch>> outcomes = new HashMap<>();

    private StretchSearch(
            CountedLog log,
            RecountRules rules,
            RecordedCutoffs.OfPartition cutoffs,
            long cutoff,
            List<WantedHour> wanted) {
        this.log = log;
        this.rules = rules;
        this.cutoffs = cutoffs;
        this.cutoff = cutoff;
        this.open = new ArrayList<>(wanted);
        this.partition = partitionOf(wanted);
        this.hour = hourOf(wanted);
    }

    /** Where a count came to what the ledger has. */
    record Stretch(long from, long to, RecordedCutoffs.OfPartition cutoffs) {}

    /** All are the same hour of the same partition, in whatever revisions. */
    static Map<WantedHour, Recount<Stretch>> of(
            List<WantedHour> wanted, CountedLog log, RecountRules rules, RecordedCutoffs recorded) {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        int partition = partitionOf(wanted);
        UsageHour hour = hourOf(wanted);
        for (WantedHour one : wanted) {
            if (one.metered().log().partition() != partition
                    || !one.metered().hour().equals(hour.start())) {
                throw new IllegalArgumentException("one hour of one partition at a time: " + one.metered());
            }
        }
        RecordedCutoffs.OfPartition cutoffs = recorded.of(partition);
        Map<WantedHour, Recount<Stretch>> outcomes = new HashMap<>();
        List<WantedHour> over = new ArrayList<>();
        long cutoff = 0;
        for (WantedHour one : wanted) {
            Optional<Cutoff> end = cutoffs.reached(hour, one.metered().revision());
            if (end.isPresent()) {
                over.add(one);
                cutoff = Math.max(cutoff, end.get().offset());
            } else {
                outcomes.put(one, notOver(one, partition));
            }
        }
        if (!over.isEmpty()) {
            outcomes.putAll(new StretchSearch(log, rules, cutoffs, cutoff, over).run());
        }
        return outcomes;
    }

    private static int partitionOf(List<WantedHour> wanted) {
        return wanted.getFirst().metered().log().partition();
    }

    private static UsageHour hourOf(List<WantedHour> wanted) {
        return new UsageHour(wanted.getFirst().metered().hour());
    }

    private static Recount<Stretch> notOver(WantedHour one, int partition) {
        int revision = one.metered().revision();
        return new Recount.NotOver<>((revision == 0 ? "" : "revision " + revision + " of ") + "hour "
                + new UsageHour(one.metered().hour()) + " of partition " + partition + " is not over yet");
    }

    private Map<WantedHour, Recount<Stretch>> run() {
        Recount<Integer> read = log.read(usageLog -> {
            long first = countStretches(usageLog);
            return open.isEmpty() ? new Recount.Counted<>(0) : countFromFurtherBack(usageLog, first);
        });
        switch (read) {
            case Recount.Counted<Integer> _ -> {
                // each has its outcome
            }
            // what disagreed so far may be right: nobody can say any more
            case Recount.LogGone<Integer> _,
                    Recount.NotOver<Integer> _,
                    Recount.Differs<Integer> _,
                    Recount.NoRoom<Integer> _ ->
                open.forEach(one -> outcomes.put(one, read.map(never -> new Stretch(0, 0, cutoffs))));
        }
        return outcomes;
    }

    private Recount<Integer> countFromFurtherBack(UsageLogReader usageLog, long first) {
        SafeStart start = SafeStart.of(usageLog, partition, rules.firstReaching(hour), cutoffs, rules.counting());
        // what agrees by chance is not enough for who needs earlier revisions: the start must be sure
        Predicate<WantedHour> answerable = start.isSure() ? one -> true : one -> !one.needsEarlierRevisions();
        count(usageLog, Math.min(start.offset(), first), cutoff, answerable);
        if (open.stream().anyMatch(answerable)) {
            count(usageLog, usageLog.begin(partition), cutoff, answerable);
        }
        return start.isSure()
                ? new Recount.Counted<>(open.size())
                : new Recount.LogGone<>(SafeStart.begunTooLate(partition, hour, usageLog.begin(partition)));
    }

    /** Where one's stretch has gone, the others' may not have. Where the stretches begin that are read. */
    private long countStretches(UsageLogReader usageLog) {
        Predicate<WantedHour> byItself = one -> !one.needsEarlierRevisions();
        while (true) {
            long begin = usageLog.begin(partition);
            settleGone(begin);
            if (open.stream().noneMatch(byItself)) {
                return Long.MAX_VALUE;
            }
            long first = open.stream()
                    .filter(byItself)
                    .mapToLong(one -> one.metered().log().firstOffset())
                    .min()
                    .orElseThrow();
            long last = open.stream()
                    .filter(byItself)
                    .mapToLong(one -> one.metered().log().lastOffset())
                    .max()
                    .orElseThrow();
            try {
                count(usageLog, first, Math.min(last + 1, cutoff), byItself);
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

    private void count(UsageLogReader usageLog, long from, long to, Predicate<WantedHour> which) {
        List<WantedHour> counted = open.stream().filter(which).toList();
        Map<BucketKey, List<WantedHour>> byFirstRevision = new HashMap<>();
        RoomForValues room = new RoomForValues(rules.counting());
        counted.forEach(one -> {
            one.startAnew(room);
            byFirstRevision
                    .computeIfAbsent(one.bucketKey().ofFirstRevision(), key -> new ArrayList<>())
                    .add(one);
        });
        Set<ByteBuffer> keys = counted.stream().map(WantedHour::key).collect(toSet());
        Meters meters = new Meters(rules.versions());
        RecountedHour again = rules.read(
                usageLog,
                cutoffs,
                new RecountRules.Stretch(partition, hour, keys, from, to),
                (record, event, revision) -> {
                    String instance = StretchRecount.instanceOf(record);
                    for (int meter : event.meters()) {
                        String name = meters.meter(meter).name();
                        if (meters.numberReaching(name, event.epochSecond(), hour) == meter) {
                            wanted(byFirstRevision, instance, name)
                                    .forEach(one -> one.take(event, event.valueFor(meter), revision));
                        }
                    }
                },
                amendments -> amended(counted, amendments, meters, room));
        for (WantedHour one : counted) {
            Optional<String> mismatch = one.mismatch(again);
            if (mismatch.isPresent()) {
                outcomes.put(one, new Recount.Differs<>(mismatch.get()));
            } else {
                outcomes.put(one, new Recount.Counted<>(new Stretch(from, to, cutoffs)));
                open.remove(one);
            }
        }
    }

    private static List<WantedHour> wanted(
            Map<BucketKey, List<WantedHour>> byFirstRevision, String instance, String meter) {
        return byFirstRevision.getOrDefault(new BucketKey(instance, meter, 0), List.of());
    }

    /** Takes the events of amended instances anew. */
    private StretchRecount.Listener amended(
            List<WantedHour> counted, HourAmendments amendments, Meters meters, RoomForValues room) {
        Map<String, List<WantedHour>> byInstance = new HashMap<>();
        for (WantedHour one : counted) {
            String instance = one.metered().instanceId();
            if (amendments.areOf(instance)) {
                one.startAnew(room);
                byInstance
                        .computeIfAbsent(instance, wanted -> new ArrayList<>())
                        .add(one);
            }
        }
        return (record, event, revision) -> byInstance
                .getOrDefault(StretchRecount.instanceOf(record), List.of())
                .forEach(one -> {
                    int number = meters.numberReaching(one.bucketKey().meter(), event.epochSecond(), hour);
                    if (number >= 0) {
                        one.takeAmended(event, amendments, number, revision);
                    }
                });
    }
}
