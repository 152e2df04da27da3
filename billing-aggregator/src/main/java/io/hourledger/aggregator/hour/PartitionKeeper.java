package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the count of one partition for as long as this process owns it: applies records, ends hours that are due, and makes it last. Belongs
 * to one thread. After {@link Outcome#SOMEBODY_WENT_ON} or any exception it must be dropped, and loaded again if the partition is still
 * owned: what was not kept is read from the log again.
 */
public final class PartitionKeeper {

    private final PartitionCounter counter;
    private final CheckpointStore store;
    private final Duration grace;
    private final KeeperListener listener;

    private PartitionKeeper(PartitionCounter counter, CheckpointStore store, Duration grace, KeeperListener listener) {
        this.counter = counter;
        this.store = store;
        this.grace = grace;
        this.listener = listener;
    }

    /**
     * Loads what was kept into a new counter. Cutoffs that are kept outside and not in the store are news then, to be kept by a checkpoint before
     * anything is applied: the store went back to an earlier state.
     *
     * @throws IllegalStateException with a sentence for a person, if an hour has ended elsewhere in the log than it was closed
     * @param roomForIds how many ids may be held in memory from the beginning; all others stay on disk
     */
    public static PartitionKeeper load(
            PartitionCounter empty,
            CheckpointStore store,
            OutsideCutoffs outside,
            int hoursInMemory,
            long roomForIds,
            Duration grace,
            KeeperListener listener) {
        store.load(empty.partition(), hoursInMemory, roomForIds, empty);
        outside.of(empty.partition()).forEach(empty::endHourAsBefore);
        return new PartitionKeeper(empty, store, grace, listener);
    }

    public PartitionCounter counter() {
        return counter;
    }

    /** To be called before records are applied: if ids near now are on disk, looks up those that are about to be needed. */
    public void lookAhead(Iterable<@Nullable ByteBuffer> values) {
        if (!counter.hasIdsOnDisk()) {
            return;
        }
        List<OnDiskId> wanted = counter.lookAhead(values);
        if (!wanted.isEmpty()) {
            counter.answer(wanted, store.findOnDisk(counter.partition(), wanted));
        }
    }

    public void apply(long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        counter.apply(offset, timestampMillis, key, value);
    }

    /** The last hour that is over, grace included. */
    static UsageHour lastDueHour(Instant now, Duration grace) {
        return UsageHour.ofNumber(UsageHour.of(now.minus(grace)).number() - 1);
    }

    /**
     * Ends the hours that are due and have no cutoff, in one checkpoint with what was applied so far. Until that is kept, nothing more may be
     * applied.
     *
     * @param logEnd asks for the partition's end offset; asked only when an hour is due, and so after it was
     * @return {@link Outcome#KEPT} also if no hour was due
     */
    public Outcome endDueHours(Instant now, LongSupplier logEnd) {
        UsageHour due = lastDueHour(now, grace);
        if (due.number() <= counter.lastCutoffHour()) {
            return Outcome.KEPT;
        }
        counter.endHour(due, logEnd.getAsLong(), now);
        return checkpoint();
    }

    /** Makes what was applied last. */
    public Outcome checkpoint() {
        List<WantedId> undecided = counter.undecided();
        if (!undecided.isEmpty()) {
            counter.decide(store.findSealed(counter.partition(), undecided));
        }
        Checkpoint checkpoint = counter.takeCheckpoint();
        Outcome outcome = store.keep(checkpoint);
        if (outcome == Outcome.KEPT) {
            listener.kept(checkpoint);
            counter.forget(listener.sealedThrough(counter.partition()));
        }
        return outcome;
    }
}
