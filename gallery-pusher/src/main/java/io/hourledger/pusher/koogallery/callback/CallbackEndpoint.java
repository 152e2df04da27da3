package io.hourledger.pusher.koogallery.callback;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.pusher.koogallery.callback.CallbackLog.Received;
import io.hourledger.pusher.koogallery.callback.CallbackPaths.Account;
import io.hourledger.service.LogThrottle;
import io.hourledger.service.RequestBodies;
import io.hourledger.service.RequestBodies.GivenUp;
import io.hourledger.service.RequestBodies.Limits;
import io.hourledger.service.RequestBodies.Reason;
import io.hourledger.service.RequestBodies.Whole;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * The one address for all of the marketplace's calls: V2.0 comes as POST, V1.0 as GET. Every answer is HTTP 200, JSON, and signed over its
 * exact bytes.
 */
@RestController
final class CallbackEndpoint {

    private static final String PATH = "/callbacks/koogallery";

    /** The path of one seller account. */
    private static final String ACCOUNT_PATH = PATH + "/{account}";

    private static final byte[] NO_SUCH_ACCOUNT =
            """
            {"type":"about:blank","title":"Not Found","status":404,"code":"unknown-account",\
            "detail":"no seller account of this name is here: see hourledger.pusher.account and accounts"}"""
                    .getBytes(US_ASCII);

    private static final Logger LOG = LoggerFactory.getLogger(CallbackEndpoint.class);
    private static final int MAX_BODY_BYTES = 64 * 1024;

    /** The server takes heads of 64 KiB, see gallery-pusher.yaml; what is longer it refuses itself, unsigned. */
    private static final int MAX_QUERY_CHARS = 32 * 1024;

    private static final int MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;

    private static final long NO_TIMEOUT_OF_THE_SERVER = 0L;

    private final CallbackPaths paths;
    private final CallAnswers answers;
    private final CallbackMetrics metrics;
    private final RequestBodies bodies;
    private final CallbackSettings settings;
    private final Limits limits;
    private final Semaphore room = new Semaphore(MAX_BYTES_IN_FLIGHT);
    private final LogThrottle notBelieved = new LogThrottle(Duration.ofSeconds(10));

    CallbackEndpoint(
            CallbackPaths paths,
            CallAnswers answers,
            CallbackMetrics metrics,
            RequestBodies bodies,
            CallbackSettings settings) {
        this.paths = paths;
        this.answers = answers;
        this.metrics = metrics;
        this.bodies = bodies;
        this.settings = settings;
        this.limits = new Limits(MAX_BODY_BYTES, settings.bodyWithin());
    }

    /** V2.0. */
    @PostMapping({PATH, ACCOUNT_PATH})
    DeferredResult<ResponseEntity<byte[]>> call(
            HttpServletRequest request, @PathVariable(required = false) @Nullable String account) throws IOException {
        Account called = paths.of(account).orElse(null);
        if (called == null) {
            return noSuchAccount();
        }
        AtomicInteger held = new AtomicInteger();
        DeferredResult<ResponseEntity<byte[]>> result = answeredInTime(called, () -> room.release(held.getAndSet(0)));
        // not the server's reading: that refuses a query of which any part is malformed, in words that nobody signed
        Optional<QueryParameters> parameters = QueryParameters.read(request.getQueryString());
        if (parameters.isEmpty()) {
            result.setResult(notBelieved(called, "the query cannot be read, or names a parameter twice"));
            return result;
        }
        String signature = parameters.get().get("signature");
        String timestamp = parameters.get().get("timestamp");
        String nonce = parameters.get().get("nonce");
        bodies.read(request, limits, bytes -> takeRoom(bytes, held), outcome -> {
            switch (outcome) {
                case Whole whole -> answer(called, result, whole.bytes(), signature, timestamp, nonce);
                case GivenUp(Reason reason) -> result.setResult(givenUp(called, reason));
            }
        });
        return result;
    }

    /** V1.0. A body is not looked at. */
    @GetMapping({PATH, ACCOUNT_PATH})
    DeferredResult<ResponseEntity<byte[]>> firstGenerationCall(
            HttpServletRequest request, @PathVariable(required = false) @Nullable String account) {
        Account called = paths.of(account).orElse(null);
        if (called == null) {
            return noSuchAccount();
        }
        DeferredResult<ResponseEntity<byte[]>> result = answeredInTime(called, () -> {});
        String query = Objects.requireNonNullElse(request.getQueryString(), "");
        if (query.length() > MAX_QUERY_CHARS) {
            result.setResult(notBelieved(called, "the query is longer than " + MAX_QUERY_CHARS + " characters"));
            return result;
        }
        Optional<QueryParameters> parameters = QueryParameters.read(query);
        if (parameters.isEmpty()) {
            result.setResult(unreadable(called, "the query cannot be read, or names a parameter twice"));
            return result;
        }
        switch (called.firstGenerationGuard().verdict(parameters.get())) {
            case CallVerdict.NotBelieved(String why) -> result.setResult(notBelieved(called, why));
            case CallVerdict.Believed believed -> {
                String token = Objects.requireNonNull(AuthTokenGuard.token(parameters.get()));
                Received received = new Received(
                        called.name(),
                        Generation.FIRST,
                        token,
                        query.getBytes(US_ASCII),
                        parameters.get().withoutPersonalData().getBytes(US_ASCII));
                answer(result, received, Call.of(parameters.get()).from(called.sender(believed)));
            }
        }
        return result;
    }

