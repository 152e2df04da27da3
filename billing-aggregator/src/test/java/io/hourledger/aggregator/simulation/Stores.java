package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.embedded.TestClock;

/** A place where partitions are kept, and a look into it that does not pass through the code under test. */
interface Stores {

    /** The time that the clocks of all machines show that are right, this place among them. */
    TestClock clock();

    CheckpointStore checkpoints();

    ClosingStore closing();

    StoredState stored(int partition);

    /** Buckets in this state. */
    long waiting(int partition, ClosingStore.State state);
}
