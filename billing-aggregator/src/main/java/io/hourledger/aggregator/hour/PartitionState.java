package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.hour.EventRules.Refusal;
import io.hourledger.aggregator.hour.LateEvent.Standing;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.ids.IdTable;
import io.hourledger.contracts.scan.EventReader;
import io.hourledger.contracts.scan.EventView;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the records of one partition. What it answers depends on nothing but the records in their order, the recorded cutoffs and the
 * catalogue; so whoever reads the log again from a checkpoint decides the same. Belongs to one thread; does no I/O.
 *
 * <p>It decides and applies. {@link EventRules} judge a record alone, {@link PartitionCutoffs} say which hours are over, {@link KnownIds}
 * what was counted, {@link BucketTable} adds up, and {@link PendingCheckpoint} collects what is written next.
 */
public final class PartitionState {

    private static final long SECONDS_OF_HOUR = UsageHour.LENGTH.toSeconds();
    private final int partition;
    private final CountingRules rules;
    private final EventRules eventRules;
    private final EventReader reader;
    private final EventIdentifier identifier;
    private final EventIdentity identity;
    private final BucketTable buckets;
    private final KnownIds ids = new KnownIds();
    private final PartitionCutoffs cutoffs;
    private final MemoryBound bound;
    private final PendingCheckpoint pending = new PendingCheckpoint();
    private final UndecidedEvents undecided = new UndecidedEvents();
    private final LookAhead lookAhead;
    private final LateEventRules lateEventRules;
    private final RunningTallies tallies = new RunningTallies();
    private final UniqueValues uniqueValues;
    private final EventCounter events;
    private long nextOffset;
    private long bucketsClearedAt = CutoffTable.NO_HOUR;

    public PartitionState(int partition, CountingRules rules, EventReader reader, IdKey key) {
        this.partition = partition;
        this.rules = rules;
        this.reader = reader;
        this.identifier = new EventIdentifier(reader.meters(), key);
        this.identity = identifier.identity();
        this.buckets = new BucketTable(reader.meters());
        this.uniqueValues = new UniqueValues(reader.meters(), identifier, ids, pending);
        this.events = new EventCounter(buckets, reader, pending, tallies, uniqueValues);
        this.bound = new MemoryBound(rules, ids, buckets, uniqueValues, events);
        this.cutoffs = new PartitionCutoffs(rules.hoursInMemory(), rules.acceptedLateHours());
        this.eventRules = new EventRules(partition, rules, reader, cutoffs);
        this.lateEventRules = new LateEventRules(eventRules, cutoffs, ids, identity);
        this.lookAhead = new LookAhead(eventRules, reader, identifier, ids, uniqueValues, cutoffs);
    }

    /** Takes what is kept, before anything is applied. */
    public CheckpointStore.Loading loading() {
        return new StateLoader(this, ids, cutoffs, pending, events, uniqueValues);
    }

    void beginAt(long offset, Tallies tallies) {
        nextOffset = offset;
        this.tallies.beginWith(tallies);
    }

    /** Whether the ids of so many more records fit; if not, the partition must not be read on until there is room again. */
    public boolean hasRoomFor(int records) {
        return bound.hasRoomForIds(records + undecided.size());
    }

    /** Whether the buckets of so many more records fit; if not, a checkpoint makes room. */
    public boolean hasRoomForBuckets(int records) {
        return bound.hasRoomForBuckets(records + undecided.size());
    }

    /** Whether the ids of so many more records do not fit, and would if it were loaded again with room for {@link #mostIdsLoaded}. */
    public boolean canLeaveIdsOnDiskFor(int records) {
        return bound.canLeaveIdsOnDiskFor(records + undecided.size());
    }

    /** How many ids to load when they have filled their memory. */
    public long mostIdsLoaded() {
        return bound.mostIdsLoaded();
    }

    public long mostIds() {
        return rules.mostIds();
    }

    LookAhead lookAhead() {
        return lookAhead;
    }

    /** Counts one record, or says why not. The bytes are not kept, but copied if needed. */
    public void apply(long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        pass(offset);
        Refusal refusal = decide(offset, timestampMillis, key, value);
        if (refusal != null) {
            quarantine(refusal.of(offset, timestampMillis, RecordBytes.copyOf(key), RecordBytes.copyOf(value)));
        }
    }

    /** Goes on behind one record, whatever becomes of it. */
    void pass(long offset) {
        if (offset < nextOffset) {
            throw new IllegalStateException(
                    "offset " + offset + " of partition " + partition + " comes after " + nextOffset);
        }
        cutoffs.passThrough(offset);
        tallies.addConsumed();
        nextOffset = offset + 1;
    }

