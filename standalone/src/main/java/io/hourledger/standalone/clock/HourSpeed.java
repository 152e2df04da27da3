package io.hourledger.standalone.clock;

import static java.time.temporal.ChronoUnit.HOURS;

import java.time.Duration;
import java.time.Instant;

/**
 * How fast a demo's hour goes by: the first quarter, in which the marketplace wants its records, slower than the rest.
 *
 * @param firstQuarter machine time that minutes 0 to 15 take
 * @param rest machine time that minutes 15 to 60 take
 */
public record HourSpeed(Duration firstQuarter, Duration rest) {

    private static final long QUARTER_NANOS = Duration.ofMinutes(15).toNanos();
    private static final long HOUR_NANOS = Duration.ofHours(1).toNanos();

    public HourSpeed {
        if (firstQuarter.isNegative() || firstQuarter.isZero() || rest.isNegative() || rest.isZero()) {
            throw new IllegalArgumentException("both parts of an hour must take time: " + firstQuarter + ", " + rest);
        }
    }

    /** An hour in about a second at speed 1, in half of that at speed 2. */
    public static HourSpeed ofDemo(double speed) {
        if (!(speed > 0)) {
            throw new IllegalArgumentException("the speed must be above zero: " + speed);
        }
        return new HourSpeed(nanos(700_000_000d / speed), nanos(300_000_000d / speed));
    }

    /** So many times faster than the machine's clock, evenly. */
    public static HourSpeed times(int speed) {
        return new HourSpeed(
                Duration.ofMinutes(15).dividedBy(speed), Duration.ofMinutes(45).dividedBy(speed));
    }

    private static Duration nanos(double nanos) {
        return Duration.ofNanos(Math.max(1, (long) nanos));
    }

    /** The most business time that may pass in so much machine time. */
    Duration longestFor(Duration machineTime) {
        double speed = Math.max(
                (double) QUARTER_NANOS / firstQuarter.toNanos(),
                (double) (HOUR_NANOS - QUARTER_NANOS) / rest.toNanos());
        return Duration.ofNanos((long) (machineTime.toNanos() * speed));
    }

    /** Where business time is when so much machine time has passed since {@code from}. */
    public Instant after(Instant from, Duration machineTime) {
        Instant moment = from;
        long left = machineTime.toNanos();
        while (left > 0) {
            Instant hour = moment.truncatedTo(HOURS);
            long intoHour = Duration.between(hour, moment).toNanos();
            boolean inFirstQuarter = intoHour < QUARTER_NANOS;
            long pieceEnd = inFirstQuarter ? QUARTER_NANOS : HOUR_NANOS;
            double speed = inFirstQuarter
                    ? (double) QUARTER_NANOS / firstQuarter.toNanos()
                    : (double) (HOUR_NANOS - QUARTER_NANOS) / rest.toNanos();
            long neededForPiece = (long) Math.ceil((pieceEnd - intoHour) / speed);
            if (left < neededForPiece) {
                return moment.plusNanos((long) (left * speed));
            }
            moment = hour.plusNanos(pieceEnd);
            left -= neededForPiece;
        }
        return moment;
    }
}
