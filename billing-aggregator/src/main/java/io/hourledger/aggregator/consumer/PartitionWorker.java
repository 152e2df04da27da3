package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointListener;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.CutoffJournal;
import io.hourledger.aggregator.hour.PartitionCheckpointer;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.StoreRefusedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.usage.UsageHour;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One partition while the group gives it to this consumer: loads its state beside the poll loop, then applies its records and keeps
 * checkpoints. When it is unsure what was kept it drops the state and loads again. Its consumer reads it only while it is counting.
 */
final class PartitionWorker {

    private static final Logger log = LoggerFactory.getLogger(PartitionWorker.class);

    /** So often in a row a failure may be one that passes. */
    private static final int MOST_BUGS = 10;

    private static final int MANY_RELOADS = 10;
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** What an owned partition needs, the same for all of one thread. */
    record Tools(
            Consumer<ByteBuffer, ByteBuffer> consumer,
            CheckpointStore store,
            CutoffJournal journal,
            IntFunction<PartitionState> counters,
            LogOffsets logOffsets,
            Clock clock,
            ConsumerSettings settings,
            Executor loader,
            PartitionListener listener) {}

    private final TopicPartition partition;
    private final Tools tools;
    private final PartitionOwnership ownership;

    private @Nullable CompletableFuture<PartitionCheckpointer> loading;
    private @Nullable PartitionCheckpointer checkpointer;
    private @Nullable String haltedBecause;
    private boolean boundReached;

    /** Where the last kept checkpoint ended. */
    private long storedOffset;

    /** Records applied since then; offsets would not do, since the log has gaps. */
    private int recordsSinceStored;

    private long lastApplied;

    /** While a record at fault is looked for: how many records a checkpoint may hold, and up to where the fault lies. */
    private int mostInCheckpoint = Integer.MAX_VALUE;

    private long faultBefore;
    private int reloadsWithoutProgress;
    private int bugsWithoutProgress;
    private long roomForIds = Long.MAX_VALUE;
    private long loadAgainAtNanos;
    private long newsSinceNanos;
    private boolean hadNews;

    PartitionWorker(TopicPartition partition, Tools tools) {
        this.partition = partition;
        this.tools = tools;
        this.ownership = tools.listener.given(partition.partition());
        holdReading();
        startLoading();
    }

    /** Without a position the consumer would ask the group for one and find none. While paused, no record is fetched from it. */
    private void holdReading() {
        tools.consumer.seek(partition, 0);
        tools.consumer.pause(List.of(partition));
    }

    private void startLoading() {
        PartitionState empty = tools.counters.apply(partition.partition());
        long room = Math.min(roomForIds, empty.mostIds());
        loading = CompletableFuture.supplyAsync(() -> load(empty, room), tools.loader);
        tools.listener.stands(ownership, PartitionStatus.loading(partition.partition()));
    }

    private PartitionCheckpointer load(PartitionState empty, long room) {
        long startedAt = System.nanoTime();
        PartitionCheckpointer loaded = PartitionCheckpointer.load(
                empty,
                tools.store,
                tools.journal,
                tools.settings.hoursInMemory(),
                room,
                tools.settings.grace(),
                new OwnListener(ownership, tools.listener));
        long next = empty.nextOffset();
        long begin = tools.logOffsets.begin(partition);
        long end = tools.logOffsets.end(partition);
        if (next < begin) {
            throw new PartitionHaltedException("records " + next + " to " + (begin - 1)
                    + " were never counted and are no longer in the log," + " which begins at " + begin);
        }
        if (empty.lastCutoff() > end) {
            throw new PartitionHaltedException("an hour ended at offset " + empty.lastCutoff()
                    + ", but the log ends at " + end + ": it has lost records or was made anew");
        }
        if (next > end) {
            throw new PartitionHaltedException("records before " + next + " were counted, but the log ends at " + end
                    + ": it has lost records or was made anew");
        }
        log.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("nextOffset", next)
                .addKeyValue("ids", empty.idsHeld())
                .addKeyValue("idsOnDisk", empty.idsOnDisk())
                .addKeyValue("millis", (System.nanoTime() - startedAt) / 1_000_000)
                .log("partition loaded");
        return loaded;
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

    /** Applies the records just polled. */
    void take(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records) {
        PartitionCheckpointer counting = checkpointer;
        if (counting == null) {
            return;
        }
        guarded(() -> {
            if (!endDueHours(counting)) {
                return;
            }
            if (!counting.counter().hasRoomFor(records.size())) {
                makeRoomFor(records.size(), counting);
                return;
            }
            counting.lookAhead(() -> records.stream().map(ConsumerRecord::value).iterator());
            for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
                counting.apply(record.offset(), record.timestamp(), record.key(), record.value());
                recordsSinceStored++;
                lastApplied = record.offset();
                if (recordsSinceStored >= mostInCheckpoint && !after(counting.checkpoint(), counting)) {
                    return;
                }
            }
        });
    }

