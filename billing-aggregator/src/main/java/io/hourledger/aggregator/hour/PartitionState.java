package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.aggregator.ids.IdKey;
import io.hourledger.aggregator.ids.IdTable;
import io.hourledger.aggregator.scan.EventReader;
import io.hourledger.aggregator.scan.EventView;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts the records of one partition. What it answers depends on nothing but the records in their order, the recorded cutoffs and the
 * catalogue; so whoever reads the log again from a checkpoint decides the same. Belongs to one thread; does no I/O.
 */
public final class PartitionState implements CheckpointStore.Loading {

    /** Those of an event's time: whatever lies outside is no moment that anybody meant, and most of it none that PostgreSQL can keep. */
    private static final long EARLIEST_MILLIS = 0;

    private static final long LATEST_MILLIS =
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    private static final long SECONDS_OF_HOUR = UsageHour.LENGTH.toSeconds();
    private static final int FIRST_NEW_IDS = 4096;

    private static final byte[] NO_BYTES = {};
    private static final long MUCH_SET_ASIDE_BYTES = 8 << 20;
    private static final long MUCH_COUNTED = 1_000_000;

    /** For {@link IdTable#find}: no other hour's ids are looked at. */
    private static final long OWN_HOUR_ONLY = Long.MAX_VALUE;

    private static final String CONFLICT =
            "an event with the same subject, source and id but with other content was counted";

    private final int partition;
    private final CountingRules rules;
    private final EventReader reader;
    private final EventIdentity identity;
    private final long[] typeNumbers;
    private final long acceptedAgeMillis;
    private final long acceptedAheadMillis;

    private final BucketTable buckets;
    private final IdTable ids = new IdTable();
    private final CutoffTable cutoffs = new CutoffTable();
    private final List<Run> onDisk = new ArrayList<>();

    /** What the store has answered about the records that are applied next. */
    private final Map<OnDiskId, Long> answers = new HashMap<>();

    private long nextOffset;
    private long checkpointedOffset;
    private long lastCheckpoint;
    private long consumed;
    private long counted;
    private long duplicates;
    private long quarantined;

    /** The last hour whose cutoff the next offset has passed; its events and older ones are late. Moves on at {@link #nextCutoff}. */
    private long lateThrough = CutoffTable.NO_HOUR;

    private long nextCutoff = Long.MAX_VALUE;

    /** Ids of hours up to here are no longer in memory, but in sealed blocks. */
    private long onDiskThrough = CutoffTable.NO_HOUR;

    private long sealedThrough = CutoffTable.NO_HOUR;
    private long bucketsDroppedThrough = CutoffTable.NO_HOUR;
    private long countedAtCheckpoint;

    // what is new since the last checkpoint
    private final List<HourIds> newIds = new ArrayList<>();
    private @Nullable HourIds latestIds;
    private final List<QuarantinedRecord> newQuarantined = new ArrayList<>();
    private long newQuarantinedBytes;
    private final List<Cutoff> newCutoffs = new ArrayList<>();
    private final List<LateEvent> undecided = new ArrayList<>();

    public PartitionState(int partition, CountingRules rules, EventReader reader, IdKey key) {
        this.partition = partition;
        this.rules = rules;
        this.reader = reader;
        this.identity = new EventIdentity(key);
        this.buckets = new BucketTable(reader.meters());
        this.typeNumbers = new long[reader.meters().count()];
        for (int meter = 0; meter < typeNumbers.length; meter++) {
            typeNumbers[meter] = identity.typeNumber(reader.meters().type(meter));
        }
        this.acceptedAgeMillis = rules.acceptedAge().toMillis();
        this.acceptedAheadMillis = rules.acceptedAhead().toMillis();
    }

    /** New ids of one hour. */
    private record HourIds(long hour, IdBuffer ids) {}

    /** Ids of an hour near now that are on disk, and a filter that says which are surely not among them. */
    private record Run(UsageHour hour, long number, long ids, IdFilter filter) {}

