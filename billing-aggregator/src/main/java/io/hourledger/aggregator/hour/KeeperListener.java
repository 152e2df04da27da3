package io.hourledger.aggregator.hour;

/** What the keeper of a partition tells, and asks, those around it. */
public interface KeeperListener {

    /** A checkpoint was kept. */
    void kept(Checkpoint checkpoint);

    /**
     * Number of the hour up to which ids of this partition lie in sealed blocks, so that memory may let go of them; {@link Long#MIN_VALUE} if
     * there is none or it is not known yet.
     */
    long sealedThrough(int partition);
}
