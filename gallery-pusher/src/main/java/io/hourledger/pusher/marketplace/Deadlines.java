package io.hourledger.pusher.marketplace;

import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.UsageHour;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;

/**
 * By when usage records must be with a marketplace, in business time.
 *
 * @param hourly how long after its end an hour is collected, if its product is billed hourly
 * @param daily when a day is collected, if its product is billed daily
 * @param delayedAfter how long after the collection a record that is not there counts as delayed
 * @param ageLimit how long after its begin a record is taken no more
 * @param ageAlarm how long after its begin a person must see to a record that is not there
 */
public record Deadlines(Duration hourly, Daily daily, Duration delayedAfter, Duration ageLimit, Duration ageAlarm) {

    /**
     * The collection of a day.
     *
     * @param at on the day after
     * @param zone whose days they are
     */
    public record Daily(LocalTime at, ZoneId zone) {}

    /** When an hourly record is collected that can be sent from this moment on. */
    public Instant nextCollection(Instant from) {
        return collection(UsageHour.of(from), BillingCycle.HOURLY);
    }

    /** When the records of an hour are collected: what comes later is late. */
    public Instant collection(UsageHour hour, BillingCycle cycle) {
        return switch (cycle) {
            case HOURLY -> hour.end().plus(hourly);
            case DAILY ->
                hour.start()
                        .atZone(daily.zone)
                        .toLocalDate()
                        .plusDays(1)
                        .atTime(daily.at)
                        .atZone(daily.zone)
                        .toInstant();
        };
    }
}
