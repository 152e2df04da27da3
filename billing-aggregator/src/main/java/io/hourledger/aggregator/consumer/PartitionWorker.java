package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.consumer.PartitionPhase.AtBound;
import io.hourledger.aggregator.consumer.PartitionPhase.Counting;
import io.hourledger.aggregator.consumer.PartitionPhase.Halted;
import io.hourledger.aggregator.consumer.PartitionPhase.Loading;
import io.hourledger.aggregator.consumer.PartitionPhase.Released;
import io.hourledger.aggregator.consumer.PartitionPhase.Waiting;
import io.hourledger.aggregator.hour.CheckpointRefusedException;
import io.hourledger.aggregator.hour.CheckpointStore.Outcome;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.PartitionCheckpointer;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.PartitionOwnership;
import io.hourledger.aggregator.hour.PartitionState;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition while the group gives it to this consumer: loads its state beside the poll loop, then applies its records and keeps
 * checkpoints. When it is unsure what was kept it drops the state and loads again. Its consumer reads it only while it is counting.
 */
final class PartitionWorker {

    private static final Logger log = LoggerFactory.getLogger(PartitionWorker.class);

    /** What an owned partition needs, the same for all of one thread. */
    record Tools(
            Consumer<ByteBuffer, ByteBuffer> consumer,
            PartitionLoader loader,
            LogOffsets logOffsets,
            Clock clock,
            ConsumerSettings settings,
            PartitionListener listener,
            HaltStore halts,
            ProductScopes products) {}

    private final TopicPartition partition;
    private final Tools tools;
    private final PartitionOwnership ownership;
    private final FaultSearch faultSearch = new FaultSearch();
    private final ReloadBackoff backoff;
    private final CheckpointTimer timer;
    private final PolledEpochs epochs = new PolledEpochs();

    private PartitionPhase phase;
    private long roomForIds = Long.MAX_VALUE;

    PartitionWorker(TopicPartition partition, Tools tools) {
        this.partition = partition;
        this.tools = tools;
        this.ownership = tools.listener.given(partition.partition());
        this.backoff = new ReloadBackoff(tools.settings.retryAfter());
        this.timer = new CheckpointTimer(tools.settings.checkpointInterval());
        holdReading();
        this.phase = startLoading();
    }

    /** Without a position the consumer would ask the group for one and find none. While paused, no record is fetched from it. */
    private void holdReading() {
        tools.consumer.seek(partition, 0);
        tools.consumer.pause(List.of(partition));
    }

    private Loading startLoading() {
        Loading loading = new Loading(tools.loader.start(partition, roomForIds, ownership, tools.listener));
        tools.listener.stands(ownership, PartitionStatus.loading(partition.partition()));
        return loading;
    }

