package io.hourledger.pusher.callback;

import io.hourledger.pusher.gallery.SellerKey;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The one address for all of the marketplace's V2.0 calls. Every answer is HTTP 200, JSON, and signed over its exact bytes. */
@RestController
final class CallbackEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(CallbackEndpoint.class);
    private static final String CALLS = "callback.calls";
    private static final int MAX_BODY_BYTES = 64 * 1024;

    private final CallbackGuard guard;
    private final CallbackLog log;
    private final Callbacks callbacks;
    private final SellerKey key;
    private final MeterRegistry registry;

    CallbackEndpoint(CallbackGuard guard, CallbackLog log, Callbacks callbacks, SellerKey key, MeterRegistry registry) {
        this.guard = guard;
        this.log = log;
        this.callbacks = callbacks;
        this.key = key;
        this.registry = registry;
    }

    @PostMapping("/callbacks/koogallery")
    ResponseEntity<byte[]> call(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BODY_BYTES + 1);
        String nonce = request.getParameter("nonce");
        Optional<String> objection = body.length > MAX_BODY_BYTES
                ? Optional.of("the body is too long")
                : guard.objection(body, request.getParameter("signature"), request.getParameter("timestamp"), nonce);
        if (objection.isPresent()) {
            LOG.atWarn().addKeyValue("why", objection.get()).log("a call was not believed");
            return signed("unknown", CallbackAnswer.of(ResultCode.NOT_AUTHENTICATED));
        }
        Optional<Call> call = Call.read(body);
        if (call.isEmpty()) {
            return signed("unknown", CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "the body is no JSON object"));
        }
        return signed(activityTag(call.get()), answer(nonce, call.get(), body));
    }

    private CallbackAnswer answer(String nonce, Call call, byte[] body) {
        try {
            OptionalLong kept = log.keep(nonce, call.activity(), call.test(), body);
            if (kept.isEmpty()) {
                LOG.atWarn().addKeyValue("activity", call.activity()).log("a call was played again");
                return CallbackAnswer.of(ResultCode.NOT_AUTHENTICATED, "the nonce was used before");
            }
            CallbackAnswer answer = callbacks.answer(call);
            log.answered(kept.getAsLong(), answer.result(), answer.bytes());
            return answer;
        } catch (RuntimeException broken) {
            LOG.atError()
                    .addKeyValue("activity", call.activity())
                    .setCause(broken)
                    .log("a call could not be worked on; the marketplace will call again");
            return CallbackAnswer.of(ResultCode.INTERNAL_ERROR);
        }
    }

    private ResponseEntity<byte[]> signed(String activity, CallbackAnswer answer) {
        registry.counter(CALLS, "activity", activity, "result", answer.result().code())
                .increment();
        byte[] bytes = answer.bytes();
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Body-Sign", key.bodySign(bytes))
                .body(bytes);
    }

    /** A closed set: a caller must not be able to make up metric tags. */
    private static String activityTag(Call call) {
        return switch (call.activity()) {
            case "newInstance",
                    "queryInstance",
                    "refreshInstance",
                    "updateInstanceStatus",
                    "releaseInstance",
                    "upgradeInstance",
                    "changeInstanceCheck" -> call.activity();
            default -> "unknown";
        };
    }
}
