package io.hourledger.aggregator.hour;

import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;

/** Adds an event that was decided to count to its buckets and the tallies. Belongs to one thread. */
final class EventCounter {

    /** As a bucket has it. */
    private static final long ONE = BigInteger.TEN.pow(EventView.VALUE_SCALE).longValueExact();

    private static final long MICROS_OF_HOUR = UsageHour.LENGTH.toMillis() * 1000;

    private final BucketTable buckets;
    private final EventReader reader;
    private final PendingCheckpoint pending;
    private final RunningTallies tallies;
    private final UniqueValues uniqueValues;
    private final TimedValueTable timedValues = new TimedValueTable();
    private final AmendedTypes amended = new AmendedTypes();

    EventCounter(
            BucketTable buckets,
            EventReader reader,
            PendingCheckpoint pending,
            RunningTallies tallies,
            UniqueValues uniqueValues) {
        this.uniqueValues = uniqueValues;
        this.buckets = buckets;
        this.reader = reader;
        this.pending = pending;
        this.tallies = tallies;
    }

    /**
     * @param instance its place in the buckets, or {@link BucketTable#UNKNOWN}
     */
    void add(EventView event, int instance, long hour, int revision, long offset, long timestampMillis) {
        int owner = instance == BucketTable.UNKNOWN
                ? buckets.addInstance(event.bytes(), event.subjectOffset(), event.subjectLength())
                : instance;
        long micros = event.epochSecond() * 1_000_000 + event.nanos() / 1000;
        if (event.isAmendment()) {
            addAmendment(event.amendment(), new Place(owner, hour, revision, micros, offset), timestampMillis);
            return;
        }
        if (event.isAlone()) {
            long meter = BucketTable.meterIn(event.meter(), revision);
            buckets.count(owner, hour, meter, event.valueHigh(), event.valueLow(), micros, offset);
        } else {
            addReadings(event, new Place(owner, hour, revision, micros, offset));
        }
        tallies.addCounted();
    }

    /**
     * Where an event counts.
     *
     * @param hour its own
     * @param micros when it happened
     */
    private record Place(int owner, long hour, int revision, long micros, long offset) {

        /** The revision of a later hour that is running where the event lies: both have passed the same cutoffs. */
        int revisionOf(long later) {
            return Math.toIntExact(Math.max(0, hour + revision - later));
        }

        /** From when on it counts in its own or a later hour. */
        long microsIn(long ofBucket) {
            return ofBucket == hour ? micros : ofBucket * MICROS_OF_HOUR;
        }
    }

    /** Apart from {@link #add}, so that what nearly every event passes stays short. */
    private void addReadings(EventView event, Place place) {
        int first = event.meter();
        long meter = BucketTable.meterIn(first, place.revision);
        if (isHeldBeside(first)) {
            buckets.count(
                    place.owner, place.hour, meter, 0, besideBucket(event, first, place), place.micros, place.offset);
        } else {
            buckets.count(
                    place.owner, place.hour, meter, event.valueHigh(), event.valueLow(), place.micros, place.offset);
        }
        addReached(event, first, place);
        for (int i = 0; i < event.further(); i++) {
            int other = event.furtherMeter(i);
            long further = BucketTable.meterIn(other, place.revision);
            boolean isBeside = isHeldBeside(other);
            buckets.countShared(
                    place.owner,
                    place.hour,
                    further,
                    isBeside ? 0 : event.furtherHigh(i),
                    isBeside ? besideBucket(event, other, place) : event.furtherLow(i),
                    place.micros,
                    place.offset);
            addReached(event, other, place);
        }
        if (!amended.isEmpty()) {
            markOthers(event, place);
        }
    }

    private boolean isHeldBeside(int meter) {
        return reader.meters().isUnique(meter) || reader.meters().isTimed(meter);
    }

    /** Keeps what a meter reads beside its bucket. Answers what the bucket adds. */
    private long besideBucket(EventView event, int meter, Place place) {
        if (reader.meters().isUnique(meter)) {
            return uniqueValues.addIfNew(event, meter, place.hour, place.revision) ? ONE : 0;
        }
        addTimed(event, meter, place, place.hour);
        return 0;
    }

