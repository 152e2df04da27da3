package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * One event of use, as an app said it (CloudEvents 1.0) and as its meters read it.
 *
 * @param source the CloudEvents {@code source}; together with {@code id} it names the event within its subject
 * @param id the CloudEvents {@code id}, chosen by the app and kept through every retry
 * @param meter the first meter that reads events of this type
 * @param subject the instance that was used
 * @param time when the use happened; its UTC hour is where it counts
 * @param value what that meter reads: the value of its field, in raw units, or one if it counts
 * @param further what the other meters of this type read, by name
 */
public record UsageEvent(
        String source, String id, Meter meter, String subject, Instant time, BigDecimal value, List<Reading> further) {

    /** What one meter reads in an event. */
    public record Reading(Meter meter, BigDecimal value) {}

    public UsageEvent {
        further = List.copyOf(further);
    }

    public UsageHour hour() {
        return UsageHour.of(time);
    }
}
