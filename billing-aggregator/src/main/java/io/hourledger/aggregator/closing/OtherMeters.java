package io.hourledger.aggregator.closing;

import static java.util.stream.Collectors.toSet;

import io.hourledger.aggregator.closing.ClosingStore.Fate;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Finds what is dropped when an instance is known. Each meter of an event type has a bucket of its events, and the product of the instance
 * names the one that counts. A type with one meter is never asked about.
 */
final class OtherMeters {

    private final HourLedger ledger;
    private final Supplier<CatalogueVersions> versions;

    OtherMeters(HourLedger ledger, Supplier<CatalogueVersions> versions) {
        this.ledger = ledger;
        this.versions = versions;
    }

    /** The buckets of another meter than the product's, which reads events of the same type. */
    Map<Bucket, Fate> droppedAmong(List<WaitingBucket> buckets) {
        CatalogueVersions catalogues = versions.get();
        List<Bucket> shared = buckets.stream()
                .map(WaitingBucket::bucket)
                .filter(bucket -> isShared(bucket, catalogues.of(bucket.hour())))
                .toList();
        if (shared.isEmpty()) {
            return Map.of();
        }
        Set<String> instances = shared.stream().map(Bucket::instance).collect(toSet());
        Map<String, String> meters = ledger.meters(instances);
        Map<Bucket, Fate> dropped = new HashMap<>();
        for (Bucket bucket : shared) {
            String counts = meters.get(bucket.instance());
            Catalogue catalogue = catalogues.of(bucket.hour());
            if (counts != null && !counts.equals(bucket.meter()) && readOneType(counts, bucket.meter(), catalogue)) {
                dropped.put(
                        bucket,
                        new Fate(
                                bucket,
                                State.DROPPED,
                                "its product bills by meter " + counts,
                                counts,
                                isFree(bucket.meter(), catalogue) ? State.DROPPED : State.REFUSED));
            }
        }
        return dropped;
    }

    private static boolean isShared(Bucket bucket, Catalogue catalogue) {
        return catalogue
                .meter(bucket.meter())
                .filter(meter -> catalogue.metersOfEventType(meter.eventType()).size() > 1)
                .isPresent();
    }

    /** A filter that no product bills by says that what it takes is free. All else that no bill has is for a person. */
    private static boolean isFree(String meter, Catalogue catalogue) {
        return !catalogue.meter(meter).orElseThrow().filter().isEmpty() && !catalogue.isSold(meter);
    }

    private static boolean readOneType(String one, String other, Catalogue catalogue) {
        return catalogue
                .meter(one)
                .map(Meter::eventType)
                .equals(catalogue.meter(other).map(Meter::eventType));
    }
}
