package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointStore;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** A store that can be told to fail before or after it does what it is asked. */
final class FailingStore implements CheckpointStore {

    private final CheckpointStore store;

    Runnable beforeLoad = () -> {};
    Runnable beforeFindOnDisk = () -> {};
    Consumer<Checkpoint> beforeKeep = checkpoint -> {};
    Consumer<Checkpoint> afterKeep = checkpoint -> {};

    FailingStore(CheckpointStore store) {
        this.store = store;
    }

    @Override
    public void load(int partition, int hoursInMemory, long roomForIds, Loading into) {
        beforeLoad.run();
        store.load(partition, hoursInMemory, roomForIds, into);
    }

    @Override
    public Instant now() {
        return store.now();
    }

    @Override
    public Outcome keep(Checkpoint checkpoint, Instant notBefore) {
        beforeKeep.accept(checkpoint);
        Outcome outcome = store.keep(checkpoint, notBefore);
        afterKeep.accept(checkpoint);
        return outcome;
    }

    @Override
    public long[] findSealed(int partition, List<WantedId> wanted) {
        return store.findSealed(partition, wanted);
    }

    @Override
    public long[] findOnDisk(int partition, List<OnDiskId> wanted) {
        beforeFindOnDisk.run();
        return store.findOnDisk(partition, wanted);
    }
}
