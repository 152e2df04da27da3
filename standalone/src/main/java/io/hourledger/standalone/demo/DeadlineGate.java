package io.hourledger.standalone.demo;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.clock.DemoClock;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds the demo's clock before each hour's deadline until the services are done with that hour, and passes over hours without traffic. So a
 * busy machine never makes a record late: what is late in a demo is late by a fault.
 */
final class DeadlineGate {

    /** The marketplace wants an hour's records within 15 minutes of its end; the clock waits a minute before that. */
    static final Duration WAITS_AT = Duration.ofMinutes(14);

    private static final long GLANCE_NANOS = Duration.ofMillis(50).toNanos();

    /** Tells whether the services are done with an hour. */
    @FunctionalInterface
    interface Services {

        /** Whether the hour is closed everywhere, and each of its records is reported or waits for a person. */
        boolean areDoneWith(UsageHour hour);
    }

    private final SortedSet<UsageHour> hours;
    private final DemoClock clock;
    private final Services services;

    /**
     * @param hours those with traffic
     */
    DeadlineGate(SortedSet<UsageHour> hours, DemoClock clock, Services services) {
        this.hours = hours;
        this.clock = clock;
        this.services = services;
    }

    /** Returns when the services are done with the last hour. */
    void run() throws InterruptedException {
        for (UsageHour hour : hours) {
            clock.letServicesWorkUntil(hour.end().plus(WAITS_AT));
            while (!services.areDoneWith(hour)) {
                // again and again: what the feeder has yet to tell may hold the clock
                clock.passOverTo(hour.start().minus(Feeder.LOOK_AHEAD));
                LockSupport.parkNanos(this, GLANCE_NANOS);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
        clock.letServicesWorkUntil(Instant.MAX);
    }
}
