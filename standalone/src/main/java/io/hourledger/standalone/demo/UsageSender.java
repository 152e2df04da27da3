package io.hourledger.standalone.demo;

import java.io.IOException;
import java.util.List;

/** Where usage events are handed in. */
interface UsageSender {

    /**
     * Hands in one batch and waits for the answer.
     *
     * @param events JSON objects, one per event
     * @throws IOException if it is unknown what became of the batch: it must be sent again
     * @throws InterruptedException if the demo is being stopped
     */
    Answer send(List<String> events) throws IOException, InterruptedException;

    /** What became of a batch. */
    sealed interface Answer {

        /**
         * Every event was judged.
         *
         * @param accepted how many are acknowledged
         * @param refused the reasons of those that never will be
         */
        record Assessed(int accepted, List<String> refused) implements Answer {}

        /** Some events were not taken for now: the batch must be sent again, which is harmless for those that were. */
        record SendAgain(long afterNanos, String why) implements Answer {}
    }
}
