package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;

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
                case COUNT, UNIQUE, PERCENTILE ->
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

    /** Whether these are terms of this kind. */
    default boolean areOf(Aggregation aggregation) {
        return switch (aggregation) {
            case COUNT, SUM, MIN, MAX, LATEST -> this instanceof None;
            case UNIQUE -> this instanceof Unique;
            case PERCENTILE -> this instanceof Percentile;
        };
    }
}
