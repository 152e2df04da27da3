package io.hourledger.simulator;

import io.hourledger.contracts.time.FastClock;
import jakarta.validation.constraints.NotBlank;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * What every service of the house is told.
 *
 * @param operatorToken the bearer token of the control API and the console
 * @param clock the business clock, if it is not the machine's
 */
@Validated
@ConfigurationProperties("hourledger")
public record HouseSettings(
        @NotBlank(message = "set hourledger.operator-token: the control API is never open") String operatorToken,
        @Nullable Fast clock) {

    /**
     * Business time that runs at its own speed.
     *
     * @param anchor the machine time at which business time is {@code origin}
     * @param origin where business time starts
     * @param speed business seconds in one second of the machine
     */
    public record Fast(@Nullable Instant anchor, @Nullable Instant origin, @Nullable Double speed) {

        public Fast {
            boolean all = anchor != null && origin != null && speed != null;
            boolean none = anchor == null && origin == null && speed == null;
            if (!all && !none) {
                throw new IllegalArgumentException("hourledger.clock needs anchor, origin and speed together, or none");
            }
        }
    }

    /** Business time as configured: the machine's, or a fast one that other processes can share. */
    Clock businessClock() {
        if (clock == null || clock.anchor == null || clock.origin == null || clock.speed == null) {
            return Clock.systemUTC();
        }
        return new FastClock(Clock.systemUTC(), clock.anchor, clock.origin, clock.speed);
    }
}
