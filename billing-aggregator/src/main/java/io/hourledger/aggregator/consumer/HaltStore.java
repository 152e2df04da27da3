package io.hourledger.aggregator.consumer;

import io.hourledger.aggregator.hour.HaltReason;
import java.time.Instant;

/** Stores which partitions are halted, so that they can be asked about while no process runs, and a person can let one go on. */
public interface HaltStore {

    /**
     * Says why a partition is halted.
     *
     * @param detail a sentence for a person
     * @param since business time
     */
    record Halt(HaltReason reason, String detail, Instant since) {}

    /**
     * Stores that a partition is halted.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if that may not have been stored
     */
    void halted(int partition, Halt halt);

    /**
     * Whether the halt is still stored: a person takes it away to let the partition go on.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if nobody knows now
     */
    boolean isHalted(int partition);

    /** Takes the halt away, if there is one: its cause has gone. */
    void goesOn(int partition);

    /** Takes every halt of this reason away: its cause has gone for all partitions. */
    void allGoOn(HaltReason reason);
}
