package io.hourledger.aggregator.simulation;

import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.embedded.TestClock;
import java.util.List;

/** A place where partitions are kept, and a look into it that does not pass through the code under test. */
interface Stores {

    /** The time that the clocks of all machines show that are right, this place among them. */
    TestClock clock();

    CheckpointStore checkpoints();

    ClosingStore closing();

    StoredState stored(int partition);

    /** The part of it that changes whenever anything of it does. */
    Progress progress(int partition);

    /** How far a partition is counted, and where its hours end. */
    record Progress(long nextOffset, List<Cutoff> cutoffs) {}

    /** Buckets in this state. */
    long waiting(int partition, ClosingStore.State state);
}
