package io.hourledger.aggregator.recount;

import io.hourledger.aggregator.hour.CountingRules;

/** Bounds how many values of unique counts one reading of the log holds in memory. Belongs to one thread. */
final class RoomForValues {

    /** What one value takes, in ids. */
    private static final int IDS_PER_VALUE = 6;

    private final long most;
    private long held;

    RoomForValues(CountingRules rules) {
        this.most = rules.mostIds() / IDS_PER_VALUE;
    }

    /**
     * Takes one more.
     *
     * @throws NoRoomException if there is no room for it
     */
    void takeOne() {
        if (++held > most) {
            throw new NoRoomException(
                    "more than " + most + " values of unique counts are needed in memory: give it more"
                            + " heap, or raise hourledger.aggregator.max-ids");
        }
    }
}
