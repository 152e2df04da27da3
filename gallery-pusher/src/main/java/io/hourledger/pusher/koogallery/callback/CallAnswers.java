package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.pusher.koogallery.callback.Call.InvalidCallException;
import io.hourledger.pusher.koogallery.callback.CallbackLog.Received;
import io.hourledger.pusher.koogallery.callback.CallbackLog.Stored;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers verified calls of both generations: each is stored, worked on, and answered once, however often the identical one comes. */
final class CallAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(CallAnswers.class);

    private static final Set<String> SET_A_STATE = Set.of("updateInstanceStatus", "instanceStatus", "expireInstance");

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
     * @return the bytes to sign and send
     */
    byte[] answer(Received received, Call call) {
        String activity = CallbackMetrics.tag(call);
        try {
            String objection = objection(call);
            return switch (log.keep(received, activity, objection.isEmpty() && call.test())) {
                case Stored.Answered(long id, ResultCode result, String answer) -> {
                    if (objection.isEmpty() && mayHaveMovedOn(result, activity)) {
                        yield work(received.generation(), call, activity, id);
                    }
                    metrics.answered(activity, result);
                    yield answer.getBytes(UTF_8);
                }
                case Stored.NonceUsed _ -> {
                    LOG.atWarn().addKeyValue("activity", activity).log("a call came under the nonce of another");
                    yield counted(
                            activity,
                            CallbackAnswer.of(ResultCode.NOT_AUTHENTICATED, "another call has used the nonce"));
                }
                case Stored.Unanswered(long id) ->
                    objection.isEmpty()
                            ? work(received.generation(), call, activity, id)
                            : stored(activity, id, CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, objection));
            };
        } catch (RuntimeException broken) {
            LOG.atError()
                    .addKeyValue("activity", activity)
                    .setCause(broken)
                    .log("a call could not be worked on; the marketplace will call again");
            return counted(activity, CallbackAnswer.of(ResultCode.INTERNAL_ERROR));
        }
    }

    /**
     * "Not yet" and "it went wrong" may be over by the time the identical call comes. A call that sets a state is not done again for that: a
     * later call may have set another.
     */
    private static boolean mayHaveMovedOn(ResultCode result, String activity) {
        return !result.isFinal() && !SET_A_STATE.contains(activity);
    }

    private byte[] work(Generation generation, Call call, String activity, long id) {
        return stored(activity, id, worked(generation, call));
    }

    private byte[] stored(String activity, long id, CallbackAnswer answer) {
        byte[] answered = counted(activity, answer);
        log.answered(id, answer.result(), answered);
        return answered;
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
