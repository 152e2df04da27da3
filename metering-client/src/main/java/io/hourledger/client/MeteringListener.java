package io.hourledger.client;

import java.time.Duration;

/** Hooks for metrics and alarms, called on the sending thread one after another. What a hook throws is logged. */
public interface MeteringListener {

    /** The service has these usages. */
    default void accepted(int usages, Duration took) {}

    /** The service refused this usage for good. */
    default void rejected(RejectedUsage usage) {}

    /**
     * These usages got no answer, and are sent again.
     *
     * @param cause what came back, or did not
     * @param pause for how long they wait
     */
    default void held(int usages, String cause, Duration pause) {}
}
