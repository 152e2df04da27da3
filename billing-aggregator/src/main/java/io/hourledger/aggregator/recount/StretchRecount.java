package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.scan.Meters;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One reading of a stretch of a partition for one hour, decided by {@link PartitionState} itself under the recorded cutoffs. It begins to
 * count with nothing, so the stretch must begin early enough. Where levels are weighed, those of earlier hours may hold in the hour.
 */
final class StretchRecount {

    private static final int RECORDS_BETWEEN_DRAINS = 100_000;
    private static final int ROOM = 1;

    private final UsageHour hour;
    private final int partition;
    private final EventReader reader;
    private final PartitionState counter;
    private final @Nullable Set<ByteBuffer> keys;
    private final Listener listener;
    private final NavigableMap<BucketKey, Bucket> buckets = new TreeMap<>();
    private final HourAmendments amendments;
    private final int mostBuckets;
    private long applied;

    /** Hears of every event that counts in the hour, and of every repeat of one: of the hour's own, and of levels that may hold there. */
    interface Listener {

        /**
         * @param revision of the hour, in which it counts
         */
        void counted(LogRecord record, EventView event, int revision);

        default void repeated(LogRecord record, EventView event) {}

        /** Hears of an amendment of an event that may count in the hour. */
        default void amended(LogRecord record, UsageAmendment amendment, int revision) {}
    }

    /**
     * @param keys only records with these keys are looked at; null for all. No decision on an event rests on events of other instances
     */
    StretchRecount(
            int partition,
            UsageHour hour,
            CountingRules rules,
            CatalogueVersions versions,
            IdKey key,
            @Nullable Set<ByteBuffer> keys,
            Listener listener) {
        this.partition = partition;
        this.hour = hour;
        this.mostBuckets = rules.mostBuckets();
        this.reader = EventReader.of(versions);
        this.amendments = new HourAmendments(hour, reader.meters());
        this.counter = new PartitionState(partition, rules, reader, key);
        this.counter.keepIdsOf(firstReaching(hour, reader.meters()), hour);
        this.keys = keys;
        this.listener = listener;
        counter.loading().position(0, 0, Tallies.NONE, Long.MIN_VALUE, 0);
    }

    /** The hour's buckets, in all their revisions, from what lies in {@code [from, to)}. */
    NavigableMap<BucketKey, Bucket> read(UsageRecords log, RecordedCutoffs.OfPartition cutoffs, long from, long to) {
        cutoffs.between(from, to).forEach(counter.loading()::cutoff);
        for (RecordedCutoffs.Part part : cutoffs.notSkipped(from, to)) {
            log.read(partition, part.from(), part.to(), record -> {
                if (!cutoffs.forbidden().contains(record.offset())) {
                    take(record);
                }
            });
        }
        drain();
        return buckets;
    }

    /** The amendments that {@link #read} has met. */
    HourAmendments amendments() {
        return amendments;
    }

    /** Whose event it is: what counts has its subject as key. */
    static String instanceOf(LogRecord record) {
        return UTF_8.decode(Objects.requireNonNull(record.key(), "what counts has a key")
                        .duplicate())
                .toString();
    }

    private void take(LogRecord record) {
        if (keys != null && (record.key() == null || !keys.contains(record.key()))) {
            return;
        }
        if (++applied % RECORDS_BETWEEN_DRAINS == 0 || counter.hasMuchNews() || !counter.hasRoomForBuckets(ROOM)) {
            drain();
        }
        if (!counter.hasRoomFor(ROOM) || buckets.size() > mostBuckets) {
            throw new NoRoomException("recounting hour " + hour + " of partition " + partition + " needs more than "
                    + counter.idsHeld()
                    + " ids or " + buckets.size()
                    + " buckets in memory: give it more heap, or raise hourledger.aggregator.max-ids and max-buckets");
        }
        Tallies before = counter.tallies();
        counter.apply(record.offset(), record.timestampMillis(), record.key(), record.value());
        Tallies after = counter.tallies();
        if (after.counted() > before.counted() && countsInHour(reader.view())) {
            listener.counted(record, reader.view(), counter.revisionOf(hour));
        } else if (after.amendments() > before.amendments()
                && mayCountInHour(reader.view().amendment())) {
            int revision = counter.revisionOf(hour);
            amendments.add(reader.view().amendment(), revision);
            listener.amended(record, reader.view().amendment(), revision);
        } else if (after.duplicates() > before.duplicates()
                && !reader.view().isAmendment()
                && countsInHour(reader.view())) {
            listener.repeated(record, reader.view());
        }
    }

    /** The first hour of which a level may hold in this one; the hour itself if no meter weighs levels. */
    static UsageHour firstReaching(UsageHour hour, Meters meters) {
        return UsageHour.ofNumber(hour.number() - meters.hoursReached());
    }

    private boolean countsInHour(EventView event) {
        long own = event.hour();
        if (own == hour.number() || own > hour.number() || event.isFilteredOut()) {
            return own == hour.number();
        }
        for (int meter : event.meters()) {
            if (reader.meters().lastHourOf(meter, event.epochSecond()) >= hour.number()) {
                return true;
            }
        }
        return false;
    }

    private boolean mayCountInHour(UsageAmendment amendment) {
        return reader
                .versions()
                .of(amendment.hour())
                .metersOfEventType(amendment.change().eventType())
                .stream()
                .anyMatch(meter -> reader.meters()
                                .numberReaching(meter.name(), amendment.time().getEpochSecond(), hour)
                        >= 0);
    }

    /** Takes out what is known by now, and lets the counter forget what the count of before could forget. */
    private void drain() {
        // of other hours, whose ids have left memory: whether they count or repeat does not matter to this one
        long[] unknown = new long[counter.undecided().size()];
        Arrays.fill(unknown, CheckpointStore.UNKNOWN_ID);
        counter.decide(unknown);
        for (BucketIncrement increment : counter.takeCheckpoint().increments()) {
            if (increment.bucket().hour().equals(hour)) {
                buckets.merge(
                        BucketKey.of(increment.bucket()),
                        increment.bucket(),
                        (before, more) -> increment.addedTo(before));
            }
        }
        counter.forget(Long.MAX_VALUE);
    }
}
