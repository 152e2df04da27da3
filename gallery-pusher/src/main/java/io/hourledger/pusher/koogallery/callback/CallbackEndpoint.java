package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.service.LogThrottle;
import io.hourledger.service.RequestBodies;
import io.hourledger.service.RequestBodies.GivenUp;
import io.hourledger.service.RequestBodies.Limits;
import io.hourledger.service.RequestBodies.Reason;
import io.hourledger.service.RequestBodies.Whole;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** The one address for all of the marketplace's V2.0 calls. Every answer is HTTP 200, JSON, and signed over its exact bytes. */
@RestController
final class CallbackEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(CallbackEndpoint.class);
    private static final int MAX_BODY_BYTES = 64 * 1024;

    private static final int MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;

    private static final long NO_TIMEOUT_OF_THE_SERVER = 0L;

    private final CallbackGuard guard;
    private final CallbackLog log;
    private final Callbacks callbacks;
    private final SellerKey key;
    private final CallbackMetrics metrics;
    private final RequestBodies bodies;
    private final Limits limits;
    private final Semaphore room = new Semaphore(MAX_BYTES_IN_FLIGHT);
    private final LogThrottle notBelieved = new LogThrottle(Duration.ofSeconds(10));

    CallbackEndpoint(
            CallbackGuard guard,
            CallbackLog log,
            Callbacks callbacks,
            SellerKey key,
            MeterRegistry registry,
            RequestBodies bodies,
            CallbackLimits limits) {
        this.guard = guard;
        this.log = log;
        this.callbacks = callbacks;
        this.key = key;
        this.metrics = new CallbackMetrics(registry);
        this.bodies = bodies;
        this.limits = new Limits(MAX_BODY_BYTES, limits.bodyWithin());
    }

    @PostMapping("/callbacks/koogallery")
    DeferredResult<ResponseEntity<byte[]>> call(HttpServletRequest request) throws IOException {
        // asked for before the parameters: else a body that calls itself a form would be read for them, and waited for
        request.getInputStream();
        String signature = request.getParameter("signature");
        String timestamp = request.getParameter("timestamp");
        String nonce = request.getParameter("nonce");
        DeferredResult<ResponseEntity<byte[]>> result = new DeferredResult<>(NO_TIMEOUT_OF_THE_SERVER);
        AtomicInteger held = new AtomicInteger();
        result.onCompletion(() -> room.release(held.getAndSet(0)));
        bodies.read(request, limits, bytes -> takeRoom(bytes, held), outcome -> {
            try {
                result.setResult(
                        switch (outcome) {
                            case Whole whole -> answer(whole.bytes(), signature, timestamp, nonce);
                            case GivenUp(Reason reason) -> givenUp(reason);
                        });
            } catch (RuntimeException broken) {
                result.setErrorResult(broken);
            }
        });
        return result;
    }

    private boolean takeRoom(int bytes, AtomicInteger held) {
        boolean taken = room.tryAcquire(bytes);
        held.addAndGet(taken ? bytes : 0);
        return taken;
    }

    private ResponseEntity<byte[]> givenUp(Reason reason) {
        refused(CallbackMetrics.reason(reason), "the body was given up: " + reason);
        ResultCode code = reason == Reason.NO_ROOM ? ResultCode.INTERNAL_ERROR : ResultCode.NOT_AUTHENTICATED;
        ResponseEntity<byte[]> answer = signed(CallbackMetrics.UNKNOWN, CallbackAnswer.of(code));
        return ResponseEntity.status(answer.getStatusCode())
                .headers(answer.getHeaders())
                .header(HttpHeaders.CONNECTION, "close")
                .body(answer.getBody());
    }

    private ResponseEntity<byte[]> answer(byte[] body, String signature, String timestamp, String nonce) {
        Optional<String> objection = guard.objection(body, signature, timestamp, nonce);
        if (objection.isPresent()) {
            refused(CallbackMetrics.NOT_BELIEVED, objection.get());
            return signed(CallbackMetrics.UNKNOWN, CallbackAnswer.of(ResultCode.NOT_AUTHENTICATED));
        }
        Optional<Call> call = Call.read(body);
        if (call.isEmpty()) {
            return signed(
                    CallbackMetrics.UNKNOWN,
                    CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, "the body is no JSON object"));
        }
        return signed(activityTag(call.get()), answer(nonce, call.get(), body));
    }

    /** Anybody can call, so such calls are counted, and the log has one line for many. */
    private void refused(String reason, String why) {
        metrics.refused(reason);
        if (notBelieved.mayLog()) {
            LOG.atWarn()
                    .addKeyValue("why", why)
                    .addKeyValue("not_logged", notBelieved.notLogged())
                    .log("a call was not believed");
        }
    }

    private CallbackAnswer answer(String nonce, Call call, byte[] body) {
        try {
            OptionalLong stored = log.keep(nonce, call.activity(), call.test(), body);
            if (stored.isEmpty()) {
                LOG.atWarn().addKeyValue("activity", call.activity()).log("a call was played again");
                return CallbackAnswer.of(ResultCode.NOT_AUTHENTICATED, "the nonce was used before");
            }
            CallbackAnswer answer = callbacks.answer(call);
            log.answered(stored.getAsLong(), answer.result(), answer.bytes());
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
        metrics.answered(activity, answer.result());
        byte[] bytes = answer.bytes();
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Body-Sign", key.bodySign(bytes))
                .body(bytes);
    }

    /** A closed set: a caller must not be able to make up metric tags. */
    private static String activityTag(Call call) {
        return CallbackMetrics.ACTIVITIES.contains(call.activity()) ? call.activity() : CallbackMetrics.UNKNOWN;
    }
}