    /** A late event that can only be told from a repeat by ids that are not in memory. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record LateEvent(
            WantedId id,
            int content,
            boolean tooOld,
            long offset,
            long timestampMillis,
            byte @Nullable [] key,
            byte @Nullable [] value) {}

    // ---- loading

    @Override
    public void position(long checkpoint, long nextOffset, Tallies tallies, long sealedThrough, long ids) {
        this.lastCheckpoint = checkpoint;
        this.nextOffset = nextOffset;
        this.checkpointedOffset = nextOffset;
        this.consumed = tallies.consumed();
        this.counted = tallies.counted();
        this.countedAtCheckpoint = counted;
        this.duplicates = tallies.duplicates();
        this.quarantined = tallies.quarantined();
        this.sealedThrough = sealedThrough;
        this.ids.expect(ids);
    }

    @Override
    public void cutoff(Cutoff cutoff) {
        cutoffs.add(cutoff.hour().number(), cutoff.offset());
        passCutoffs(nextOffset);
        onDiskThrough = Math.min(sealedThrough, memoryBeginsAfter());
    }

    @Override
    public void bucket(Bucket bucket) {
        int meter = reader.meters().numberOfName(bucket.meter());
        if (meter < 0) {
            throw new PartitionHaltedException(
                    "the catalogue has no meter " + bucket.meter() + ", but hour " + bucket.hour()
                            + " is being counted with it; a meter may leave the catalogue only when its hours are closed");
        }
        buckets.restore(bucket, meter);
    }

    @Override
    public void ids(UsageHour hour, byte[] stored) {
        if (!ids.addAll(hour.number(), stored)) {
            throw new PartitionHaltedException("an id of hour " + hour + " is kept twice");
        }
    }

    @Override
    public void onDisk(UsageHour hour, long run, long ids, IdFilter filter) {
        onDisk.add(new Run(hour, run, ids, filter));
    }

    // ---- the bound

    /** Whether so many more records fit; if not, the partition must not be read on until there is room again. */
    public boolean hasRoomFor(int records) {
        return hasRoomForIds(records) && hasRoomForBuckets(records);
    }

    private boolean hasRoomForIds(int records) {
        return ids.size() + idsOnDisk() / IdFilter.IDS_PER_ID_IN_MEMORY + records <= rules.mostIds();
    }

    private boolean hasRoomForBuckets(int records) {
        return buckets.size() + records <= rules.mostBuckets();
    }

    /**
     * Whether only ids keep so many more records from fitting, and so many of them are in memory that loading it again with room for {@link
     * #mostIdsLoaded} would make room. Nothing makes room for buckets but hours that close.
     */
    public boolean canLeaveIdsOnDiskFor(int records) {
        return !hasRoomForIds(records) && hasRoomForBuckets(records) && ids.size() > mostIdsLoaded();
    }

    /** A quarter of the bound, so that there is time until it is reached again. */
    public long mostIdsLoaded() {
        return rules.mostIds() / 4;
    }

    public long mostIds() {
        return rules.mostIds();
    }

    // ---- ids on disk

    /** Whether ids near now are on disk, so that {@link #lookAhead} is to be asked before records are applied. */
    public boolean hasIdsOnDisk() {
        return !onDisk.isEmpty();
    }

    /**
     * Looks at the records that are to be applied next, and changes nothing.
     *
     * @return the ids that may be among those on disk; the store's answers go to {@link #answer}
     */
    public List<OnDiskId> lookAhead(Iterable<@Nullable ByteBuffer> values) {
        answers.clear();
        Set<OnDiskId> wanted = new LinkedHashSet<>();
        for (ByteBuffer value : values) {
            if (value != null && reader.read(arrayOf(value), offsetOf(value), value.remaining()) == null) {
                EventView event = reader.view();
                identify(event);
                long hour = hourOf(event);
                for (Run run : onDisk) {
                    if (mayHold(run, hour, memoryBeginsAfter() + 1)) {
                        wanted.add(new OnDiskId(run.hour, run.number, identity.high(), identity.low()));
                    }
                }
            }
        }
        return List.copyOf(wanted);
    }

