package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Holds what decided the first count, so that a second one decides the same. */
record RecountRules(CountingRules counting, Supplier<CatalogueVersions> catalogues, IdKey key) {

    CatalogueVersions versions() {
        return catalogues.get();
    }

    Catalogue catalogue(UsageHour hour) {
        return versions().of(hour);
    }

    /** The meter of this name in the version that rules an hour. */
    Optional<Meter> meter(String name, UsageHour hour) {
        return catalogue(hour).meter(name);
    }

    /** The first hour of which a level may count in this one; the hour itself if no meter weighs levels. */
    UsageHour firstReaching(UsageHour hour) {
        return StretchRecount.firstReaching(hour, new Meters(versions()));
    }

    /** From how many hours before this one a meter may read a level that holds there; 0 for all other kinds of meters. */
    int hoursBefore(String meter, UsageHour hour) {
        return meter(meter, hour)
                .map(Meter::terms)
                .map(terms -> terms instanceof TimeWeighted weighted ? weighted.hoursReached() : 0)
                .orElse(0);
    }

    /**
     * Counts one hour again, and a second time those of its instances that have amendments: these may lie behind the events that they correct.
     *
     * @param afterwards hears in the second reading, if there is one, of the events of amended instances
     */
    RecountedHour read(
            UsageRecords log,
            RecordedCutoffs.OfPartition cutoffs,
            Stretch stretch,
            StretchRecount.Listener listener,
            Function<HourAmendments, StretchRecount.Listener> afterwards) {
        StretchRecount first = recount(stretch.partition, stretch.hour, stretch.keys, listener);
        NavigableMap<BucketKey, Bucket> buckets = first.read(log, cutoffs, stretch.from, stretch.to);
        if (first.amendments().isEmpty()) {
            return new RecountedHour(buckets, Map.of());
        }
        AmendedAmounts amounts =
                new AmendedAmounts(first.amendments(), buckets, new Meters(versions()), new RoomForValues(counting));
        StretchRecount.Listener also = afterwards.apply(first.amendments());
        recount(stretch.partition, stretch.hour, first.amendments().keys(), (record, event, revision) -> {
                    amounts.counted(record, event, revision);
                    also.counted(record, event, revision);
                })
                .read(log, cutoffs, stretch.from, stretch.to);
        return new RecountedHour(buckets, amounts.changes());
    }

    /** As above, for who needs amounts alone. */
    RecountedHour read(UsageRecords log, RecordedCutoffs.OfPartition cutoffs, Stretch stretch) {
        return read(
                log, cutoffs, stretch, (record, event, revision) -> {}, amendments -> (record, event, revision) -> {});
    }

    /**
     * What is read for one hour.
     *
     * @param keys only records with these keys are looked at; null for all
     */
    record Stretch(int partition, UsageHour hour, @Nullable Set<ByteBuffer> keys, long from, long to) {}

    /**
     * One recount of one hour.
     *
     * @param keys only records with these keys are looked at; null for all
     */
    StretchRecount recount(
            int partition, UsageHour hour, @Nullable Set<ByteBuffer> keys, StretchRecount.Listener listener) {
        return new StretchRecount(partition, hour, counting, versions(), key, keys, listener);
    }
}
