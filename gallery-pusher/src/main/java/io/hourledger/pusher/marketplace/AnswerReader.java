package io.hourledger.pusher.marketplace;

import java.time.Instant;

/** Reads what came back for a call. A result that was stored is read again in the same way. */
public interface AnswerReader {

    /**
     * Total: whatever came back, there is an answer.
     *
     * @param result what came back
     * @param machineNow the machine's time, against which a date to try again is counted
     */
    PushAnswer read(HttpResult result, Instant machineNow);
}