    /** Does what is due also without records: loads, ends hours, keeps checkpoints, reads on. */
    void tend() {
        if (haltedBecause != null) {
            return;
        }
        PartitionCheckpointer counting = checkpointer;
        if (counting == null) {
            tendLoading();
            return;
        }
        guarded(() -> {
            if (!endDueHours(counting)) {
                return;
            }
            PartitionState counter = counting.counter();
            if (!boundReached) {
                counter.skipTo(tools.consumer.position(partition));
            } else if (counter.hasRoomFor(tools.settings.mostPolled())
                    || counter.canLeaveIdsOnDiskFor(tools.settings.mostPolled())) {
                goOnBelowBound();
            }
            if (isCheckpointDue(counter)) {
                after(counting.checkpoint(), counting);
            }
        });
    }

    /** Says of each way to fail what follows. Records that were polled but not applied are read again. */
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (StoreUnavailableException unsure) {
            loadAgain(String.valueOf(unsure.getMessage()));
        } catch (KafkaException noAnswer) {
            log.atWarn().addKeyValue("partition", partition).setCause(noAnswer).log("the broker gave no answer");
            PartitionCheckpointer counting = checkpointer;
            if (counting != null) {
                tools.consumer.seek(partition, counting.counter().nextOffset());
            }
        } catch (PartitionHaltedException cannotGoOn) {
            halt(String.valueOf(cannotGoOn.getMessage()));
        } catch (StoreRefusedException refused) {
            lookForFault(refused);
        } catch (RuntimeException | Error bug) {
            loadAgainAfter(bug);
        }
    }

    /**
     * What is in the checkpoint is at fault. It is counted again in checkpoints half as long, so that all before the record at fault is kept and
     * that record is named. It is not set aside: what becomes of a record follows from the log alone, and not from a failure of the store.
     */
    private void lookForFault(StoreRefusedException refused) {
        PartitionCheckpointer counting = checkpointer;
        if (counting == null) {
            loadAgainAfter(refused);
            return;
        }
        long end = counting.counter().nextOffset();
        if (recordsSinceStored <= 1) {
            halt((recordsSinceStored == 1 ? "record " + lastApplied : "the checkpoint at offset " + end)
                    + " cannot be kept, all before it is: " + refused.getMessage());
            return;
        }
        mostInCheckpoint = Math.max(1, Math.min(mostInCheckpoint, recordsSinceStored) / 2);
        faultBefore = Math.max(faultBefore, end);
        log.atWarn()
                .addKeyValue("partition", partition)
                .addKeyValue("from", storedOffset)
                .addKeyValue("to", end - 1)
                .setCause(refused)
                .log("a record is at fault, it is looked for in shorter checkpoints");
        loadAgain("the store refused the checkpoint of records " + storedOffset + " to " + (end - 1));
    }

    /** A bug may have passed when it is tried again, as a lack of memory may. If it does not pass, a person must look. */
    private void loadAgainAfter(Throwable bug) {
        bugsWithoutProgress++;
        log.atError().addKeyValue("partition", partition).setCause(bug).log("a bug, or a lack of memory, in counting");
        if (bugsWithoutProgress >= MOST_BUGS) {
            halt("it failed " + bugsWithoutProgress + " times from offset " + storedOffset + " on: " + bug);
        } else {
            loadAgain(String.valueOf(bug));
        }
    }

    private void progressed() {
        if (reloadsWithoutProgress > 0) {
            reloadsWithoutProgress = 0;
            tools.listener.progressed(ownership);
        }
        bugsWithoutProgress = 0;
    }

    /** Ends hours that are due. Whether the partition may be read on. */
    private boolean endDueHours(PartitionCheckpointer counting) {
        long lastCutoff = counting.counter().lastCutoffHour();
        Outcome outcome = counting.endDueHours(tools.clock.instant(), () -> tools.logOffsets.end(partition));
        boolean nothingWasDue = counting.counter().lastCutoffHour() == lastCutoff;
        return nothingWasDue || after(outcome, counting);
    }

    private boolean isCheckpointDue(PartitionState counter) {
        if (!counter.hasNews()) {
            hadNews = false;
            if (tools.consumer.currentLag(partition).orElse(1) == 0) {
                progressed();
            }
            return false;
        }
        long now = System.nanoTime();
        if (!hadNews) {
            hadNews = true;
            newsSinceNanos = now;
        }
        return now - newsSinceNanos >= tools.settings.checkpointInterval().toNanos()
                || counter.hasMuchNews()
                || counter.hasReachedCutoff();
    }

    /** What follows from a checkpoint. Whether it was kept. */
    private boolean after(Outcome outcome, PartitionCheckpointer counting) {
        hadNews = false;
        if (outcome != Outcome.STORED) {
            loadAgain(why(outcome));
            return false;
        }
        PartitionState counter = counting.counter();
        storedOffset = counter.checkpointedOffset();
        recordsSinceStored = 0;
        if (storedOffset >= faultBefore) {
            mostInCheckpoint = Integer.MAX_VALUE;
        }
        progressed();
        tools.consumer.commitAsync(
                Map.of(partition, new OffsetAndMetadata(counter.checkpointedOffset())),
                (offsets, onlyForLagTools) -> {});
        tools.listener.reached(ownership, counter.lateThrough());
        report(counter);
        return true;
    }

    private static String why(Outcome notStored) {
        return notStored == Outcome.TOO_EARLY
                ? "the database's clock went back, so an hour that ends now is not over by it"
                : "somebody else went on with this partition";
    }

    private void report(PartitionState counter) {
        tools.listener.stands(
                ownership,
                new PartitionStatus(
                        partition.partition(),
                        PartitionStatus.State.COUNTING,
                        counter.nextOffset(),
                        counter.checkpointedOffset(),
                        tools.consumer.currentLag(partition).orElse(0),
                        counter.tallies(),
                        counter.idsHeld(),
                        counter.idsOnDisk(),
                        counter.idBytes(),
                        counter.openBuckets(),
                        counter.lastCutoffHour(),
                        boundReached,
                        null));
    }

    /**
     * If it is the memory for ids that is full: they are never forgotten, but can be left on disk. Then state is dropped and loaded again with a quarter
     * of the room, and goes on, more slowly. If that would give no room, the partition stops until hours were closed or a person has acted.
     */
    private void makeRoomFor(int records, PartitionCheckpointer counting) {
        PartitionState counter = counting.counter();
        if (!counter.canLeaveIdsOnDiskFor(records)) {
            stopAtBound(counter);
        } else if (after(counting.checkpoint(), counting)) {
            log.atWarn()
                    .addKeyValue("partition", partition)
                    .addKeyValue("ids", counter.idsHeld())
                    .addKeyValue("onDisk", counter.idsOnDisk())
                    .log("the memory for ids is full: they are left on disk and looked up there, which is slower");
            roomForIds = counter.mostIdsLoaded();
            checkpointer = null;
            holdReading();
            startLoading();
        }
    }

    private void goOnBelowBound() {
        boundReached = false;
        tools.consumer.resume(List.of(partition));
        log.atInfo().addKeyValue("partition", partition).log("there is room again, the partition is read on");
    }

    private void stopAtBound(PartitionState counter) {
        tools.consumer.pause(List.of(partition));
        tools.consumer.seek(partition, counter.nextOffset());
        boundReached = true;
        log.atError()
                .addKeyValue("partition", partition)
                .addKeyValue("ids", counter.idsHeld())
                .addKeyValue("buckets", counter.openBuckets())
                .log(
                        "the bound on ids or buckets is reached: the partition is not read on; unless an hour that is closing makes room, raise hourledger.aggregator.max-ids or max-buckets");
        report(counter);
    }

    private void loadAgain(String why) {
        reloadsWithoutProgress++;
        log.atLevel(reloadsWithoutProgress < MANY_RELOADS ? Level.WARN : Level.ERROR)
                .addKeyValue("partition", partition)
                .addKeyValue("why", why)
                .addKeyValue("timesWithoutProgress", reloadsWithoutProgress)
                .log("state dropped, to be loaded again");
        checkpointer = null;
        loading = null;
        hadNews = false;
        boundReached = false;
        long usual = tools.settings.retryAfter().toNanos();
        long pause = bugsWithoutProgress == 0
                ? usual
                : Math.max(usual, Math.min(LONGEST_PAUSE_NANOS, usual << bugsWithoutProgress));
        loadAgainAtNanos = System.nanoTime() + pause;
        holdReading();
        tools.listener.reloading(ownership, reloadsWithoutProgress);
        tools.listener.stands(ownership, PartitionStatus.loading(partition.partition()));
    }

    private void tendLoading() {
        CompletableFuture<PartitionCheckpointer> pending = loading;
        if (pending == null) {
            if (System.nanoTime() - loadAgainAtNanos >= 0) {
                startLoading();
            }
            return;
        }
        if (!pending.isDone()) {
            return;
        }
        loading = null;
        try {
            PartitionCheckpointer loaded = pending.join();
            checkpointer = loaded;
            storedOffset = loaded.counter().checkpointedOffset();
            recordsSinceStored = 0;
            roomForIds = Long.MAX_VALUE;
            if (loaded.counter().hasNews() && !keepCutoffsOfBefore(loaded)) {
                return;
            }
            tools.listener.loaded(ownership, loaded.counter().tallies());
            tools.consumer.seek(partition, loaded.counter().nextOffset());
            tools.consumer.resume(List.of(partition));
            report(loaded.counter());
        } catch (CompletionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof StoreUnavailableException || cause instanceof KafkaException) {
                loadAgain(String.valueOf(cause.getMessage()));
            } else if (cause instanceof PartitionHaltedException) {
                halt(String.valueOf(cause.getMessage()));
            } else {
                loadAgainAfter(cause == null ? failed : cause);
            }
        }
    }

    /** The database went back: its hours end where they ended before. Whether that was kept. */
    private boolean keepCutoffsOfBefore(PartitionCheckpointer loaded) {
        try {
            Outcome outcome = loaded.checkpoint();
            if (outcome == Outcome.STORED) {
                log.atWarn()
                        .addKeyValue("partition", partition)
                        .log(
                                "the database went back to an earlier state: its hours are closed again at the cutoffs of before");
                return true;
            }
            loadAgain(why(outcome));
        } catch (StoreUnavailableException unsure) {
            loadAgain(String.valueOf(unsure.getMessage()));
        } catch (StoreRefusedException refused) {
            lookForFault(refused);
        }
        return false;
    }

    /** Reads no further until a person has acted and started this process again. */
    void halt(String why) {
        haltedBecause = why;
        checkpointer = null;
        loading = null;
        holdReading();
        log.atError()
                .addKeyValue("partition", partition)
                .log("partition halted, a person must decide how to go on: " + why);
        tools.listener.stands(ownership, PartitionStatus.halted(partition.partition(), why));
    }

    /** The group takes the partition away in good order: what was applied is kept, if it can be. */
    void release() {
        PartitionCheckpointer counting = checkpointer;
        if (counting != null && counting.counter().hasNews()) {
            try {
                Outcome outcome = counting.checkpoint();
                log.atInfo()
                        .addKeyValue("partition", partition)
                        .addKeyValue("outcome", outcome)
                        .log("partition released");
            } catch (RuntimeException | Error notStored) {
                // whatever it is, the partition is handed back, and so are the others; what was not kept is read again
                log.atWarn()
                        .addKeyValue("partition", partition)
                        .setCause(notStored)
                        .log("released without a checkpoint");
            }
        }
        drop();
    }

    /** The group has given the partition to somebody else already. */
    void drop() {
        checkpointer = null;
        loading = null;
        tools.listener.released(ownership);
    }
}
