package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.closing.AmendedHours.Outcome;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.KafkaException;

/**
 * Counts an amended hour of a partition again, once for all of its instances that wait. All events of the hour are read, from where none
 * of it can lie before, and each is taken as its amendments make it. What was counted at first must come out again, down to the offsets and
 * the total as the events were sent, and so must each earlier revision as the ledger has it; else the bucket is held by name. An outage of the
 * log holds only what is amended, until it is asked for again.
 */
final class AmendedHourCount {

    private final AmendedHourRecount recount;
    private final int partition;
    private final Map<UsageHour, Map<String, Reading>> readings = new HashMap<>();
    private boolean isLogSilent;

    AmendedHourCount(AmendedHourRecount recount, int partition) {
        this.recount = recount;
        this.partition = partition;
    }

    /** What a reading says of one instance's hour. */
    private sealed interface Reading {

        record Read(RecountedHour again, boolean isSure, String begunTooLate) implements Reading {}

        /** It may be read another time. */
        record NotNow(String why) implements Reading {}

        record Never(String why) implements Reading {}
    }

    /**
     * What these buckets come to, as far as they are amended.
     *
     * @throws StoreUnavailableException if the database gives no answer now
     */
    Map<Bucket, Outcome> outcomes(Collection<Bucket> buckets) {
        Map<Bucket, Outcome> outcomes = new HashMap<>();
        recount.amendments.amendedAmong(partition, buckets, recount.rules).forEach((hour, amended) -> {
            NavigableMap<BucketKey, String> states = recount.amendments.statesOfAmended(partition, hour, recount.rules);
            for (Bucket bucket : amended) {
                outcomes.put(bucket, outcome(bucket, states));
            }
        });
        return outcomes;
    }

    private Outcome outcome(Bucket bucket, NavigableMap<BucketKey, String> states) {
        String known = recount.uncountable.get(bucket);
        if (known != null) {
            return new Outcome.Held(known);
        }
        BucketKey key = BucketKey.of(bucket);
        NavigableMap<BucketKey, String> earlier = states.subMap(key.ofFirstRevision(), true, key, false);
        for (Map.Entry<BucketKey, String> one : earlier.entrySet()) {
            if (one.getValue().equals("written-off") && isInLedger(bucket.hour(), one.getKey())) {
                continue; // entered in the moment in which it was written off
            }
            String revision = "revision " + one.getKey().revision() + " of this hour ";
            switch (one.getValue()) {
                case "refused", "written-off" -> {
                    return new Outcome.Refused(
                            revision + "was " + one.getValue().replace('-', ' ')
                                    + ", so what an amendment changes in the bill is not known");
                }
                case "blocked", "unmatched" -> {
                    return new Outcome.Held(revision + "is entered first");
                }
                default -> {
                    // the ledger has it
                }
            }
        }
        return switch (readings.computeIfAbsent(bucket.hour(), hour -> readings(hour, states))
                .get(bucket.instance())) {
            case Reading.Read read -> outcome(bucket, read, earlier.keySet());
            case Reading.NotNow(String why) -> new Outcome.Held(why);
            case Reading.Never(String why) -> never(bucket, why);
            case null -> new Outcome.Held("it is counted again when it is asked for next");
        };
    }

    private boolean isInLedger(UsageHour hour, BucketKey key) {
        return recount.ledger
                .of(new InstanceId(key.instance()), hour, key.revision())
                .filter(metered -> metered.countedBy().meter().equals(key.meter()))
                .isPresent();
    }

    private Outcome outcome(Bucket bucket, Reading.Read read, Set<BucketKey> earlier) {
        if (!read.isSure && bucket.revision() > 0) {
            return never(bucket, read.begunTooLate);
        }
        if (!isSame(bucket, read.again)) {
            return never(
                    bucket,
                    read.isSure
                            ? "its events up to revision " + bucket.revision()
                                    + " do not come out of the log as they were counted, so what was amended is not known"
                            : read.begunTooLate);
        }
        Meter meter = recount.rules.meter(bucket.meter(), bucket.hour()).orElseThrow();
        for (BucketKey before : earlier) {
            Optional<HourMetered> metered =
                    recount.ledger.of(new InstanceId(bucket.instance()), bucket.hour(), before.revision());
            Bucket again = read.again.buckets().get(before);
            Counted inLog = again == null ? null : read.again.counted(again, meter);
            Counted inLedger = metered.map(Counted::of).orElse(null);
            if (inLog == null || !inLog.equals(inLedger)) {
                return never(
                        bucket,
                        "revision " + before.revision()
                                + " of this hour does not come out of the log as it was metered: "
                                + Counted.sentence(inLog, inLedger));
            }
        }
        return new Outcome.Amount(Objects.requireNonNull(
                read.again.amended().get(BucketKey.of(bucket)), "an hour that came out again has its amendments"));
    }

