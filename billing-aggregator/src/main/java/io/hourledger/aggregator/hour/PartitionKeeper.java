package io.hourledger.aggregator.hour;

import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
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
    private final Consumer<Checkpoint> whenKept;

    private PartitionKeeper(
            PartitionCounter counter, CheckpointStore store, Duration grace, Consumer<Checkpoint> whenKept) {
        this.counter = counter;
        this.store = store;
        this.grace = grace;
        this.whenKept = whenKept;
    }

    /**
     * Loads what was kept into a new counter.
     *
     * @param whenKept hears of each checkpoint that was kept
     */
    public static PartitionKeeper load(
            PartitionCounter empty,
            CheckpointStore store,
            int hoursInMemory,
            Duration grace,
            Consumer<Checkpoint> whenKept) {
        store.load(empty.partition(), hoursInMemory, empty);
        return new PartitionKeeper(empty, store, grace, whenKept);
    }

    public PartitionCounter counter() {
        return counter;
    }

    public void apply(long offset, long timestampMillis, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        counter.apply(offset, timestampMillis, key, value);
    }

    /** The last hour that is over, grace included. */
    static UsageHour lastDueHour(Instant now, Duration grace) {
        return UsageHour.ofNumber(UsageHour.of(now.minus(grace)).number() - 1);
    }

    /** Whether an hour is due that has no cutoff. Until it has one, nothing more may be applied. */
    public boolean isHourDue(Instant now) {
        return lastDueHour(now, grace).number() > counter.lastCutoffHour();
    }

    /**
     * Ends the hours that are due, in one checkpoint with what was applied so far.
     *
     * @param logEnd the partition's end offset, asked for after {@code now}
     */
    public Outcome endDueHours(Instant now, long logEnd) {
        counter.endHour(lastDueHour(now, grace), logEnd, now);
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
            whenKept.accept(checkpoint);
        }
        return outcome;
    }
}