    /**
     * @param contents for each of the wanted what {@link CheckpointStore#findOnDisk} answers
     */
    public void answer(List<OnDiskId> wanted, long[] contents) {
        for (int i = 0; i < contents.length; i++) {
            answers.put(wanted.get(i), contents[i]);
        }
    }

    private boolean mayHold(Run run, long hour, long sinceHour) {
        long hourOfRun = run.hour.number();
        return (hourOfRun == hour || hourOfRun >= sinceHour) && run.filter.mayHold(identity.high(), identity.low());
    }

    /** Looks for the id at hand in memory, where {@link IdTable#add} may add it afterwards, and among those on disk. */
    private long find(long hour, long sinceHour) {
        long known = ids.find(identity.high(), identity.low(), hour, sinceHour);
        if (known != IdTable.ABSENT || onDisk.isEmpty()) {
            return known;
        }
        for (Run run : onDisk) {
            if (mayHold(run, hour, sinceHour)) {
                Long answer = answers.get(new OnDiskId(run.hour, run.number, identity.high(), identity.low()));
                if (answer == null) {
                    throw new IllegalStateException("an id that may be on disk was not looked up: nobody looked ahead");
                }
                if (answer != CheckpointStore.UNKNOWN_ID) {
                    return answer;
                }
            }
        }
        return IdTable.ABSENT;
    }

    // ---- counting

    /** Counts one record, or says why not. The bytes are not kept, but copied if needed. */
    public void apply(long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        if (offset < nextOffset) {
            throw new IllegalStateException(
                    "offset " + offset + " of partition " + partition + " comes after " + nextOffset);
        }
        if (offset >= nextCutoff) {
            passCutoffs(offset);
        }
        consumed++;
        nextOffset = offset + 1;
        if (timestampMillis < EARLIEST_MILLIS || timestampMillis > LATEST_MILLIS) {
            quarantined(
                    offset,
                    timestampMillis,
                    key,
                    value,
                    QuarantineReason.MALFORMED,
                    "the record's timestamp " + timestampMillis + " is no time in milliseconds of 1970 to 9999");
            return;
        }
        if (value == null) {
            quarantined(offset, timestampMillis, key, null, QuarantineReason.MALFORMED, "the record has no value");
            return;
        }
        Malformed malformed = reader.read(arrayOf(value), offsetOf(value), value.remaining());
        if (malformed != null) {
            quarantined(
                    offset,
                    timestampMillis,
                    key,
                    value,
                    QuarantineReason.MALFORMED,
                    malformed.code() + ": " + malformed.detail());
            return;
        }
        EventView event = reader.view();
        int instance = buckets.instance(event.bytes(), event.subjectOffset(), event.subjectLength());
        if (instance == BucketTable.UNKNOWN && !belongsHere(event)) {
            quarantined(
                    offset,
                    timestampMillis,
                    key,
                    value,
                    QuarantineReason.WRONG_PARTITION,
                    "its subject belongs to partition " + partitionOf(event));
            return;
        }
        if (!isSubject(key, event)) {
            quarantined(
                    offset,
                    timestampMillis,
                    key,
                    value,
                    QuarantineReason.KEY_MISMATCH,
                    "the record's key is not the event's subject");
            return;
        }
        decide(offset, timestampMillis, key, value, event, instance);
    }