    /** Applies the records just polled. */
    void take(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records) {
        PartitionCheckpointer counting = phase.held();
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
            if (!counting.counter().hasRoomForBuckets(records.size())) {
                if (!after(timer.timed(counting::checkpoint), counting)) {
                    return;
                }
                counting.counter().clearBuckets();
            }
            counting.readIn(PolledEpochs.of(records));
            ProductScopes.Checked checked = tools.products.check(records);
            counting.lookAhead(() -> records.stream().map(ConsumerRecord::value).iterator());
            for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
                checked.apply(record, counting);
                faultSearch.applied(record.offset());
                if (faultSearch.isCheckpointFull() && !after(counting.checkpoint(), counting)) {
                    return;
                }
            }
        });
    }

    /** Does what is due also without records: loads, ends hours, keeps checkpoints, reads on. */
    void tend() {
        switch (phase) {
            case Waiting(long untilNanos) -> {
                if (System.nanoTime() - untilNanos >= 0) {
                    phase = startLoading();
                }
            }
            case Loading(CompletableFuture<PartitionCheckpointer> result) -> {
                if (result.isDone()) {
                    finishLoading(result);
                }
            }
            case Counting(PartitionCheckpointer counting) -> tend(counting, () -> skipMarkers(counting));
            case AtBound(PartitionCheckpointer counting) -> tend(counting, () -> goOnIfThereIsRoom(counting));
            case Halted(HaltWatch watch) -> {
                if (watch.mayGoOn()) {
                    backoff.progressed();
                    phase = startLoading();
                }
            }
            case Released _ -> {}
        }
    }

    /** A poll has come this far. */
    void polledUpTo(OffsetAndMetadata next) {
        epochs.polledUpTo(next);
    }

    private void skipMarkers(PartitionCheckpointer counting) {
        long position = tools.consumer.position(partition);
        if (position > counting.counter().nextOffset()) {
            counting.readIn(epochs.before(position));
            counting.counter().skipTo(position);
        }
    }

    private void tend(PartitionCheckpointer counting, Runnable readOn) {
        guarded(() -> {
            if (!endDueHours(counting)) {
                return;
            }
            readOn.run();
            if (isCheckpointDue(counting.counter())) {
                after(timer.timed(counting::checkpoint), counting);
            }
        });
    }

    /** Says of each way to fail what follows. Records that were polled but not applied are read again. */
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (OffsetOutOfRangeException lost) {
            throw lost; // it may be of another partition of this consumer
        } catch (KafkaException noAnswer) {
            log.atWarn().addKeyValue("partition", partition).setCause(noAnswer).log("the broker gave no answer");
            PartitionCheckpointer counting = phase.held();
            if (counting != null) {
                tools.consumer.seek(
                        partition, PolledEpochs.position(counting.counter().nextOffset(), counting.leaderEpoch()));
            }
        } catch (RuntimeException | Error failure) {
            didNotGoOn(failure);
        }
    }

    /** The record at fault is not quarantined: what becomes of a record follows from the log alone, and not from a failure of the store. */
    private void lookForFault(CheckpointRefusedException refused) {
        PartitionCheckpointer counting = phase.held();
        if (counting == null) {
            loadAgainAfter(refused);
            return;
        }
        long end = counting.counter().nextOffset();
        if (faultSearch.isFound()) {
            halt(
                    HaltReason.RECORD_REFUSED,
                    faultSearch.found(end) + " cannot be kept, all before it is: " + refused.getMessage());
            return;
        }
        faultSearch.narrow(end);
        log.atWarn()
                .addKeyValue("partition", partition)
                .addKeyValue("from", faultSearch.storedOffset())
                .addKeyValue("to", end - 1)
                .setCause(refused)
                .log("a record is at fault, it is looked for in shorter checkpoints");
        loadAgain("the store refused the checkpoint of records " + faultSearch.storedOffset() + " to " + (end - 1));
    }

    /** A bug may have passed when it is tried again, as a lack of memory may. If it does not pass, a person must look. */
    private void loadAgainAfter(Throwable bug) {
        backoff.failed();
        log.atError().addKeyValue("partition", partition).setCause(bug).log("a bug, or a lack of memory, in counting");
        if (backoff.areBugsTooMany()) {
            halt(
                    HaltReason.REPEATED_FAILURE,
                    "it failed " + backoff.bugs() + " times from offset " + faultSearch.storedOffset() + " on: " + bug);
        } else {
            loadAgain(String.valueOf(bug));
        }
    }

    private void progressed() {
        if (backoff.progressed()) {
            tools.listener.progressed(ownership);
        }
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
            timer.noNews();
            if (tools.consumer.currentLag(partition).orElse(1) == 0) {
                progressed();
            }
            return false;
        }
        return timer.isDueWithNews() || counter.hasMuchNews() || counter.hasReachedCutoff();
    }

    /** What follows from a checkpoint. Whether it was kept. */
    private boolean after(Outcome outcome, PartitionCheckpointer counting) {
        timer.noNews();
        if (outcome != Outcome.STORED) {
            loadAgain(ReloadBackoff.why(outcome));
            return false;
        }
        PartitionState counter = counting.counter();
        faultSearch.stored(counter.checkpointedOffset());
        progressed();
        tools.consumer.commitAsync(
                Map.of(partition, PolledEpochs.position(counter.checkpointedOffset(), counting.leaderEpoch())),
                (offsets, onlyForLagTools) -> {});
        tools.listener.reached(ownership, counter.lateThrough());
        report(counter);
        return true;
    }

    private void report(PartitionState counter) {
        tools.listener.stands(ownership, PartitionStatus.counting(counter, phase instanceof AtBound));
    }

    /** Leaves ids on disk, by loading again with a quarter of the room: slower. If that gives none, stops until hours close or a person acts. */
    private void makeRoomFor(int records, PartitionCheckpointer counting) {
        PartitionState counter = counting.counter();
        if (!counter.canLeaveIdsOnDiskFor(records)) {
            stopAtBound(counting);
        } else if (after(timer.timed(counting::checkpoint), counting)) {
            log.atWarn()
                    .addKeyValue("partition", partition)
                    .addKeyValue("ids", counter.idsHeld())
                    .addKeyValue("onDisk", counter.idsOnDisk())
                    .log("the memory for ids is full: they are left on disk and looked up there, which is slower");
            roomForIds = counter.mostIdsLoaded();
            holdReading();
            phase = startLoading();
        }
    }

    private void goOnIfThereIsRoom(PartitionCheckpointer counting) {
        PartitionState counter = counting.counter();
        int mostPolled = tools.settings.mostPolled();
        if (counter.hasRoomFor(mostPolled) || counter.canLeaveIdsOnDiskFor(mostPolled)) {
            phase = new Counting(counting);
            tools.consumer.resume(List.of(partition));
            log.atInfo().addKeyValue("partition", partition).log("there is room again, the partition is read on");
        }
    }

    private void stopAtBound(PartitionCheckpointer counting) {
        PartitionState counter = counting.counter();
        tools.consumer.pause(List.of(partition));
        tools.consumer.seek(partition, counter.nextOffset());
        phase = new AtBound(counting);
        log.atError()
                .addKeyValue("partition", partition)
                .addKeyValue("ids", counter.idsHeld())
                .log("the bound on ids, hourledger.aggregator.max-ids, is reached until an hour closes");
        report(counter);
    }

    private void loadAgain(String why) {
        backoff.reloading(partition, why);
        timer.noNews();
        phase = new Waiting(System.nanoTime() + backoff.pauseNanos());
        holdReading();
        tools.listener.reloading(ownership, backoff.reloads());
        tools.listener.stands(ownership, PartitionStatus.loading(partition.partition()));
    }

    private void finishLoading(CompletableFuture<PartitionCheckpointer> result) {
        try {
            goOnFrom(result.join());
        } catch (CompletionException failed) {
            didNotGoOn(failed.getCause() == null ? failed : failed.getCause());
        } catch (RuntimeException | Error failed) {
            didNotGoOn(failed);
        }
    }

    /** What follows from a failure to load, to apply or to keep. */
    private void didNotGoOn(Throwable failure) {
        switch (failure) {
            case StoreUnavailableException unsure -> loadAgain(String.valueOf(unsure.getMessage()));
            case KafkaException noAnswer -> loadAgain(String.valueOf(noAnswer.getMessage()));
            case PartitionHaltedException halted -> halt(halted.reason(), String.valueOf(halted.getMessage()));
            case CheckpointRefusedException refused -> lookForFault(refused);
            default -> loadAgainAfter(failure);
        }
    }

    private void goOnFrom(PartitionCheckpointer loaded) {
        PartitionState counter = loaded.counter();
        phase = new Counting(loaded);
        faultSearch.loaded(counter.checkpointedOffset());
        roomForIds = Long.MAX_VALUE;
        if (counter.hasNews() && !keepCutoffsOfBefore(loaded)) {
            return;
        }
        tools.listener.loaded(ownership, counter.tallies());
        tools.consumer.seek(partition, PolledEpochs.position(counter.nextOffset(), loaded.leaderEpoch()));
        tools.consumer.resume(List.of(partition));
        report(counter);
    }

    /** The database went back: its hours end where they ended before. Whether that was kept. */
    private boolean keepCutoffsOfBefore(PartitionCheckpointer loaded) {
        Outcome outcome = loaded.checkpoint();
        if (outcome != Outcome.STORED) {
            loadAgain(ReloadBackoff.why(outcome));
            return false;
        }
        log.atWarn().addKeyValue("partition", partition).log("the database went back, its hours end as before");
        return true;
    }

    /** Reads no further until a person lets the partition go on, or it is loaded anew by a start or a rebalance. */
    void halt(HaltReason reason, String why) {
        phase = new Halted(new HaltWatch(tools.halts, partition.partition(), reason, why, tools.clock.instant()));
        holdReading();
        log.atError()
                .addKeyValue("partition", partition)
                .log("partition halted, a person must decide how to go on: " + why);
        tools.listener.stands(ownership, PartitionStatus.halted(partition.partition(), why));
    }

    /** The group takes the partition away in good order: what was applied is kept, if it can be. */
    void release() {
        PartitionCheckpointer counting = phase.held();
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
        phase = new Released();
        tools.listener.released(ownership);
    }
}
