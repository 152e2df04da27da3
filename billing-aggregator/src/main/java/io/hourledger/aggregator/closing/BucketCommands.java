package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.RevisionAmount;
import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Makes the commands that enter buckets in the ledger. */
final class BucketCommands implements BatchEntry.Commands {

    private final ClosingStore store;
    private final Supplier<CatalogueVersions> versions;
    private final Map<Bucket, BigDecimal> amended;
    private final Clock clock;

    /**
     * @param versions asked after the buckets were read, so that those of their hours are among them
     * @param amended what amended buckets come to
     * @param clock business time
     */
    BucketCommands(
            ClosingStore store, Supplier<CatalogueVersions> versions, Map<Bucket, BigDecimal> amended, Clock clock) {
        this.store = store;
        this.versions = versions;
        this.amended = amended;
        this.clock = clock;
    }

    /**
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if the store gives no answer
     */
    @Override
    public List<MeterHour> of(int partition, List<WaitingBucket> buckets) {
        CatalogueVersions catalogues = versions.get();
        List<Bucket> revisions = buckets.stream()
                .map(WaitingBucket::bucket)
                .filter(bucket -> bucket.revision() > 0
                        && !amended.containsKey(bucket)
                        && !meterOf(bucket, catalogues).aggregation().addsByRevision())
                .toList();
        Map<Bucket, List<Bucket>> earlier =
                revisions.isEmpty() ? Map.of() : store.earlierRevisions(partition, revisions);
        return buckets.stream()
                .map(row -> command(partition, row, amountOf(row.bucket(), earlier, catalogues), catalogues))
                .toList();
    }

    private BigDecimal amountOf(Bucket bucket, Map<Bucket, List<Bucket>> earlier, CatalogueVersions catalogues) {
        BigDecimal ofAmended = amended.get(bucket);
        return ofAmended == null
                ? RevisionAmount.of(meterOf(bucket, catalogues), bucket, earlier.getOrDefault(bucket, List.of()))
                : ofAmended;
    }

    private MeterHour command(int partition, WaitingBucket row, BigDecimal amount, CatalogueVersions catalogues) {
        Bucket bucket = row.bucket();
        return new MeterHour(
                new InstanceId(bucket.instance()),
                bucket.hour(),
                bucket.revision(),
                new CountedBy(bucket.meter(), catalogues.of(bucket.hour()).version()),
                amount,
                bucket.events(),
                new LogPosition(partition, bucket.firstOffset(), bucket.lastOffset()),
                new MeterHour.Times(row.recordedAt(), clock.instant()));
    }

    private static Meter meterOf(Bucket bucket, CatalogueVersions catalogues) {
        return catalogues
                .of(bucket.hour())
                .meter(bucket.meter())
                .orElseThrow(() -> new IllegalStateException("the version of the catalogue that rules hour "
                        + bucket.hour() + " has no meter " + bucket.meter() + ", but the hour was counted with it"));
    }
}
