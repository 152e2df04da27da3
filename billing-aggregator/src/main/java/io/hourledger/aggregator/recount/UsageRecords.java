package io.hourledger.aggregator.recount;

/** Records of the usage log, for who counts a stretch of it again. */
interface UsageRecords {

    /** Takes the records of a stretch, in their order. */
    interface Taker {
        void take(LogRecord record);

        /** Whether the rest of the stretch need not be read. */
        default boolean hasEnough() {
            return false;
        }
    }

    /** Reads the records of {@code [from, to)}. */
    void read(int partition, long from, long to, Taker taker);
}
