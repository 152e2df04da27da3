package io.hourledger.standalone.traffic;

import java.time.Instant;

/** What stands on one line of the traffic. */
public sealed interface TrafficLine {

    /** Where it stands, from 1. */
    long number();

    /**
     * A request that a buyer's customer made.
     *
     * @param key names the request for ever; two lines with one key are one request that was sent twice
     * @param buyer who pays for it
     * @param time when it was made
     * @param bytes what was sent back; zero if nothing was
     * @param repeat whether a line before it has the same key
     */
    record Request(long number, String key, String buyer, Instant time, long bytes, boolean repeat)
            implements TrafficLine {

        static Request once(long number, String key, String buyer, Instant time, long bytes) {
            return new Request(number, key, buyer, time, bytes, false);
        }
    }

    /**
     * A line that says nothing that could be counted.
     *
     * @param why a sentence for a person
     */
    record Malformed(long number, String why) implements TrafficLine {}
}