    private @Nullable Refusal decide(
            long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        Refusal unread = eventRules.read(timestampMillis, value);
        if (unread != null) {
            return unread;
        }
        EventView event = reader.view();
        int instance = buckets.instance(event.bytes(), event.subjectOffset(), event.subjectLength());
        long aheadMillis = event.epochSecond() * 1000 + event.nanos() / 1_000_000 - timestampMillis;
        Refusal refusal = eventRules.refuse(event, key, instance != BucketTable.UNKNOWN, aheadMillis);
        if (refusal != null) {
            return refusal;
        }
        long hour = hourOf(event);
        identifier.identify(event);
        identifier.addContent(event);
        boolean tooOld = eventRules.isTooOld(aheadMillis);
        long known = ids.find(identity, hour, cutoffs.memoryBeginsAfter() + 1);
        if (tooOld || cutoffs.isLate(hour)) {
            Standing standing = lateEventRules.standingOf(event, known, tooOld);
            return decideLate(event, instance, standing, offset, timestampMillis, key, value);
        }
        if (known == IdTable.ABSENT && event.isFilteredOut()) {
            tallies.addFilteredOut();
            return null;
        }
        if (known == IdTable.ABSENT) {
            return count(event, instance, 0, offset, timestampMillis);
        }
        if ((int) known == identity.content()) {
            tallies.addDuplicate();
            return null;
        }
        return EventRules.CONFLICT;
    }

    private @Nullable Refusal count(EventView event, int instance, int revision, long offset, long timestampMillis) {
        long hour = hourOf(event);
        if (!event.isAlone() && !uniqueValues.hasRoomFor(event, identity, hour, revision)) {
            return EventRules.TOO_MANY_VALUES;
        }
        ids.add(identity, hour);
        pending.addId(identity, hour);
        events.add(event, instance, hour, revision, offset, timestampMillis);
        return null;
    }

    /**
     * Only the store knows whether it is a repeat if the ids of its hour have left memory. Those of one hour are all in memory or all with the
     * store, so the answer does not depend on which.
     */
    private @Nullable Refusal decideLate(
            EventView event,
            int instance,
            Standing standing,
            long offset,
            long timestampMillis,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value) {
        long hour = hourOf(event);
        if (ids.areSealedOnly(hour)) {
            WantedId id = new WantedId(UsageHour.ofNumber(hour), identity.high(), identity.low());
            undecided.add(
                    LateEvent.of(id, identity.content(), standing, offset, timestampMillis, key, value),
                    uniqueValues.wanted(event, hour));
            return null;
        }
        return switch (standing) {
            case Standing.Accepted(int revision) -> {
                Refusal refusal = count(event, instance, revision, offset, timestampMillis);
                if (refusal == null) {
                    pending.addLateEvent();
                }
                yield refusal;
            }
            case Standing.Refused(Refusal refusal) -> refusal;
            case Standing.Repeated() -> {
                tallies.addDuplicate();
                yield null;
            }
            case Standing.FilteredOut() -> {
                tallies.addFilteredOut();
                yield null;
            }
        };
    }

    /** The store holds its id from the next checkpoint on; memory holds none of its hour. */
    private boolean countDecided(LateEvent late, int revision) {
        WantedId id = late.id();
        reader.read(late.value(), 0, late.value().length);
        EventView event = reader.view();
        if (!uniqueValues.hasRoomFor(event, identity, id.hour().number(), revision)) {
            quarantine(late.quarantined(EventRules.TOO_MANY_VALUES));
            return false;
        }
        int instance = buckets.instance(event.bytes(), event.subjectOffset(), event.subjectLength());
        pending.addLateEvent();
        pending.addId(id.high(), id.low(), late.content(), id.hour().number());
        events.add(event, instance, id.hour().number(), revision, late.offset(), late.timestampMillis());
        return true;
    }

    void quarantine(QuarantinedRecord event) {
        tallies.addQuarantined();
        pending.addQuarantined(event);
    }

    /** As {@link EventView#hour()}, and the time ahead as there: written out here, where every event passes and a call was seen to cost. */
    private static long hourOf(EventView event) {
        return Math.floorDiv(event.epochSecond(), SECONDS_OF_HOUR);
    }

    /** Whoever counts hours again, without a store, needs all of their ids in memory. */
    public void keepIdsOf(UsageHour first, UsageHour last) {
        ids.keep(first.number(), last.number());
    }

    /** Goes on to this offset over what is no record: markers of transactions, records that were compacted away. */
    public void skipTo(long offset) {
        nextOffset = Math.max(nextOffset, offset);
    }

    /** The offset of the last cutoff; zero if there is none. */
    public long lastCutoff() {
        return cutoffs.lastOffset();
    }

    /** The last hour that has a cutoff, or {@link Long#MIN_VALUE}. */
    public long lastCutoffHour() {
        return cutoffs.lastHour();
    }

    /** The last hour whose cutoff has been reached, or {@link Long#MIN_VALUE}. */
    public long lateThrough() {
        return cutoffs.lateThrough();
    }

