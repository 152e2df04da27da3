package io.hourledger.chaos;

import io.hourledger.contracts.time.FastClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * The business time that all processes of a run share, as the three values that make it.
 *
 * @param anchor the machine time at which business time is {@code origin}
 */
record ChaosClock(Instant anchor, Instant origin, double speed) {

    /** An hour takes five seconds, so that a minute closes a dozen of them. */
    static final double SPEED = 720;

    /**
     * Begins to run at once, at the start of the machine's hour. Not in the past: a broker that starts again forgets producers whose last
     * record is older than {@code producer.id.expiration.ms} by its own clock, and a producer with several requests on their way then
     * gets stuck until its time is over (KAFKA-14359). That would be a misfortune of the clock, not of the stack.
     */
    static ChaosClock startingNow(double speed) {
        Instant anchor = Clock.systemUTC().instant();
        return new ChaosClock(anchor, anchor.truncatedTo(ChronoUnit.HOURS), speed);
    }

    Clock clock() {
        return new FastClock(Clock.systemUTC(), anchor, origin, speed);
    }

    /** How long a span of the machine's time is on this clock. */
    Duration business(Duration elapsed) {
        return Duration.ofMillis((long) (elapsed.toMillis() * speed));
    }

    /** How long a span of this clock takes on the machine. */
    Duration elapsed(Duration business) {
        return Duration.ofMillis((long) (business.toMillis() / speed));
    }

    /** The settings that give a service this clock. */
    Map<String, String> settings() {
        return Map.of(
                "hourledger.clock.anchor", anchor.toString(),
                "hourledger.clock.origin", origin.toString(),
                "hourledger.clock.speed", Double.toString(speed));
    }
}
