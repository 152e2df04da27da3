package io.hourledger.simulator.fault;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One order to misbehave.
 *
 * @param remaining how often it may still happen
 * @param parameters details; what a kind does not need is ignored
 */
public record Fault(
        long faultId,
        Misbehaviour kind,
        Target target,
        Chance chance,
        int remaining,
        Parameters parameters,
        Hits hits,
        boolean active) {

    /**
     * Which calls are hit.
     *
     * @param probability of each call (or record) to be hit, from 0 to 1
     * @param seed makes the same calls be hit in every run
     */
    public record Chance(double probability, long seed) {}

    /**
     * What it has come to so far.
     *
     * @param seen calls it has looked at
     * @param done calls it has hit
     */
    public record Hits(long seen, long done) {}

    /** Which calls go wrong: two APIs of the marketplace, or its calls to the seller. */
    public enum Target {
        USAGE,
        ORDER,
        CALLBACK
    }

    /** How {@code Retry-After} is written: whole seconds, seconds with a fraction, or one of the three forms of an HTTP date. */
    public enum RetryAfterForm {
        SECONDS,
        FRACTION,
        DATE,
        RFC850_DATE,
        ASCTIME_DATE
    }

    /**
     * @param delayMillis how long a time-out or slow answer is held, in machine time; 60000 and 2000 by default
     * @param retryAfterSeconds what {@code Retry-After} asks for; 1 by default
     * @param retryAfterForm seconds by default
     * @param laterSeconds business time until a record shows as rejected; 3600 by default
     * @param code the record code shown then; 008 by default, which no page explains
     * @param httpStatus of a named refusal or page; 400 and 504 by default
     * @param errorCode of a named refusal; MKT.0999 by default
     * @param fewestRecords calls with fewer are left alone; 0 by default
     */
    public record Parameters(
            @Nullable Long delayMillis,
            @Nullable Integer retryAfterSeconds,
            @Nullable RetryAfterForm retryAfterForm,
            @Nullable Long laterSeconds,
            @Nullable String code,
            @Nullable Integer httpStatus,
            @Nullable String errorCode,
            @Nullable Integer fewestRecords) {

        /** All defaults. */
        public static final Parameters DEFAULT = new Parameters(null, null, null, null, null, null, null, null);

        /** A named refusal of calls with so many records. */
        public static Parameters refusal(int httpStatus, String errorCode, int fewestRecords) {
            return new Parameters(null, null, null, null, null, httpStatus, errorCode, fewestRecords);
        }

        /** An answer under this status. */
        public static Parameters status(int httpStatus) {
            return new Parameters(null, null, null, null, null, httpStatus, null, null);
        }

        /** An answer that is held back so long. */
        public static Parameters delayed(Duration delay) {
            return new Parameters(delay.toMillis(), null, null, null, null, null, null, null);
        }

        /** A wait of a second that is asked for in this form. */
        public static Parameters retryAfter(RetryAfterForm form) {
            return new Parameters(null, 1, form, null, null, null, null, null);
        }
    }

    public Duration delay() {
        long byDefault = kind == Misbehaviour.SLOW_ANSWER ? 2_000 : 60_000;
        return Duration.ofMillis(parameters.delayMillis == null ? byDefault : parameters.delayMillis);
    }

    public int retryAfterSeconds() {
        return parameters.retryAfterSeconds == null ? 1 : parameters.retryAfterSeconds;
    }

    public RetryAfterForm retryAfterForm() {
        return parameters.retryAfterForm == null ? RetryAfterForm.SECONDS : parameters.retryAfterForm;
    }

    public Duration later() {
        return Duration.ofSeconds(parameters.laterSeconds == null ? 3_600 : parameters.laterSeconds);
    }

    public int httpStatus() {
        int byDefault = kind == Misbehaviour.CODED_REFUSAL ? 400 : 504;
        return parameters.httpStatus == null ? byDefault : parameters.httpStatus;
    }

    public String errorCode() {
        return parameters.errorCode == null ? "MKT.0999" : parameters.errorCode;
    }

    boolean isOfCallsWith(int records) {
        return parameters.fewestRecords == null || records >= parameters.fewestRecords;
    }

    public String code() {
        return parameters.code == null ? "008" : parameters.code;
    }

    /** Whether the element number {@code number} of the seeded sequence is hit. */
    boolean hits(long number) {
        return share(chance.seed + number * 0x9E3779B97F4A7C15L) < chance.probability;
    }

    /** Spreads a number evenly over [0, 1) (SplitMix64). */
    private static double share(long number) {
        long mixed = number;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        mixed = mixed ^ (mixed >>> 31);
        return (mixed >>> 11) * 0x1.0p-53;
    }
}
