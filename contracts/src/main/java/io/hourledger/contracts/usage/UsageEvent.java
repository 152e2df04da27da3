package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * One event of use, as an app said it (CloudEvents 1.0) and as its meters read it.
 *
 * @param source the CloudEvents {@code source}; together with {@code id} it names the event within its subject
 * @param id the CloudEvents {@code id}, chosen by the app and kept through every retry
 * @param type the CloudEvents {@code type}
 * @param subject the instance that was used
 * @param time when the use happened; its UTC hour is where it counts
 * @param readings what the meters of this type read whose filters it matches, by name
 */
public record UsageEvent(String source, String id, String type, String subject, Instant time, List<Reading> readings) {

    /**
     * What one meter reads in an event.
     *
     * @param value the value of its field, in raw units; one if it counts; of a unique count a number that stands for the value
     */
    public record Reading(Meter meter, BigDecimal value) {}

    public UsageEvent {
        readings = List.copyOf(readings);
    }

    /** The first meter that reads it. */
    public Meter meter() {
        return readings.getFirst().meter();
    }

    /** What that meter reads. */
    public BigDecimal value() {
        return readings.getFirst().value();
    }

    public UsageHour hour() {
        return UsageHour.of(time);
    }
}
