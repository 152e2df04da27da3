package io.hourledger.client;

/** What a flush or a close came to. */
public sealed interface FlushResult {

    /** All that was recorded before the call has its answer: the service has it, or has rejected it. */
    record AllSent() implements FlushResult {}

    /**
     * The deadline came first.
     *
     * @param usages how many still wait
     * @param where what becomes of them when the process ends
     */
    record StillWaiting(long usages, Where where) implements FlushResult {}

    /** Where usage waits. */
    enum Where {
        /** Forced to the disk; the next client on the folder sends it. */
        FOLDER,
        /** Gone when the process ends. */
        MEMORY
    }
}
