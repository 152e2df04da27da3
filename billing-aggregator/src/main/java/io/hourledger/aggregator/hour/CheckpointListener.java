package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.UsageHour;
import java.time.Instant;

/** What the keeper of a partition tells, and asks, those around it. */
public interface CheckpointListener {

    /**
     * An hour is over by this process's clock and not by the store's: it goes on. Told once of each hour.
     *
     * @param processTime what this process's clock shows
     * @param storeTime what the store's shows, as business time
     */
    void overTooSoon(int partition, UsageHour hour, Instant processTime, Instant storeTime);

    /** A checkpoint was kept. */
    void stored(Checkpoint checkpoint);

    /**
     * Number of the hour up to which ids of this partition lie in sealed blocks, so that memory may let go of them; {@link Long#MIN_VALUE} if
     * there is none or it is not known yet.
     */
    long sealedThrough(int partition);
}
