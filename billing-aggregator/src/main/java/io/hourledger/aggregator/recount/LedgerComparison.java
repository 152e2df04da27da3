package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.recount.HourComparison.Difference;
import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.statement.MeteredHours;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Compares one recounted hour of a partition, in all its revisions, with the ledger, while the ledger's hours go by. */
final class LedgerComparison {

    private final RecountedHour recounted;
    private final NavigableMap<BucketKey, Bucket> inLog;
    private final Catalogue catalogue;
    private final MeteredHours ledger;
    private final TreeMap<BucketKey, Difference> differences = new TreeMap<>();
    private long equal;
    private long notEntered;
    private long differing;

    LedgerComparison(RecountedHour recounted, Catalogue catalogue, MeteredHours ledger) {
        this.recounted = recounted;
        this.inLog = new TreeMap<>(recounted.buckets());
        this.catalogue = catalogue;
        this.ledger = ledger;
    }

    void take(HourMetered metered) {
        BucketKey bucketKey = BucketKey.of(metered);
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
            if (apart.dropped().contains(bucketKey)) {
                return;
            }
            if (apart.notYet().contains(bucketKey)) {
                notEntered++;
                return;
            }
            Optional<HourMetered> since = apart.later().contains(bucketKey)
                    ? ledger.of(new InstanceId(bucketKey.instance()), bucket.hour(), bucketKey.revision())
                    : Optional.empty();
            since.filter(metered -> metered.countedBy().meter().equals(bucketKey.meter()))
                    .ifPresentOrElse(
                            metered -> compare(bucketKey, bucket, metered),
                            () -> differs(bucketKey, counted(bucket), null, 0));
        });
    }

    private void differs(BucketKey bucketKey, @Nullable Counted log, @Nullable Counted inLedger, int version) {
        differing++;
        differences.put(
                bucketKey,
                new Difference(bucketKey.instance(), bucketKey.meter(), bucketKey.revision(), log, inLedger, version));
        if (differences.size() > HourComparison.MOST_DIFFERENCES) {
            differences.pollLastEntry();
        }
    }

    private Counted counted(Bucket bucket) {
        Meter meter = catalogue.meter(bucket.meter()).orElseThrow();
        return recounted.counted(bucket, meter);
    }

    /** What was found, in the stretch that was read. */
    HourComparison result(int partition, UsageHour hour, long from, long cutoff) {
        return new HourComparison(
                partition, hour, from, cutoff, equal, notEntered, differing, List.copyOf(differences.values()));
    }
}