    private void addTimed(EventView event, int meter, Place place, long hour) {
        Meter timed = reader.meters().meter(meter);
        timedValues.add(
                OpenBucketName.of(event, timed.name(), hour, place.revisionOf(hour)),
                timed,
                event.valueFor(meter),
                place.micros);
    }

    /** A level counts in each later hour in which it may hold, too. The bucket of its own hour accounts for it. */
    private void addReached(EventView event, int meter, Place place) {
        if (reader.meters().weighsLevels(meter)) {
            markReached(meter, event.epochSecond(), place);
            long last = reader.meters().lastHourOf(meter, event.epochSecond());
            for (long hour = place.hour + 1; hour <= last; hour++) {
                addTimed(event, meter, place, hour);
            }
        }
    }

    /** Marks the buckets of the later hours in which a level may hold as having one more record. */
    private void markReached(int meter, long epochSecond, Place place) {
        long last = reader.meters().lastHourOf(meter, epochSecond);
        for (long hour = place.hour + 1; hour <= last; hour++) {
            long there = BucketTable.meterIn(reader.meters().sameIn(meter, hour), place.revisionOf(hour));
            buckets.countShared(place.owner, hour, there, 0, 0, place.microsIn(hour), place.offset);
        }
    }

    /** How many buckets one record may have. */
    int mostBucketsOfRecord() {
        return reader.meters().mostBucketsOfEvent();
    }

    /** Values that are kept by time and were counted since {@link #takeIncrements}. */
    int timedValuesHeld() {
        return timedValues.held();
    }

    /** What was counted since this was asked last. */
    List<BucketIncrement> takeIncrements() {
        return timedValues.takeInto(buckets.takeIncrements());
    }

    /** An amendment that came before the event may make it one that other meters read, so their buckets of this revision are marked. */
    private void markOthers(EventView event, Place place) {
        String type = reader.meters().meter(event.meter()).eventType();
        if (!amended.has(event, type)) {
            return;
        }
        UsageHour ofEvent = UsageHour.ofNumber(place.hour);
        for (Meter meter : reader.versions().of(ofEvent).metersOfEventType(type)) {
            int number = reader.meters().numberOf(meter.name(), ofEvent);
            if (!event.isReadBy(number)) {
                buckets.countShared(
                        place.owner,
                        place.hour,
                        BucketTable.meterIn(number, place.revision),
                        0,
                        0,
                        place.micros,
                        place.offset);
            }
        }
    }

    /** An event of this type was amended. Types that one meter reads need not be remembered. */
    void remember(UsageHour hour, String instance, String type) {
        if (reader.versions().of(hour).metersOfEventType(type).size() > 1) {
            amended.add(hour, instance, type);
        }
    }

    /** Hours before this one accept no more usage. */
    void forgetBefore(long hour) {
        amended.dropBefore(hour);
    }

    /**
     * Marks the buckets of all meters that may have read the event, or read it now, as having one more record. What they come to, the log says
     * when they close.
     */
    private void addAmendment(UsageAmendment amendment, Place place, long timestampMillis) {
        UsageHour hour = amendment.hour();
        boolean isFirst = true;
        for (Meter meter :
                reader.versions().of(hour).metersOfEventType(amendment.change().eventType())) {
            int number = reader.meters().numberOf(meter.name(), hour);
            long bucket = BucketTable.meterIn(number, place.revision);
            if (isFirst) {
                buckets.count(place.owner, place.hour, bucket, 0, 0, place.micros, place.offset);
                isFirst = false;
            } else {
                buckets.countShared(place.owner, place.hour, bucket, 0, 0, place.micros, place.offset);
            }
            markReached(number, amendment.time().getEpochSecond(), place);
        }
        remember(hour, amendment.subject(), amendment.change().eventType());
        pending.addAmendment(
                new CountedAmendment(amendment, place.offset, Instant.ofEpochMilli(timestampMillis), place.revision));
        tallies.addAmendment();
    }
}
