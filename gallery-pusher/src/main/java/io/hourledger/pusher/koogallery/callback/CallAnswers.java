package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.pusher.koogallery.callback.Call.InvalidCallException;
import io.hourledger.pusher.koogallery.callback.CallbackLog.Received;
import io.hourledger.pusher.koogallery.callback.CallbackLog.Stored;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers verified calls of both generations: each is stored, worked on, and answered once, however often the identical one comes. */
final class CallAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(CallAnswers.class);

    private final Callbacks second;
    private final FirstGenerationCalls first;
    private final CallbackLog log;
    private final CallbackMetrics metrics;

    CallAnswers(Callbacks second, FirstGenerationCalls first, CallbackLog log, CallbackMetrics metrics) {
        this.second = second;
        this.first = first;
        this.log = log;
        this.metrics = metrics;
    }

    /**
     * Answers a call; counts it.
     *
     * @param nonce of V2.0 the nonce, of V1.0 the authToken
     * @param bytes the call as it came
     * @return the bytes to sign and send
     */
    byte[] answer(Generation generation, Call call, String nonce, byte[] bytes) {
        String activity = CallbackMetrics.tag(call);
        try {
            String objection = objection(call);
            Received received = new Received(generation, nonce, activity, objection.isEmpty() && call.test());
            return switch (log.keep(received, bytes)) {
                case Stored.Answered(ResultCode result, String answer) -> {
                    metrics.answered(activity, result);
                    yield answer.getBytes(UTF_8);
                }
                case Stored.NonceUsed _ -> {
                    LOG.atWarn().addKeyValue("activity", activity).log("a call came under the nonce of another");
                    yield counted(
                            activity,
                            CallbackAnswer.of(ResultCode.NOT_AUTHENTICATED, "another call has used the nonce"));
                }
                case Stored.Unanswered(long id) -> {
                    CallbackAnswer answer = objection.isEmpty()
                            ? worked(generation, call)
                            : CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, objection);
                    byte[] answered = counted(activity, answer);
                    log.answered(id, answer.result(), answered);
                    yield answered;
                }
            };
        } catch (RuntimeException broken) {
            LOG.atError()
                    .addKeyValue("activity", activity)
                    .setCause(broken)
                    .log("a call could not be worked on; the marketplace will call again");
            return counted(activity, CallbackAnswer.of(ResultCode.INTERNAL_ERROR));
        }
    }

    /** Empty if there is none. */
    private static String objection(Call call) {
        try {
            call.check();
            return "";
        } catch (InvalidCallException invalid) {
            return String.valueOf(invalid.getMessage());
        }
    }

    private CallbackAnswer worked(Generation generation, Call call) {
        try {
            return switch (generation) {
                case FIRST -> first.answer(call);
                case SECOND -> second.answer(call);
            };
        } catch (InvalidCallException invalid) {
            return CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, String.valueOf(invalid.getMessage()));
        }
    }

    private byte[] counted(String activity, CallbackAnswer answer) {
        metrics.answered(activity, answer.result());
        return answer.bytes();
    }
}
