package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.Checkpoint.Corrections;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.contracts.usage.UsageHour;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what the next checkpoint of one partition writes, and where the last one ended. Belongs to one thread. */
final class PendingCheckpoint {

    private static final int FIRST_NEW_IDS = 4096;

    /** Beyond some hours in one checkpoint they are hours of stragglers, with few ids each. */
    private static final int HOURS_WITH_MANY_IDS = 8;

    private static final int FEW_NEW_IDS = 16;
    private static final long MANY_QUARANTINED_BYTES = 8 << 20;
    private static final int MANY_AMENDMENTS = 1000;
    private static final long MANY_COUNTED = 1_000_000;

    /** PostgreSQL takes so many in a second or two. */
    private static final int MANY_BUCKETS = 100_000;

    private long lastNumber;
    private long checkpointedOffset;
    private long countedBefore;

    private final List<HourIds> ids = new ArrayList<>();
    private @Nullable HourIds latestIds;
    private final List<QuarantinedRecord> quarantined = new ArrayList<>();
    private long quarantinedBytes;
    private final List<Cutoff> cutoffs = new ArrayList<>();
    private long lateEvents;
    private final List<CountedAmendment> amendments = new ArrayList<>();

    /** New ids of one hour. */
    private record HourIds(long hour, IdBuffer ids) {}

    /** Begins behind a stored checkpoint. */
    void beginAfter(long number, long nextOffset, long counted) {
        lastNumber = number;
        checkpointedOffset = nextOffset;
        countedBefore = counted;
    }

    void addId(EventIdentity identity, long hour) {
        addId(identity.high(), identity.low(), identity.content(), hour);
    }

    void addId(long high, int low, int content, long hour) {
        HourIds latest = latestIds;
        if (latest == null || latest.hour != hour) {
            latest = idsOf(hour);
            latestIds = latest;
        }
        latest.ids.add(high, low, content);
    }

    private HourIds idsOf(long hour) {
        for (HourIds ofHour : ids) {
            if (ofHour.hour == hour) {
                return ofHour;
            }
        }
        HourIds ofHour =
                new HourIds(hour, new IdBuffer(ids.size() < HOURS_WITH_MANY_IDS ? FIRST_NEW_IDS : FEW_NEW_IDS));
        ids.add(ofHour);
        return ofHour;
    }

    void addQuarantined(QuarantinedRecord event) {
        quarantined.add(event);
        quarantinedBytes += RecordBytes.sizeOf(event.key())
                + RecordBytes.sizeOf(event.value())
                + event.detail().length();
    }

    void addLateEvent() {
        lateEvents++;
    }

    void addAmendment(CountedAmendment amendment) {
        amendments.add(amendment);
    }

    void addCutoff(Cutoff cutoff) {
        cutoffs.add(cutoff);
    }

    /** Where the last checkpoint ended. */
    long checkpointedOffset() {
        return checkpointedOffset;
    }

    /** Whether a checkpoint at this position would say anything new. */
    boolean hasNews(long nextOffset) {
        return nextOffset != checkpointedOffset || !cutoffs.isEmpty();
    }

    /** Whether so much has changed that the checkpoint should not wait. */
    boolean hasMuchNews(long counted, long undecidedBytes, int changedBuckets) {
        return quarantinedBytes + undecidedBytes > MANY_QUARANTINED_BYTES
                || amendments.size() > MANY_AMENDMENTS
                || counted - countedBefore > MANY_COUNTED
                || changedBuckets > MANY_BUCKETS;
    }

    /** Takes the checkpoint; the next one builds on it. */
    Checkpoint take(int partition, long nextOffset, Tallies tallies, List<BucketIncrement> increments) {
        Checkpoint checkpoint = new Checkpoint(
                partition,
                new Advance(lastNumber + 1, checkpointedOffset, nextOffset),
                tallies,
                increments,
                ids.stream()
                        .map(ofHour -> new NewIds(UsageHour.ofNumber(ofHour.hour), ofHour.ids.toBytes()))
                        .toList(),
                List.copyOf(quarantined),
                List.copyOf(cutoffs),
                new Corrections(lateEvents, amendments));
        beginAfter(lastNumber + 1, nextOffset, tallies.counted());
        ids.clear();
        latestIds = null;
        quarantined.clear();
        quarantinedBytes = 0;
        cutoffs.clear();
        lateEvents = 0;
        amendments.clear();
        return checkpoint;
    }
}