    private void decide(
            long offset,
            long timestampMillis,
            @Nullable ByteBuffer key,
            ByteBuffer value,
            EventView event,
            int instance) {
        long aheadMillis = event.epochSecond() * 1000 + event.nanos() / 1_000_000 - timestampMillis;
        if (aheadMillis > acceptedAheadMillis) {
            quarantined(
                    offset,
                    timestampMillis,
                    key,
                    value,
                    QuarantineReason.TOO_FAR_AHEAD,
                    "its time is " + aheadMillis + " ms ahead of the record's");
            return;
        }
        long hour = hourOf(event);
        identify(event);
        identity.ofContent(
                typeNumbers[event.meter()], event.epochSecond(), event.nanos(), event.valueHigh(), event.valueLow());
        boolean tooOld = -aheadMillis > acceptedAgeMillis;
        if (tooOld || hour <= lateThrough) {
            assessLate(new LateEvent(
                    new WantedId(UsageHour.ofNumber(hour), identity.high(), identity.low()),
                    identity.content(),
                    tooOld,
                    offset,
                    timestampMillis,
                    copyOf(key),
                    copyOf(value)));
            return;
        }
        long known = find(hour, memoryBeginsAfter() + 1);
        if (known != IdTable.ABSENT) {
            if ((int) known == identity.content()) {
                duplicates++;
            } else {
                quarantined(offset, timestampMillis, key, value, QuarantineReason.CONFLICT, CONFLICT);
            }
            return;
        }
        ids.add(identity.high(), identity.low(), identity.content(), hour);
        newIdsOf(hour).add(identity.high(), identity.low(), identity.content());
        int owner = instance == BucketTable.UNKNOWN
                ? buckets.addInstance(event.bytes(), event.subjectOffset(), event.subjectLength())
                : instance;
        long micros = event.epochSecond() * 1_000_000 + event.nanos() / 1000;
        buckets.count(owner, hour, event.meter(), event.valueHigh(), event.valueLow(), micros, offset);
        counted++;
    }

    /**
     * A late event is a repeat or a conflict only of an event of its own hour: those ids are all in memory or all on disk, so the answer does
     * not depend on what else happens to be in memory.
     */
    private void assessLate(LateEvent late) {
        long hour = late.id.hour().number();
        if (hour <= onDiskThrough) {
            undecided.add(late);
            newQuarantinedBytes += sizeOf(late.key) + sizeOf(late.value);
            return;
        }
        decide(late, find(hour, OWN_HOUR_ONLY));
    }

    private void decide(LateEvent late, long known) {
        if (known == CheckpointStore.UNKNOWN_ID) {
            addQuarantined(
                    late,
                    late.tooOld ? QuarantineReason.TOO_OLD : QuarantineReason.LATE,
                    "its hour is " + late.id.hour());
        } else if ((int) known == late.content) {
            duplicates++;
        } else {
            addQuarantined(late, QuarantineReason.CONFLICT, CONFLICT);
        }
    }

    /** As near to what the record says as can be kept. */
    private static Instant recordedAt(long timestampMillis) {
        return Instant.ofEpochMilli(Math.min(LATEST_MILLIS, Math.max(EARLIEST_MILLIS, timestampMillis)));
    }

    private void addQuarantined(LateEvent late, QuarantineReason reason, String detail) {
        addQuarantined(new QuarantinedRecord(
                late.offset, recordedAt(late.timestampMillis), reason, detail, late.key, late.value));
    }

    /** As {@link EventView#hour()}, and the time ahead as there: written out here, where every event passes and a call was seen to cost. */
    private static long hourOf(EventView event) {
        return Math.floorDiv(event.epochSecond(), SECONDS_OF_HOUR);
    }

    private void identify(EventView event) {
        identity.ofNames(
                event.bytes(),
                event.subjectOffset(),
                event.subjectLength(),
                event.sourceOffset(),
                event.sourceLength(),
                event.idOffset(),
                event.idLength());
    }

    private boolean belongsHere(EventView event) {
        return partitionOf(event) == partition;
    }

    private int partitionOf(EventView event) {
        return Partitioner.partitionOf(event.bytes(), event.subjectOffset(), event.subjectLength(), rules.partitions());
    }

    private static boolean isSubject(@Nullable ByteBuffer key, EventView event) {
        if (key == null) {
            return false;
        }
        int offset = offsetOf(key);
        return Arrays.equals(
                arrayOf(key),
                offset,
                offset + key.remaining(),
                event.bytes(),
                event.subjectOffset(),
                event.subjectOffset() + event.subjectLength());
    }

