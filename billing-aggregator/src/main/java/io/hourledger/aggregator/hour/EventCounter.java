package io.hourledger.aggregator.hour;

import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/** Adds an event that was decided to count to its buckets and the tallies. Belongs to one thread. */
final class EventCounter {

    private final BucketTable buckets;
    private final EventReader reader;
    private final PendingCheckpoint pending;
    private final RunningTallies tallies;
    private final AmendedTypes amended = new AmendedTypes();

    EventCounter(BucketTable buckets, EventReader reader, PendingCheckpoint pending, RunningTallies tallies) {
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
        long meter = BucketTable.meterIn(event.meter(), revision);
        buckets.count(owner, hour, meter, event.valueHigh(), event.valueLow(), micros, offset);
        if (!event.isAlone()) {
            addFurther(event, owner, hour, revision, micros, offset);
        }
        tallies.addCounted();
    }

    /** Apart from {@link #add}, so that what every event passes stays short. */
    private void addFurther(EventView event, int owner, long hour, int revision, long micros, long offset) {
        for (int i = 0; i < event.further(); i++) {
            long further = BucketTable.meterIn(event.furtherMeter(i), revision);
            buckets.countShared(owner, hour, further, event.furtherHigh(i), event.furtherLow(i), micros, offset);
        }
        if (!amended.isEmpty()) {
            markOthers(event, owner, hour, revision, micros, offset);
        }
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
