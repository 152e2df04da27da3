package io.hourledger.aggregator.journal;

import java.util.Optional;
import java.util.UUID;

/** Who writes cutoffs: an installation, by the incarnation of it that is in force. */
public interface CutoffWriter {

    UUID installation();

    /**
     * The number of the incarnation, as it was last looked at.
     *
     * @throws io.hourledger.aggregator.hour.PartitionHaltedException if another one is in force
     */
    long incarnation();

    /**
     * Asks anew.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if nobody knows now
     */
    void lookAgain();

    /** Another installation whose hours are this one's from now on. */
    Optional<UUID> takesOver();
}