    private HourIds startIds(long hour) {
        for (HourIds ofHour : newIds) {
            if (ofHour.hour == hour) {
                return ofHour;
            }
        }
        HourIds ofHour = new HourIds(hour, new IdBuffer(FIRST_NEW_IDS));
        newIds.add(ofHour);
        return ofHour;
    }

    private IdBuffer newIdsOf(long hour) {
        HourIds latest = latestIds;
        if (latest == null || latest.hour != hour) {
            latest = startIds(hour);
            latestIds = latest;
        }
        return latest.ids;
    }

    private void quarantined(
            long offset,
            long timestampMillis,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value,
            QuarantineReason reason,
            String detail) {
        addQuarantined(
                new QuarantinedRecord(offset, recordedAt(timestampMillis), reason, detail, copyOf(key), copyOf(value)));
    }

    private void addQuarantined(QuarantinedRecord event) {
        quarantined++;
        newQuarantined.add(event);
        newQuarantinedBytes += sizeOf(event);
    }

    private static int sizeOf(QuarantinedRecord event) {
        return sizeOf(event.key()) + sizeOf(event.value()) + event.detail().length();
    }

    private static int sizeOf(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static byte @Nullable [] copyOf(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return copy;
    }

    private static byte[] arrayOf(ByteBuffer buffer) {
        if (!buffer.hasArray()) {
            return Objects.requireNonNullElse(copyOf(buffer), NO_BYTES);
        }
        // read from offsetOf(buffer) on
        @SuppressWarnings("ByteBufferBackingArray")
        byte[] array = buffer.array();
        return array;
    }

    private static int offsetOf(ByteBuffer buffer) {
        return buffer.hasArray() ? buffer.arrayOffset() + buffer.position() : 0;
    }

    /** Goes on to this offset over what is no record: markers of transactions, records that were compacted away. */
    public void skipTo(long offset) {
        if (offset > nextOffset) {
            nextOffset = offset;
        }
    }

    // ---- cutoffs

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
        return lateThrough;
    }

    /**
     * Ends an hour, and all before it that have not ended, here or at the log's end as it was seen after the hour was due, whichever comes
     * later: what was counted already belongs to it, and what lay in the log by then does too.
     */
    public void endHour(UsageHour hour, long logEnd, Instant now) {
        add(new Cutoff(hour, Math.max(logEnd, nextOffset), now));
    }

    /**
     * Ends an hour where it was ended before the store went back, if it has not ended there already.
     *
     * @throws PartitionHaltedException if it has ended elsewhere, or if events were counted that lie behind its end
     */
    public void endHourAsBefore(Cutoff cutoff) {
        long hour = cutoff.hour().number();
        if (hour <= cutoffs.lastHour()) {
            if (!cutoffs.has(hour, cutoff.offset())) {
                throw otherThanBefore(
                        cutoff, "hours have ended elsewhere since, up to " + UsageHour.ofNumber(cutoffs.lastHour()));
            }
            return;
        }
        if (cutoff.offset() < nextOffset) {
            throw otherThanBefore(cutoff, "it was counted past that since, up to " + nextOffset);
        }
        add(cutoff);
    }

    private static PartitionHaltedException otherThanBefore(Cutoff cutoff, String since) {
        return new PartitionHaltedException("hour " + cutoff.hour() + " was closed at offset " + cutoff.offset()
                + " before the database went back, and " + since
                + ": restore the backup again, and start no aggregator without hourledger.outside (docs/restore.md)");
    }

    private void add(Cutoff cutoff) {
        UsageHour hour = cutoff.hour();
        cutoffs.add(hour.number(), cutoff.offset());
        newCutoffs.add(cutoff);
        passCutoffs(nextOffset);
    }

    /** Which hours are over for a record at this offset. A record at the cutoff itself is late. */
    private void passCutoffs(long offset) {
        lateThrough = cutoffs.lastHourPassedAt(offset);
        nextCutoff = cutoffs.nextOffsetAfter(offset);
    }

    private long memoryBeginsAfter() {
        return lateThrough == CutoffTable.NO_HOUR ? CutoffTable.NO_HOUR : lateThrough - rules.hoursInMemory();
    }

