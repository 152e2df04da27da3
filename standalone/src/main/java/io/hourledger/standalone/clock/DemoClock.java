package io.hourledger.standalone.clock;

import io.hourledger.contracts.time.BusinessTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/**
 * Business time of a demo. It stands still until {@link #start()}, then runs at a {@link HourSpeed}, but never past two moments: that up to
 * which the feeder has told everything ({@link #allowUpTo}), and that up to which the services may still be at work
 * ({@link #letServicesWorkUntil}). Waiting costs business time nothing, so a slow machine makes a demo slow and never late. Time never goes
 * back: it is shown only after a time at least as late has been {@link Reservation reserved}, and a clock that is built again starts at what
 * was reserved.
 *
 * <p>Thread-safe.
 */
public final class DemoClock extends Clock implements BusinessTime {

    /** What another program of this machine has read off its clock may have been on its way for so long. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(1);

    /** How much machine time's worth of business time is reserved at once, and skipped at most by a crash. */
    private static final Duration RESERVED_AHEAD = Duration.ofMillis(250);

    private final HourSpeed rate;
    private final Reservation reservation;
    private final LongSupplier nanoTime;

    private Instant now;
    private Instant toldUpTo;
    private Instant workUntil = Instant.MAX;
    private long waitedNanos;
    private Instant reserved;
    private long asOfNanos;
    private boolean running;
    private boolean realTime;

    /**
     * @param from where business time stands at first
     * @param nanoTime the machine's elapsed time, as {@link System#nanoTime()} gives it
     */
    public DemoClock(Instant from, HourSpeed rate, Reservation reservation, LongSupplier nanoTime) {
        this.rate = rate;
        this.reservation = reservation;
        this.nanoTime = nanoTime;
        this.now = from;
        this.toldUpTo = from;
        this.reserved = from;
        reservation.reserve(from);
    }

    /** Lets time go on. */
    public synchronized void start() {
        if (!running) {
            asOfNanos = nanoTime.getAsLong();
            running = true;
        }
    }

    /** Lets time go on as far as {@code moment}; an earlier limit than before is ignored. */
    public synchronized void allowUpTo(Instant moment) {
        // what passed while time stood at the old limit is not caught up
        instant();
        if (moment.isAfter(toldUpTo)) {
            toldUpTo = moment;
        }
    }

    /**
     * Lets the services work until {@code deadline}, and time go on no farther. At first there is no such deadline; one that time has passed
     * already, as after a crash, holds it where it is.
     */
    public synchronized void letServicesWorkUntil(Instant deadline) {
        instant();
        workUntil = deadline;
    }

    /** Passes over time in which nothing is due, as far as the limits let it; a moment that has passed already is ignored. */
    public synchronized void passOverTo(Instant moment) {
        instant();
        if (running && moment.isAfter(now)) {
            show(earlier(limit(), moment));
        }
    }

    /** Machine time for which the clock has stood at the deadline of {@link #letServicesWorkUntil}. */
    public synchronized Duration waitedForServices() {
        instant();
        return Duration.ofNanos(waitedNanos);
    }

    private Instant limit() {
        return earlier(toldUpTo, workUntil);
    }

    /**
     * Goes on at the speed of the machine's clock, and from its time if that is later than the time shown now.
     */
    public synchronized void goOnInRealTime(Instant machineNow) {
        instant();
        if (machineNow.isAfter(now)) {
            now = machineNow;
        }
        toldUpTo = Instant.MAX;
        workUntil = Instant.MAX;
        realTime = true;
        reserveFrom(now);
    }

    @Override
    public synchronized Instant instant() {
        if (!running) {
            return now;
        }
        long nanos = nanoTime.getAsLong();
        Duration passed = Duration.ofNanos(nanos - asOfNanos);
        asOfNanos = nanos;
        if (!now.isBefore(workUntil)) {
            waitedNanos += passed.toNanos();
        }
        show(earlier(limit(), after(now, passed)));
        return now;
    }

    private void show(Instant next) {
        if (next.isAfter(now)) {
            if (next.isAfter(reserved)) {
                reserveFrom(next);
            }
            now = next;
        }
    }

    /**
     * Business time now, moved by what the other clock's reading lies ahead of this machine's or behind it: where business time was a moment
     * ago is not kept. A reading behind it by more than its way here takes is answered with a time that is too early rather than too late.
     */
    @Override
    public synchronized Instant at(Instant machineTime) {
        Instant shown = instant();
        Duration ahead = Duration.between(Clock.systemUTC().instant(), machineTime);
        if (!ahead.isNegative()) {
            return running ? later(shown, earlier(limit(), after(shown, ahead))) : shown;
        }
        Duration behind = ahead.negated().minus(ON_ITS_WAY);
        if (behind.isNegative()) {
            return shown;
        }
        return shown.minus(realTime ? behind : rate.longestFor(behind));
    }

    private void reserveFrom(Instant moment) {
        Instant upTo = later(moment, earlier(limit(), after(moment, RESERVED_AHEAD)));
        reservation.reserve(upTo);
        reserved = upTo;
    }

    private Instant after(Instant moment, Duration machineTime) {
        return realTime ? moment.plus(machineTime) : rate.after(moment, machineTime);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
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
