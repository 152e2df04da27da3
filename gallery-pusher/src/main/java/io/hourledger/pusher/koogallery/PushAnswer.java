package io.hourledger.pusher.koogallery;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the marketplace said of one call. The digits of the body's code decide, not the HTTP status (koogallery.md, section 1.4). */
public sealed interface PushAnswer {

    /** A short stable word for metrics and for the attempt's row. */
    String word();

    /** The call was accepted and no record of it was called abnormal. */
    record Accepted() implements PushAnswer {
        @Override
        public String word() {
            return "accepted";
        }
    }

    /**
     * Some records were named as abnormal (koogallery.md, section 1.5).
     *
     * @param restAccepted whether the call itself had the code of success, so that what is not named was taken
     */
    record SomeAbnormal(boolean restAccepted, List<AbnormalRecord> abnormal) implements PushAnswer {
        @Override
        public String word() {
            return "some-abnormal";
        }
    }

    /** The whole call was refused for good because something in it is wrong; which record, it does not say. */
    record RefusedCall(String code, String message) implements PushAnswer {
        @Override
        public String word() {
            return "refused";
        }
    }

    /** The call had more records than the marketplace takes. */
    record TooManyRecords(String code) implements PushAnswer {
        @Override
        public String word() {
            return "too-many";
        }
    }

    /** Our key, our signature or our right to call is not good: no record is at fault, and trying on would not help. */
    record NotAllowed(String code, String message) implements PushAnswer {
        @Override
        public String word() {
            return "not-allowed";
        }
    }

    /** Too fast. Nothing was taken. */
    record Throttled(String code, @Nullable Duration retryAfter) implements PushAnswer {
        @Override
        public String word() {
            return "throttled";
        }
    }

    /**
     * It cannot be known whether the call was taken: the identical records go again.
     *
     * @param retryAfter what the marketplace asked for; null if nothing
     * @param changeTheCall whether the same call should not be sent again as it is (501, 503, a code nobody documented): go smaller
     */
    record Unclear(String why, @Nullable Duration retryAfter, boolean changeTheCall) implements PushAnswer {
        @Override
        public String word() {
            return "unclear";
        }
    }

    /** Nobody was asked: the call could not be written down before. */
    record NotWrittenDown(String why) implements PushAnswer {
        @Override
        public String word() {
            return "not-written-down";
        }
    }

    /** Nobody was reached; nothing was taken. */
    record NotSent(String why) implements PushAnswer {
        @Override
        public String word() {
            return "not-sent";
        }
    }

    /**
     * One entry of {@code abnormal_usage_data}. Its field names were never documented, so each is optional.
     *
     * @param code three digits, such as {@code 005}; empty if none was found
     */
    record AbnormalRecord(
            @Nullable String meteringSn,
            @Nullable String instanceId,
            @Nullable String beginTime,
            @Nullable String endTime,
            String code,
            String message) {}
}
