package io.hourledger.pusher.marketplace;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What came back over the wire for one call, before anybody judged it. It is kept as it is, so it can be judged again. */
public sealed interface HttpResult {

    /**
     * An HTTP answer, whatever it says.
     *
     * @param retryAfter the header of that name, as it came
     * @param body at most {@link UsagePushPort#MAX_ANSWER_BYTES}; of a longer answer only its beginning
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by content below, and never changed
    record Answer(int status, @Nullable String retryAfter, byte[] body) implements HttpResult {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Answer that
                    && status == that.status
                    && Objects.equals(retryAfter, that.retryAfter)
                    && Arrays.equals(body, that.body);
        }

        @Override
        public int hashCode() {
            return 31 * status + Arrays.hashCode(body);
        }

        @Override
        public String toString() {
            return "Answer[" + status + ", " + body.length + " bytes]";
        }
    }

    /**
     * The marketplace refused the signature and has looked at no record. The account has another key, with which the next call is signed.
     *
     * @param answer as it came
     */
    record KeyRefused(Answer answer) implements HttpResult {}

    /** The call left, or may have left, and nothing readable came back: a time-out, a reset, a broken answer. */
    record Silence(String why) implements HttpResult {}

    /** The call was not made, for a reason of ours; the marketplace has no part in it. */
    record NotMade(String why) implements HttpResult {}

    /** No connection was made, so certainly nothing arrived. */
    record NotSent(String why) implements HttpResult {}
}