    /** The revision of this hour that is running at the offset of the record that was applied last. */
    public int revisionOf(UsageHour hour) {
        return cutoffs.revisionOf(hour.number());
    }

    /**
     * Ends an hour, and all before it that have not ended, here or at the log's end as it was seen after the hour was due, whichever comes
     * later: what was counted already belongs to it, and what lay in the log by then does too.
     */
    public void endHour(UsageHour hour, long logEnd, Instant now) {
        end(cutoffs.ending(hour, Math.max(logEnd, nextOffset), now));
    }

    /**
     * Ends an hour where it was ended before the store went back, if it has not ended there already.
     *
     * @throws PartitionHaltedException if it has ended elsewhere, or if events were counted that lie behind its end
     */
    public void endHourAsBefore(Cutoff cutoff) {
        if (cutoffs.isNewOfBefore(cutoff, nextOffset)) {
            end(cutoff);
        }
    }

    private void end(Cutoff cutoff) {
        cutoffs.add(cutoff, nextOffset);
        pending.addCutoff(cutoff);
    }

    /** Records before this offset were applied. */
    public long nextOffset() {
        return nextOffset;
    }

    /** Where the last checkpoint ended. */
    public long checkpointedOffset() {
        return pending.checkpointedOffset();
    }

    /** Whether anything has changed since the last checkpoint. */
    public boolean hasNews() {
        return pending.hasNews(nextOffset);
    }

    /** Whether so much has changed that a checkpoint should not wait. */
    public boolean hasMuchNews() {
        return pending.hasMuchNews(tallies.counted(), undecided.bytes(), buckets.changes() + events.timedValuesHeld());
    }

    /** Whether a cutoff was reached and lies beyond the last checkpoint: until that is kept, the hour cannot close. */
    public boolean hasReachedCutoff() {
        return cutoffs.liesBetween(pending.checkpointedOffset(), nextOffset);
    }

    /** Of late events, the ids of which only the store can say whether they are known. Its answers go to {@link #decide(long[])}. */
    public List<WantedId> undecided() {
        return undecided.ids();
    }

    /**
     * @param contents for each of {@link #undecided()} what {@link CheckpointStore#findSealed} answers
     */
    public void decide(long[] contents) {
        uniqueValues.learn(undecided.storedValues(contents));
        undecided.decide(contents, this::apply);
    }

    /** Whether the event was counted. */
    private boolean apply(UndecidedEvents.Outcome outcome) {
        switch (outcome) {
            case UndecidedEvents.Counts(LateEvent late, int revision) -> {
                return countDecided(late, revision);
            }
            case UndecidedEvents.Repeats() -> tallies.addDuplicate();
            case UndecidedEvents.FilteredOut() -> tallies.addFilteredOut();
            case UndecidedEvents.Refused(QuarantinedRecord refused) -> quarantine(refused);
        }
        return false;
    }

    /** Takes what is new. From here on the next checkpoint builds on this one; if this one is not kept, the counter must be dropped. */
    public Checkpoint takeCheckpoint() {
        if (undecided.size() > 0) {
            throw new IllegalStateException(undecided.size() + " late events are undecided");
        }
        cutoffs.passThrough(nextOffset);
        return pending.take(partition, nextOffset, tallies(), events.takeIncrements());
    }

    public Tallies tallies() {
        return tallies.soFar();
    }

    /**
     * Lets go of what is not needed any more, right after a checkpoint was kept.
     *
     * @param sealedThrough number of the hour up to which ids lie in sealed blocks
     */
    public void forget(long sealedThrough) {
        if (cutoffs.lateThrough() > bucketsClearedAt || bound.areBucketsCrowded()) {
            clearBuckets();
        }
        events.forgetBefore(cutoffs.acceptsFrom());
        uniqueValues.forgetThrough(cutoffs.lateThrough());
        ids.dropThrough(Math.min(sealedThrough, cutoffs.memoryBeginsAfter()));
    }

    /** Makes room for all buckets that fit, right after a checkpoint was stored: it has taken what was counted of those here. */
    public void clearBuckets() {
        buckets.clear();
        bucketsClearedAt = cutoffs.lateThrough();
    }

    /** The fingerprint of the versions of the catalogue that it counts with. */
    String catalogue() {
        return reader.versions().fingerprint();
    }

    public int partition() {
        return partition;
    }

    /** Ids held in memory. */
    public long idsHeld() {
        return ids.inMemory();
    }

    /** Ids near now that are on disk, and looked up there when a filter in memory does not deny them. */
    public long idsOnDisk() {
        return ids.onDisk();
    }

    /** Bytes of the arrays that hold the ids and the filters. */
    public long idBytes() {
        return ids.bytes();
    }

    /** Buckets that have a place in memory. */
    public int bucketsHeld() {
        return buckets.size();
    }
}
