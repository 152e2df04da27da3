package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the count of one partition for as long as this process owns it: applies records, ends hours that are due, and makes it last. Belongs
 * to one thread. After any outcome but {@link Outcome#STORED} or any exception it must be dropped, and loaded again if the partition is still
 * owned: what was not kept is read from the log again.
 */
public final class PartitionCheckpointer {

    private final PartitionState counter;
    private final CheckpointStore store;
    private final Duration grace;
    private final CheckpointListener listener;

    /** The last hour of which the listener knows that only this process's clock calls it over. */
    private long toldTooSoon = Long.MIN_VALUE;

    private int leaderEpoch = Checkpoint.NO_EPOCH;

    private PartitionCheckpointer(
            PartitionState counter, CheckpointStore store, Duration grace, CheckpointListener listener) {
        this.counter = counter;
        this.store = store;
        this.grace = grace;
        this.listener = listener;
    }

    /**
     * Loads what was kept into a new counter. Cutoffs that are kept outside and not in the store are news then, to be kept by a checkpoint before
     * anything is applied: the store went back to an earlier state.
     *
     * @throws PartitionHaltedException if an hour has ended elsewhere in the log than it was closed
     * @param roomForIds how many ids may be held in memory from the beginning; all others stay on disk
     */
    public static PartitionCheckpointer load(
            PartitionState empty,
            CheckpointStore store,
            CutoffJournal journal,
            int hoursInMemory,
            long roomForIds,
            Duration grace,
            CheckpointListener listener) {
        CheckpointStore own = store.countingWith(empty.catalogue());
        own.load(empty.partition(), hoursInMemory, roomForIds, empty.loading());
        journal.of(empty.partition()).forEach(empty::endHourAsBefore);
        PartitionCheckpointer loaded = new PartitionCheckpointer(empty, own, grace, listener);
        loaded.readIn(own.leaderEpoch(empty.partition()));
        return loaded;
    }

    public PartitionState counter() {
        return counter;
    }

    /** What is applied next, or the markers that are skipped, are of a log whose leader had this epoch, or an earlier one. */
    public void readIn(int leaderEpoch) {
        this.leaderEpoch = leaderEpoch;
    }

    /** The leader epoch of the last that was read; {@link Checkpoint#NO_EPOCH} if it is not known. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    /** To be called before records are applied: if ids near now are on disk, looks up those that are about to be needed. */
    public void lookAhead(Iterable<@Nullable ByteBuffer> values) {
        LookAhead ahead = counter.lookAhead();
        if (!ahead.isNeeded()) {
            return;
        }
        List<OnDiskId> wanted = ahead.wanted(values);
        if (!wanted.isEmpty()) {
            ahead.answer(wanted, store.findOnDisk(counter.partition(), wanted));
        }
    }

    public void apply(long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        counter.apply(offset, timestampMillis, key, value);
    }

    /**
     * Quarantines a record that its key may not write. It takes no id, so the same event counts if somebody else may send it.
     *
     * @param why a sentence for a person
     */
    public void forbid(
            long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value, String why) {
        counter.pass(offset);
        counter.quarantine(new EventRules.Refusal(QuarantineReason.FORBIDDEN, why)
                .of(offset, timestampMillis, RecordBytes.copyOf(key), RecordBytes.copyOf(value)));
    }

    /** The last hour that is over, grace included. */
    static UsageHour lastDueHour(Instant now, Duration grace) {
        return UsageHour.ofNumber(UsageHour.of(now.minus(grace)).number() - 1);
    }

    /**
     * Ends the hours that are due and have no cutoff, in one checkpoint with what was applied so far. Until that is kept, nothing more may be
     * applied.
     *
     * <p>One clock alone never ends an hour, since a cutoff is for good: an hour is due when both this process and the store say so. The store's
     * clock may lie behind by {@link BusinessTime#AGREED_WITHIN}. It is asked before the log's end, which must not be older than the hour's end,
     * and again by the transaction that keeps the cutoff.
     *
     * @param now what this process's clock shows
     * @param logEnd asks for the partition's end offset; asked only when an hour is due, and so after it was
     * @return {@link Outcome#STORED} also if no hour was due
     */
    public Outcome endDueHours(Instant now, LongSupplier logEnd) {
        UsageHour over = lastDueHour(now, grace);
        if (over.number() <= counter.lastCutoffHour()) {
            return Outcome.STORED;
        }
        Instant storeTime = store.now();
        UsageHour overInStore = lastDueHour(storeTime.plus(BusinessTime.AGREED_WITHIN), grace);
        if (overInStore.compareTo(over) < 0 && over.number() != toldTooSoon) {
            toldTooSoon = over.number();
            listener.overTooSoon(counter.partition(), over, now, storeTime);
        }
        UsageHour due = overInStore.compareTo(over) < 0 ? overInStore : over;
        if (due.number() <= counter.lastCutoffHour()) {
            return Outcome.STORED;
        }
        Instant dueSince = due.end().plus(grace);
        counter.endHour(due, logEnd.getAsLong(), later(dueSince, earlier(now, storeTime)));
        return checkpoint(dueSince.minus(BusinessTime.AGREED_WITHIN));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * Makes what was applied last.
     *
     * @throws CheckpointRefusedException if the store does not take the data of a record in it
     */
    public Outcome checkpoint() {
        return checkpoint(Instant.MIN);
    }

    private Outcome checkpoint(Instant notBefore) {
        List<WantedId> undecided = counter.undecided();
        if (!undecided.isEmpty()) {
            counter.decide(store.findSealed(counter.partition(), undecided));
        }
        Checkpoint checkpoint = counter.takeCheckpoint().readIn(leaderEpoch);
        Outcome outcome = keep(checkpoint, notBefore);
        if (outcome == Outcome.STORED) {
            listener.stored(checkpoint);
            counter.forget(listener.sealedThrough(counter.partition()));
        }
        return outcome;
    }

    /** Only what was to be kept can hold a record at fault: a refused look-up says nothing of the records. */
    private Outcome keep(Checkpoint checkpoint, Instant notBefore) {
        try {
            return store.keep(checkpoint, notBefore);
        } catch (StoreRefusedException refused) {
            throw new CheckpointRefusedException(refused);
        }
    }
}
