package io.hourledger.simulator.usage;

/** Says which calls are too many. */
@FunctionalInterface
interface CallLimit {

    /** Whether one more call fits in; then it counts. */
    boolean permits();
}
