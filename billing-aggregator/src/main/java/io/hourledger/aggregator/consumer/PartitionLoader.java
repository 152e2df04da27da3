package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointListener;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.PartitionCheckpointer;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the state of partitions beside the poll loop, and holds it against where the log begins and ends. */
final class PartitionLoader {

    private static final Logger log = LoggerFactory.getLogger(PartitionLoader.class);

    private final Stored stored;
    private final IntFunction<PartitionState> counters;
    private final LogOffsets logOffsets;
    private final ConsumerSettings settings;
    private final Executor executor;

    /** What lasts: the checkpoints, the cutoffs that do not go back when the database does, and who is halted. */
    record Stored(CheckpointStore checkpoints, CutoffJournal cutoffs, HaltStore halts) {}

    PartitionLoader(
            Stored stored,
            IntFunction<PartitionState> counters,
            LogOffsets logOffsets,
            ConsumerSettings settings,
            Executor executor) {
        this.stored = stored;
        this.counters = counters;
        this.logOffsets = logOffsets;
        this.settings = settings;
        this.executor = executor;
    }

    /**
     * Begins to load with room for so many ids at most.
     *
     * @return fails with {@link PartitionHaltedException} if the log is not the one that was counted, or has lost what was not
     */
    CompletableFuture<PartitionCheckpointer> start(
            TopicPartition partition, long roomForIds, PartitionOwnership ownership, PartitionListener listener) {
        return CompletableFuture.supplyAsync(
                () -> load(partition, roomForIds, new OwnListener(ownership, listener)), executor);
    }

    private PartitionCheckpointer load(TopicPartition partition, long roomForIds, CheckpointListener listener) {
        long startedAt = System.nanoTime();
        PartitionState empty = counters.apply(partition.partition());
        long room = Math.min(roomForIds, empty.mostIds());
        PartitionCheckpointer loaded = PartitionCheckpointer.load(
                empty, stored.checkpoints, stored.cutoffs, settings.hoursInMemory(), room, settings.grace(), listener);
        checkLog(partition, empty);
        stored.halts.goesOn(partition.partition());
        log.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("nextOffset", empty.nextOffset())
                .addKeyValue("ids", empty.idsHeld())
                .addKeyValue("idsOnDisk", empty.idsOnDisk())
                .addKeyValue("millis", (System.nanoTime() - startedAt) / 1_000_000)
                .log("partition loaded");
        return loaded;
    }

    private void checkLog(TopicPartition partition, PartitionState loaded) {
        if (!logOffsets.isSameTopic(partition)) {
            throw new PartitionHaltedException(
                    HaltReason.OTHER_LOG,
                    "topic " + partition.topic()
                            + " was deleted and made again: the offsets that were counted mean nothing in it");
        }
        long next = loaded.nextOffset();
        long begin = logOffsets.begin(partition);
        long end = logOffsets.end(partition);
        if (next < begin) {
            throw new PartitionHaltedException(
                    HaltReason.LOG_BEGINS_LATER,
                    "records " + next + " to " + (begin - 1)
                            + " were never counted and are no longer in the log, which begins at " + begin);
        }
        if (loaded.lastCutoff() > end) {
            throw new PartitionHaltedException(
                    HaltReason.LOG_ENDS_EARLIER,
                    "an hour ended at offset " + loaded.lastCutoff() + ", but the log ends at " + end
                            + ": it has lost records or was made anew");
        }
        if (next > end) {
            throw new PartitionHaltedException(
                    HaltReason.LOG_ENDS_EARLIER,
                    "records before " + next + " were counted, but the log ends at " + end
                            + ": it has lost records or was made anew");
        }
    }

    /** Says whose checkpoint it is. */
    private record OwnListener(PartitionOwnership ownership, PartitionListener listener) implements CheckpointListener {

        @Override
        public void overTooSoon(int partition, UsageHour hour, Instant processTime, Instant storeTime) {
            listener.overTooSoon(ownership, hour, processTime, storeTime);
        }

        @Override
        public void stored(Checkpoint checkpoint) {
            listener.stored(ownership, checkpoint);
        }

        @Override
        public long sealedThrough(int partition) {
            return listener.sealedThrough(ownership);
        }
    }
}
