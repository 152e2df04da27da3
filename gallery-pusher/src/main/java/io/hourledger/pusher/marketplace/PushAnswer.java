package io.hourledger.pusher.marketplace;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the marketplace said of one call. Codes and messages are kept as they came, for people; the cases say what they mean. */
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
     * Some records were named as abnormal.
     *
     * @param restAccepted whether the call itself had the code of success, so that what is not named was taken
     */
    record SomeAbnormal(boolean restAccepted, List<AbnormalRecord> abnormal) implements PushAnswer {
        @Override
        public String word() {
            return "some-abnormal";
        }
    }

    /**
     * The whole call was refused for good because something in it is wrong; which record, it does not say.
     *
     * @param rejection what that means for a record that was alone in the call
     */
    record RefusedCall(String code, String message, Rejection rejection) implements PushAnswer {
        @Override
        public String word() {
            return "refused";
        }

        /** For logs and people, without what the code means here. */
        @Override
        public String toString() {
            return "RefusedCall[code=" + code + ", message=" + message + "]";
        }
    }

    /** The call had more records than the marketplace takes. */
    record TooManyRecords(String code) implements PushAnswer {
        @Override
        public String word() {
            return "too-many";
        }
    }

    /**
     * Our key, our signature or our right to call is not good: mostly no record is at fault, and trying on would not help.
     *
     * @param recordsLookedAt whether somebody looked at the records before the call was refused, so that some may have been kept
     * @param rejection what it means for a record that alone is not allowed while others are accepted
     */
    record NotAllowed(String code, String message, boolean recordsLookedAt, Rejection rejection) implements PushAnswer {
        @Override
        public String word() {
            return "not-allowed";
        }

        /** For logs and people, without what the code means here. */
        @Override
        public String toString() {
            return "NotAllowed[code=" + code + ", message=" + message + "]";
        }
    }

    /** One of the account's two keys is not taken, and no record was looked at: the next call is signed with the other. */
    record KeyRefused() implements PushAnswer {
        @Override
        public String word() {
            return "key-refused";
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

    /** Nobody was asked: the call could not be journaled before, or its time to be sent had passed. */
    record NotMade(String why) implements PushAnswer {
        @Override
        public String word() {
            return "not-made";
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
     * One record that was named. What names it is optional: a serial number, or an instance and a window.
     *
     * @param code as it came; empty if none was found
     * @param rejection what the code means
     */
    record AbnormalRecord(
            @Nullable String meteringSn,
            @Nullable String instanceId,
            @Nullable Instant begin,
            @Nullable Instant end,
            String code,
            Rejection rejection,
            String message) {

        /** For logs and people, without what the code means here. */
        @Override
        public String toString() {
            return "AbnormalRecord[meteringSn=" + meteringSn + ", instanceId=" + instanceId + ", beginTime=" + begin
                    + ", endTime=" + end + ", code=" + code + ", message=" + message + "]";
        }
    }
}
