package io.hourledger.aggregator.lag;

import com.fasterxml.jackson.annotation.JsonValue;

/** Says whether an hour will be reported in time. */
public enum LagVerdict {
    IN_TIME("in time", 0),
    /** It will be late unless something changes. */
    AT_RISK("at risk", 1),
    /** Its deadline has passed. */
    LATE("late", 2),
    /** What must be known to tell did not answer. */
    UNKNOWN("unknown", 3);

    private final String words;
    private final int number;

    LagVerdict(String words, int number) {
        this.words = words;
        this.number = number;
    }

    @JsonValue
    public String words() {
        return words;
    }

    /** As the metric has it. */
    public int number() {
        return number;
    }

    /** What is said of several together: the one that a person must look at first. */
    LagVerdict and(LagVerdict other) {
        return urgency() >= other.urgency() ? this : other;
    }

    private int urgency() {
        return switch (this) {
            case IN_TIME -> 0;
            case AT_RISK -> 1;
            case UNKNOWN -> 2;
            case LATE -> 3;
        };
    }
}
