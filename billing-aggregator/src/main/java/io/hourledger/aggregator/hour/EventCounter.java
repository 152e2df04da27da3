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

    private final BucketTable buckets;
    private final EventReader reader;
    private final PendingCheckpoint pending;
    private final RunningTallies tallies;
    private final UniqueValues uniqueValues;
    private final FiveMinuteTable fiveMinutes = new FiveMinuteTable();
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
            addAmendment(event.amendment(), owner, revision, micros, offset, timestampMillis);
            return;
        }
        if (event.isAlone()) {
            long meter = BucketTable.meterIn(event.meter(), revision);
            buckets.count(owner, hour, meter, event.valueHigh(), event.valueLow(), micros, offset);
        } else {
            addReadings(event, owner, hour, revision, micros, offset);
        }
        tallies.addCounted();
    }

    /** Apart from {@link #add}, so that what nearly every event passes stays short. */
    private void addReadings(EventView event, int owner, long hour, int revision, long micros, long offset) {
        int first = event.meter();
        long meter = BucketTable.meterIn(first, revision);
        if (isHeldBeside(first)) {
            buckets.count(owner, hour, meter, 0, besideBucket(event, first, hour, revision, micros), micros, offset);
        } else {
            buckets.count(owner, hour, meter, event.valueHigh(), event.valueLow(), micros, offset);
        }
        for (int i = 0; i < event.further(); i++) {
            int other = event.furtherMeter(i);
            long further = BucketTable.meterIn(other, revision);
            if (isHeldBeside(other)) {
                long low = besideBucket(event, other, hour, revision, micros);
                buckets.countShared(owner, hour, further, 0, low, micros, offset);
            } else {
                buckets.countShared(owner, hour, further, event.furtherHigh(i), event.furtherLow(i), micros, offset);
            }
        }
        if (!amended.isEmpty()) {
            markOthers(event, owner, hour, revision, micros, offset);
        }
    }

    private boolean isHeldBeside(int meter) {
        return reader.meters().isUnique(meter) || reader.meters().isPercentile(meter);
    }

    /** Keeps what a meter reads beside its bucket. Answers what the bucket adds. */
    private long besideBucket(EventView event, int meter, long hour, int revision, long micros) {
        if (reader.meters().isUnique(meter)) {
            return uniqueValues.addIfNew(event, meter, hour, revision) ? ONE : 0;
        }
        Meter percentile = reader.meters().meter(meter);
        fiveMinutes.add(
                OpenBucketName.of(event, percentile.name(), hour, revision), percentile, event.valueFor(meter), micros);
        return 0;
    }

    /** How many buckets one record may have. */
    int mostBucketsOfRecord() {
        return reader.meters().mostOfOneType();
    }

    /** Five-minute values of percentiles that were counted since {@link #takeIncrements}. */
    int fiveMinutesHeld() {
        return fiveMinutes.held();
    }

    /** What was counted since this was asked last. */
    List<BucketIncrement> takeIncrements() {
        return fiveMinutes.takeInto(buckets.takeIncrements());
    }

    /** An amendment that came before the event may make it one that other meters read, so their buckets of this revision are marked. */
    private void markOthers(EventView event, int owner, long hour, int revision, long micros, long offset) {
        String type = reader.meters().meter(event.meter()).eventType();
        if (!amended.has(event, type)) {
            return;
        }
        UsageHour ofEvent = UsageHour.ofNumber(hour);
        for (Meter meter : reader.versions().of(ofEvent).metersOfEventType(type)) {
            int number = reader.meters().numberOf(meter.name(), ofEvent);
            if (!event.isReadBy(number)) {
                buckets.countShared(owner, hour, BucketTable.meterIn(number, revision), 0, 0, micros, offset);
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
    private void addAmendment(
            UsageAmendment amendment, int owner, int revision, long micros, long offset, long timestampMillis) {
        UsageHour hour = amendment.hour();
        boolean isFirst = true;
        for (Meter meter :
                reader.versions().of(hour).metersOfEventType(amendment.change().eventType())) {
            long bucket = BucketTable.meterIn(reader.meters().numberOf(meter.name(), hour), revision);
            if (isFirst) {
                buckets.count(owner, hour.number(), bucket, 0, 0, micros, offset);
                isFirst = false;
            } else {
                buckets.countShared(owner, hour.number(), bucket, 0, 0, micros, offset);
            }
        }
        remember(hour, amendment.subject(), amendment.change().eventType());
        pending.addAmendment(new CountedAmendment(amendment, offset, Instant.ofEpochMilli(timestampMillis), revision));
        tallies.addAmendment();
    }
}
