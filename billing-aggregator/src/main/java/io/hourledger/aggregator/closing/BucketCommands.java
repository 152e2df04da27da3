package io.hourledger.aggregator.closing;

import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.RevisionAmount;
import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Makes the commands that enter buckets in the ledger. */
final class BucketCommands implements BatchEntry.Commands {

    private final ClosingStore store;
    private final Catalogue catalogue;

    BucketCommands(ClosingStore store, Catalogue catalogue) {
        this.store = store;
        this.catalogue = catalogue;
    }

    /**
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if the store gives no answer
     */
    @Override
    public List<MeterHour> of(int partition, List<WaitingBucket> buckets) {
        List<Bucket> revisions = buckets.stream()
                .map(WaitingBucket::bucket)
                .filter(bucket ->
                        bucket.revision() > 0 && !meterOf(bucket).aggregation().adds())
                .toList();
        Map<Bucket, List<Bucket>> earlier =
                revisions.isEmpty() ? Map.of() : store.earlierRevisions(partition, revisions);
        return buckets.stream()
                .map(row -> command(
                        partition, row.bucket(), earlier.getOrDefault(row.bucket(), List.of()), row.recordedAt()))
                .toList();
    }

    private MeterHour command(int partition, Bucket bucket, List<Bucket> earlier, Instant closedAt) {
        return new MeterHour(
                new InstanceId(bucket.instance()),
                bucket.hour(),
                bucket.revision(),
                new CountedBy(bucket.meter(), catalogue.version()),
                RevisionAmount.of(meterOf(bucket), bucket, earlier),
                bucket.events(),
                new LogPosition(partition, bucket.firstOffset(), bucket.lastOffset()),
                closedAt);
    }

    private Meter meterOf(Bucket bucket) {
        return catalogue
                .meter(bucket.meter())
                .orElseThrow(() -> new IllegalStateException(
                        "the catalogue has no meter " + bucket.meter() + ", but hour " + bucket.hour()
                                + " was counted with it; a meter may leave only when its hours are closed"));
    }
}
