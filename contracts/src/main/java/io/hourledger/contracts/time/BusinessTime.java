package io.hourledger.contracts.time;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Business time as it follows from a machine's time. A business clock that runs shifted or faster implements it, so that the time of
 * another machine, such as the database's, is shifted alike and the two can be compared.
 */
@FunctionalInterface
public interface BusinessTime {

    /** How far the clocks of two machines may lie apart before they differ. */
    Duration AGREED_WITHIN = Duration.ofSeconds(30);

    /** What business time is, or was, when it is {@code machineTime} on a machine whose clock is right. */
    Instant at(Instant machineTime);

    /** The business time that this clock shows; any other clock than one made here shows the machine's time. */
    static BusinessTime of(Clock clock) {
        return clock instanceof BusinessTime shifted ? shifted : machineTime -> machineTime;
    }
}
