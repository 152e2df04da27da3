package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** What a meter of some kinds says beside the field that it reads. */
public sealed interface MeterTerms {

    /** Of the kinds that need no more than their field. */
    record None() implements MeterTerms {}

    /**
     * Of a unique count.
     *
     * @param mostValues how many values one bucket counts: one instance, hour and revision. An event with one more is quarantined
     */
    record Unique(int mostValues) implements MeterTerms {

        /** If the catalogue does not say it. */
        public static final int DEFAULT_MOST_VALUES = 100_000;

        private static final int CEILING = 10_000_000;

        public Unique {
            if (mostValues < 1 || mostValues > CEILING) {
                throw new IllegalArgumentException(
                        "\"mostValues\" of a unique count must be 1 to " + CEILING + ": " + mostValues);
            }
        }
    }

    /**
     * Of a percentile.
     *
     * @param percentile above 0 and at most 100, such as 95
     * @param fiveMinutes what the events of five minutes come to: sum, min, max or latest. Five minutes without an event have no value
     */
    record Percentile(BigDecimal percentile, Aggregation fiveMinutes) implements MeterTerms {

        private static final BigDecimal ALL = new BigDecimal(100);

        public Percentile {
            if (percentile.signum() <= 0 || percentile.compareTo(ALL) > 0) {
                throw new IllegalArgumentException(
                        "\"percentile\" must be above 0 and at most 100: " + percentile.toPlainString());
            }
            percentile = percentile.stripTrailingZeros();
            switch (fiveMinutes) {
                case SUM, MIN, MAX, LATEST -> {
                    // each makes a value of values
                }
                case COUNT, UNIQUE, PERCENTILE, TIME_WEIGHTED_SUM ->
                    throw new IllegalArgumentException(
                            "\"fiveMinutes\" must be SUM, MIN, MAX or LATEST: " + fiveMinutes);
            }
        }

        /** Which of so many values, in ascending order, is the nearest rank: 1 is the smallest. */
        public int rankAmong(int values) {
            return percentile
                    .multiply(new BigDecimal(values))
                    .movePointLeft(2)
                    .setScale(0, RoundingMode.CEILING)
                    .intValueExact();
        }
    }

    /**
     * Of a time-weighted sum. Time counts in steps of nine seconds: 400 of them are an hour, so what a level comes to is a decimal number. A
     * second is no such part of an hour. A level holds from the step in which it is set on; of several in one step the last one does.
     *
     * @param holdFor how long a level holds if no other follows it: some steps, and at most a day
     */
    record TimeWeighted(Duration holdFor) implements MeterTerms {

        /** How many steps an hour has. */
        public static final int STEPS_OF_HOUR = 400;

        /** The part of an hour that a step is. */
        public static final BigDecimal HOURS_OF_STEP = new BigDecimal("0.0025");

        private static final int SECONDS_OF_STEP = 9;
        private static final Duration STEP = Duration.ofSeconds(SECONDS_OF_STEP);
        private static final Duration LONGEST = Duration.ofDays(1);

        public TimeWeighted {
            boolean isWhole = STEP.multipliedBy(holdFor.dividedBy(STEP)).equals(holdFor);
            if (holdFor.compareTo(STEP) < 0 || holdFor.compareTo(LONGEST) > 0 || !isWhole) {
                throw new IllegalArgumentException(
                        "\"holdFor\" must be at most 24 hours, in steps of nine seconds, such as PT15M or PT4H: "
                                + holdFor);
            }
        }

        /** The number of the step with this second, since 1970. */
        public static long step(long epochSecond) {
            return Math.floorDiv(epochSecond, (long) SECONDS_OF_STEP);
        }

        /** The first step of an hour that does not begin before this second of it. */
        public static int firstStepFrom(long secondOfHour) {
            return Math.toIntExact(Math.ceilDiv(secondOfHour, (long) SECONDS_OF_STEP));
        }

        /** For how many steps a level holds, with its own. */
        public int stepsHeld() {
            return Math.toIntExact(holdFor.dividedBy(STEP));
        }

        /** The number of the last hour in which a level may hold that is set at this second. */
        public long lastHour(long epochSecond) {
            return Math.floorDiv(step(epochSecond) + stepsHeld() - 1, (long) STEPS_OF_HOUR);
        }

        /** In how many hours behind its own a level may hold. */
        public int hoursReached() {
            return (STEPS_OF_HOUR - 1 + stepsHeld() - 1) / STEPS_OF_HOUR;
        }
    }

    /** Whether these are terms of this kind. */
    default boolean areOf(Aggregation aggregation) {
        return switch (aggregation) {
            case COUNT, SUM, MIN, MAX, LATEST -> this instanceof None;
            case UNIQUE -> this instanceof Unique;
            case PERCENTILE -> this instanceof Percentile;
            case TIME_WEIGHTED_SUM -> this instanceof TimeWeighted;
        };
    }
}
