package io.hourledger.contracts.usage;

import static java.time.temporal.ChronoUnit.HOURS;

import java.time.Duration;
import java.time.Instant;

/** One UTC hour, {@code [start, start + 1h)}: the start belongs to it, the end to the next. */
public record UsageHour(Instant start) implements Comparable<UsageHour> {

    /** The length of every usage hour. */
    public static final Duration LENGTH = Duration.ofHours(1);

    public UsageHour {
        if (!start.equals(start.truncatedTo(HOURS))) {
            throw new IllegalArgumentException("not the start of a UTC hour: " + start);
        }
    }

    /** The hour that {@code moment} belongs to. */
    public static UsageHour of(Instant moment) {
        return new UsageHour(moment.truncatedTo(HOURS));
    }

    /** The hour with this number, counted from 1970-01-01T00:00Z; the inverse of {@link #number()}. */
    public static UsageHour ofNumber(long hoursSinceEpoch) {
        return new UsageHour(Instant.ofEpochSecond(Math.multiplyExact(hoursSinceEpoch, LENGTH.toSeconds())));
    }

    /** Whole hours since 1970-01-01T00:00Z. */
    public long number() {
        return Math.floorDiv(start.getEpochSecond(), LENGTH.toSeconds());
    }

    /** The first moment that no longer belongs to this hour. */
    public Instant end() {
        return start.plus(LENGTH);
    }

    public UsageHour next() {
        return new UsageHour(end());
    }

    public boolean contains(Instant moment) {
        return !moment.isBefore(start) && moment.isBefore(end());
    }

    @Override
    public int compareTo(UsageHour other) {
        return start.compareTo(other.start);
    }

    /** ISO 8601 in UTC, such as {@code 2026-11-24T13:00:00Z}. */
    @Override
    public String toString() {
        return start.toString();
    }
}
