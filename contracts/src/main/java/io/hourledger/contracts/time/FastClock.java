package io.hourledger.contracts.time;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Business time that runs at another speed than the machine's, the same in every process that is given the same three values:
 * {@code origin + (machine time - anchor) * speed}. For tests, chaos runs and the demo; production uses {@link Clock#systemUTC()}.
 */
public final class FastClock extends Clock implements BusinessTime {

    private final Clock machine;
    private final Instant anchor;
    private final Instant origin;
    private final double speed;

    /**
     * @param machine the machine's clock
     * @param anchor the machine time at which business time is {@code origin}
     * @param origin where business time starts
     * @param speed business seconds in one second of the machine, above zero
     */
    public FastClock(Clock machine, Instant anchor, Instant origin, double speed) {
        if (!(speed > 0)) {
            throw new IllegalArgumentException("a clock's speed must be above zero: " + speed);
        }
        this.machine = machine;
        this.anchor = anchor;
        this.origin = origin;
        this.speed = speed;
    }

    @Override
    public Instant instant() {
        return at(machine.instant());
    }

    @Override
    public Instant at(Instant machineTime) {
        long elapsedNanos = Duration.between(anchor, machineTime).toNanos();
        return origin.plusNanos((long) (elapsedNanos * speed));
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** Business time here is UTC only. */
    @Override
    public Clock withZone(ZoneId zone) {
        if (zone.equals(ZoneOffset.UTC)) {
            return this;
        }
        throw new IllegalArgumentException("business time is UTC only, not " + zone);
    }
}