    // ---- checkpoint

    /** Records before this offset were applied. */
    public long nextOffset() {
        return nextOffset;
    }

    /** Where the last checkpoint ended. */
    public long checkpointedOffset() {
        return checkpointedOffset;
    }

    /** Whether anything has changed since the last checkpoint. */
    public boolean hasNews() {
        return nextOffset != checkpointedOffset || !newCutoffs.isEmpty();
    }

    /** Whether so much has changed that a checkpoint should not wait. */
    public boolean hasMuchNews() {
        return newQuarantinedBytes > MUCH_SET_ASIDE_BYTES || counted - countedAtCheckpoint > MUCH_COUNTED;
    }

    /** Whether a cutoff was reached and lies beyond the last checkpoint: until that is kept, the hour cannot close. */
    public boolean hasReachedCutoff() {
        return cutoffs.lastHourPassedAt(nextOffset) != cutoffs.lastHourPassedAt(checkpointedOffset);
    }

    /** The late events of which only the store can say whether they are repeats. Its answers go to {@link #decide(long[])}. */
    public List<WantedId> undecided() {
        return undecided.stream().map(LateEvent::id).toList();
    }

    /**
     * @param contents for each of {@link #undecided()} what {@link CheckpointStore#findSealed} answers
     */
    public void decide(long[] contents) {
        for (int i = 0; i < contents.length; i++) {
            decide(undecided.get(i), contents[i]);
        }
        undecided.clear();
    }

    /** Takes what is new. From here on the next checkpoint builds on this one; if this one is not kept, the counter must be dropped. */
    public Checkpoint takeCheckpoint() {
        if (!undecided.isEmpty()) {
            throw new IllegalStateException(undecided.size() + " late events are undecided");
        }
        passCutoffs(nextOffset);
        Checkpoint checkpoint = new Checkpoint(
                partition,
                lastCheckpoint + 1,
                checkpointedOffset,
                nextOffset,
                tallies(),
                buckets.takeChanged(),
                newIds.stream()
                        .map(ofHour -> new NewIds(UsageHour.ofNumber(ofHour.hour), ofHour.ids.toBytes()))
                        .toList(),
                List.copyOf(newQuarantined),
                List.copyOf(newCutoffs));
        lastCheckpoint++;
        checkpointedOffset = nextOffset;
        countedAtCheckpoint = counted;
        newIds.clear();
        latestIds = null;
        newQuarantined.clear();
        newQuarantinedBytes = 0;
        newCutoffs.clear();
        return checkpoint;
    }

    public Tallies tallies() {
        return new Tallies(consumed, counted, duplicates, quarantined);
    }

    /**
     * Lets go of what can no longer change, right after a checkpoint was kept.
     *
     * @param sealedThrough number of the hour up to which ids lie in sealed blocks
     */
    public void forget(long sealedThrough) {
        if (lateThrough > bucketsDroppedThrough) {
            buckets.dropThrough(lateThrough);
            bucketsDroppedThrough = lateThrough;
        }
        long onDiskOnly = Math.min(sealedThrough, memoryBeginsAfter());
        if (onDiskOnly > onDiskThrough) {
            ids.forgetThrough(onDiskOnly);
            onDisk.removeIf(run -> run.hour.number() <= onDiskOnly);
            onDiskThrough = onDiskOnly;
        }
    }

    public int partition() {
        return partition;
    }

    /** Ids held in memory. */
    public long idsHeld() {
        return ids.size();
    }

    /** Ids near now that are on disk, and looked up there when a filter in memory does not deny them. */
    public long idsOnDisk() {
        return onDisk.stream().mapToLong(Run::ids).sum();
    }

    /** Bytes of the arrays that hold the ids and the filters. */
    public long idBytes() {
        return ids.bytes()
                + onDisk.stream().mapToLong(run -> run.filter.bytes()).sum();
    }

    /** Buckets that may still change. */
    public int openBuckets() {
        return buckets.size();
    }
}
