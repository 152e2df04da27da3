package io.hourledger.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What a run is to be.
 *
 * @param length how long the stack is disturbed
 * @param run the folder in which the processes keep their data and logs
 * @param out where the figures go; the three books go beside it
 * @param wanted which kinds of disturbance
 */
record ChaosPlan(
        Duration length,
        long seed,
        Path run,
        Path out,
        int buyers,
        int eventsPerSecond,
        Predicate<Schedule.Choice> wanted) {

    /** The hours that the load filled last close while the stack is still being disturbed. */
    private static final Duration LOAD_ENDS_BEFORE = Duration.ofSeconds(30);

    /**
     * How long an hour waits after its end. On the machine's clock that is longer than any outage of ingest and broker that a schedule can
     * make, and the disorder of the load with it, so that no event can be late.
     */
    private static final Duration GRACE = Duration.ofHours(12);

    Duration grace() {
        return GRACE;
    }

    Duration load() {
        Duration half = length.dividedBy(2);
        Duration most = length.minus(LOAD_ENDS_BEFORE);
        return most.compareTo(half) > 0 ? most : half;
    }
}