    private Outcome never(Bucket bucket, String why) {
        recount.uncountable.put(bucket, why);
        return new Outcome.Held(why);
    }

    private static boolean isSame(Bucket bucket, RecountedHour again) {
        Bucket now = again.buckets().get(BucketKey.of(bucket));
        return now != null
                && again.amended().containsKey(BucketKey.of(bucket))
                && now.rawTotal().compareTo(bucket.rawTotal()) == 0
                && now.events().equals(bucket.events())
                && now.offsets().equals(bucket.offsets());
    }

    /** What the log says of the amended instances of an hour that wait. */
    private Map<String, Reading> readings(UsageHour hour, NavigableMap<BucketKey, String> states) {
        Set<String> waiting = states.entrySet().stream()
                .filter(one -> one.getValue().equals("blocked"))
                .map(one -> one.getKey().instance())
                .collect(toSet());
        Optional<String> gone = recount.recorded.closedForGood(partition, recount.rules.firstReaching(hour));
        if (gone.isPresent()) {
            return all(waiting, new Reading.Never(gone.get()));
        }
        if (isLogSilent) {
            return all(waiting, new Reading.NotNow("Kafka gave no answer when another hour was counted again"));
        }
        if (waiting.isEmpty()) {
            return Map.of(); // another owner has entered them meanwhile
        }
        RecordedCutoffs.OfPartition cutoffs = recount.recorded.of(partition);
        long to = states.keySet().stream()
                .filter(key -> waiting.contains(key.instance()))
                .flatMap(key -> cutoffs.reached(hour, key.revision()).stream())
                .mapToLong(cutoff -> cutoff.offset())
                .max()
                .orElseThrow(() -> new StoreUnavailableException("hour " + hour + " of partition " + partition
                        + " was over and now is not: the database may be another one"));
        Map<String, Reading> readings = new HashMap<>();
        read(hour, List.copyOf(waiting), cutoffs, to, readings);
        return readings;
    }

    private static Map<String, Reading> all(Set<String> instances, Reading reading) {
        Map<String, Reading> readings = new HashMap<>();
        instances.forEach(instance -> readings.put(instance, reading));
        return readings;
    }

    /** Instances for which there is no room together are read apart, until the one that needs too much is alone. */
    private void read(
            UsageHour hour,
            List<String> instances,
            RecordedCutoffs.OfPartition cutoffs,
            long to,
            Map<String, Reading> readings) {
        Recount<Reading> result = isLogSilent
                ? new Recount.Counted<>(new Reading.NotNow("Kafka gave no answer when its hour was counted again"))
                : answer(hour, instances, cutoffs, to);
        Reading reading =
                switch (result) {
                    case Recount.Counted<Reading>(Reading read) -> read;
                    case Recount.LogGone<Reading>(String why) -> new Reading.Never(why);
                    case Recount.Differs<Reading>(String why) -> new Reading.Never(why);
                    case Recount.NotOver<Reading>(String why) -> new Reading.NotNow(why);
                    case Recount.NoRoom<Reading>(String why) -> new Reading.Never(why);
                };
        if (result instanceof Recount.NoRoom && instances.size() > 1) {
            int half = instances.size() / 2;
            read(hour, instances.subList(0, half), cutoffs, to, readings);
            read(hour, instances.subList(half, instances.size()), cutoffs, to, readings);
        } else {
            instances.forEach(instance -> readings.put(instance, reading));
        }
    }

    private Recount<Reading> answer(
            UsageHour hour, List<String> instances, RecordedCutoffs.OfPartition cutoffs, long to) {
        Set<ByteBuffer> keys = instances.stream()
                .map(instance -> ByteBuffer.wrap(instance.getBytes(UTF_8)))
                .collect(toSet());
        try {
            return recount.log.read(usageLog -> {
                SafeStart start = SafeStart.of(
                        usageLog, partition, recount.rules.firstReaching(hour), cutoffs, recount.rules.counting());
                String tooLate = SafeStart.begunTooLate(partition, hour, usageLog.begin(partition));
                RecountRules.Stretch stretch =
                        new RecountRules.Stretch(partition, hour, keys, Math.min(start.offset(), to), to);
                return new Recount.Counted<>(
                        new Reading.Read(recount.rules.read(usageLog, cutoffs, stretch), start.isSure(), tooLate));
            });
        } catch (StoreUnavailableException | KafkaException noAnswer) {
            if (Thread.currentThread().isInterrupted()) {
                throw noAnswer;
            }
            isLogSilent = true;
            return new Recount.Counted<>(new Reading.NotNow(
                    "Kafka gave no answer when its hour was counted again: " + noAnswer.getMessage()));
        }
    }
}