    /** No key is known that could sign an answer. So it is no answer of a seller, and says why to whoever set the address up. */
    private DeferredResult<ResponseEntity<byte[]>> noSuchAccount() {
        refused(CallbackMetrics.UNKNOWN_ACCOUNT, "no seller account of this name is here");
        DeferredResult<ResponseEntity<byte[]>> result = new DeferredResult<>();
        result.setResult(ResponseEntity.status(HttpStatus.NOT_FOUND)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(NO_SUCH_ACCOUNT));
        return result;
    }

    /** Whatever the work on it comes to, the marketplace waits 5 s and no longer. */
    private DeferredResult<ResponseEntity<byte[]>> answeredInTime(Account called, Runnable afterwards) {
        DeferredResult<ResponseEntity<byte[]>> result = new DeferredResult<>(NO_TIMEOUT_OF_THE_SERVER);
        Future<?> deadline = bodies.after(settings.answerWithin(), () -> late(called, result));
        result.onCompletion(() -> {
            deadline.cancel(false);
            afterwards.run();
        });
        return result;
    }

    private void late(Account called, DeferredResult<ResponseEntity<byte[]>> result) {
        if (result.setResult(signed(called, CallbackAnswer.of(ResultCode.INTERNAL_ERROR)))) {
            metrics.answered(CallbackMetrics.UNKNOWN, ResultCode.INTERNAL_ERROR);
            LOG.atError().log("a call was not worked on in time; the marketplace will call again");
        }
    }

    private boolean takeRoom(int bytes, AtomicInteger held) {
        boolean taken = room.tryAcquire(bytes);
        held.addAndGet(taken ? bytes : 0);
        return taken;
    }

    private ResponseEntity<byte[]> givenUp(Account called, Reason reason) {
        refused(CallbackMetrics.reason(reason), "the body was given up: " + reason);
        ResultCode code = reason == Reason.NO_ROOM ? ResultCode.INTERNAL_ERROR : ResultCode.NOT_AUTHENTICATED;
        return counted(called, CallbackAnswer.of(code));
    }

    private void answer(
            Account called,
            DeferredResult<ResponseEntity<byte[]>> result,
            byte[] body,
            @Nullable String signature,
            @Nullable String timestamp,
            @Nullable String nonce) {
        switch (called.guard().verdict(body, signature, timestamp, nonce)) {
            case CallVerdict.NotBelieved(String why) -> result.setResult(notBelieved(called, why));
            case CallVerdict.Believed believed ->
                Call.read(body)
                        .ifPresentOrElse(
                                call -> answer(
                                        result,
                                        new Received(
                                                called.name(),
                                                Generation.SECOND,
                                                Objects.requireNonNull(nonce),
                                                body,
                                                body),
                                        call.from(called.sender(believed))),
                                () -> result.setResult(
                                        unreadable(called, "the body is no JSON object, or names a member twice")));
        }
    }

    /** On a thread of its own, so that the server's threads wait for no database. Only believed calls come here. */
    private void answer(DeferredResult<ResponseEntity<byte[]>> result, Received received, Call call) {
        Supplier<ResponseEntity<byte[]>> work = () -> signed(call.sender().key(), answers.answer(received, call));
        Thread.ofVirtual().name("callback").start(() -> {
            try {
                result.setResult(work.get());
            } catch (RuntimeException broken) {
                result.setErrorResult(broken);
            }
        });
    }

    private ResponseEntity<byte[]> notBelieved(Account called, String why) {
        refused(CallbackMetrics.NOT_BELIEVED, why);
        return counted(called, CallbackAnswer.of(ResultCode.NOT_AUTHENTICATED));
    }

    private ResponseEntity<byte[]> unreadable(Account called, String why) {
        return counted(called, CallbackAnswer.of(ResultCode.INVALID_PARAMETERS, why));
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

    private ResponseEntity<byte[]> counted(Account called, CallbackAnswer answer) {
        metrics.answered(CallbackMetrics.UNKNOWN, answer.result());
        return signed(called, answer);
    }

    private static ResponseEntity<byte[]> signed(Account called, CallbackAnswer answer) {
        return signed(called.answerKey(), answer.bytes());
    }

    private static ResponseEntity<byte[]> signed(SellerKey key, byte[] answer) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Body-Sign", key.bodySign(answer))
                .body(answer);
    }
}
