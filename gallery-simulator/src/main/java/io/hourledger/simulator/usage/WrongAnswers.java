package io.hourledger.simulator.usage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hourledger.simulator.fault.Fault;
import io.hourledger.simulator.http.LateAnswers;
import io.hourledger.simulator.usage.UsageJournal.Misbehaved;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.async.DeferredResult;

/** What a push is answered that the simulator was told to answer wrongly. */
final class WrongAnswers {

    private static final String NONE = "none";
    private static final String UNDOCUMENTED = "MKT.7777";

    /** No text in any of the encodings that a caller may try. */
    private static final byte[] GARBAGE = {(byte) 0xFF, 0, (byte) 0xFE, '{', (byte) 0xC3, '"', (byte) 0x80, 0};

    /** Of so many announced bytes some come, then the server hangs up. */
    private static final long ANNOUNCED_BYTES = 4_000;

    private static final byte[] FIRST_BYTES = "{\"error_co".getBytes(US_ASCII);

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);
    private static final DateTimeFormatter RFC850_DATE =
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.US);
    private static final DateTimeFormatter ASCTIME_DATE =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US);

    private final LateAnswers late;
    private final Duration delay;
    private final RetryAfterWatch retryAfter;
    private final Clock machine = Clock.systemUTC();

    /**
     * @param delay how long every answer is held back
     * @param retryAfter is told of the waits that are asked for
     */
    WrongAnswers(LateAnswers late, Duration delay, RetryAfterWatch retryAfter) {
        this.late = late;
        this.delay = delay;
        this.retryAfter = retryAfter;
    }

    /** How many records a body that nobody has read yet has: they hold no objects. */
    static int records(byte[] body) {
        int objects = 0;
        for (byte one : body) {
            objects += one == '{' ? 1 : 0;
        }
        return Math.max(0, objects - 1);
    }

    /** What is kept of a call that is answered wrongly. */
    static Misbehaved stored(Fault fault) {
        String word = fault.kind().word();
        return switch (fault.kind()) {
            case TIMEOUT_BEFORE_STORING, TIMEOUT_AFTER_STORING -> new Misbehaved(word, 504, NONE);
            case TOO_MANY_REQUESTS, GATEWAY_THROTTLED, HIDDEN_HALVING -> new Misbehaved(word, 429, "APIGW.0308");
            case OVER_FREQUENCY -> new Misbehaved(word, 406, "MKT.0250");
            case OVER_FREQUENCY_WITHOUT_BODY -> new Misbehaved(word, 406, NONE);
            case CODED_REFUSAL -> new Misbehaved(word, fault.httpStatus(), fault.errorCode());
            case PAGE_BEFORE_STORING, PAGE_AFTER_STORING -> new Misbehaved(word, fault.httpStatus(), NONE);
            case REDIRECT -> new Misbehaved(word, 302, NONE);
            case CLOCK_SKEW -> new Misbehaved(word, 400, "MKT.0102");
            case INTERNAL_ERROR_BEFORE_STORING, INTERNAL_ERROR_AFTER_STORING -> new Misbehaved(word, 500, "MKT.0999");
            case BAD_GATEWAY_BEFORE_STORING, BAD_GATEWAY_AFTER_STORING -> new Misbehaved(word, 502, NONE);
            case SERVICE_UNAVAILABLE -> new Misbehaved(word, 503, NONE);
            case EMPTY_BODY_BEFORE_STORING,
                    EMPTY_BODY_AFTER_STORING,
                    GARBAGE_BEFORE_STORING,
                    GARBAGE_AFTER_STORING,
                    CUT_BEFORE_STORING,
                    CUT_AFTER_STORING -> new Misbehaved(word, 200, NONE);
            case UNKNOWN_CODE_AFTER_STORING -> new Misbehaved(word, 200, UNDOCUMENTED);
            case SLOW_ANSWER, REJECT_LATER, REPEATED_CALL, FORGED_CALL, STALE_CALL, REORDERED_CALL ->
                new Misbehaved(word, 200, "MKT.0000");
        };
    }

    /** To a call of which nothing is kept. */
    DeferredResult<ResponseEntity<byte[]>> beforeStoring(Fault fault) {
        return switch (fault.kind()) {
            case TIMEOUT_BEFORE_STORING -> late.after(delay.plus(fault.delay()), PushResponseBody.page(504));
            case TOO_MANY_REQUESTS -> answer(PushResponseBody.throttled(retryAfterHeader(fault)));
            case OVER_FREQUENCY -> answer(PushResponseBody.error(406, "MKT.0250", "access frequency over limit"));
            case OVER_FREQUENCY_WITHOUT_BODY ->
                answer(ResponseEntity.status(406).body(new byte[0]));
            case CODED_REFUSAL ->
                answer(PushResponseBody.error(fault.httpStatus(), fault.errorCode(), "told to answer so"));
            case PAGE_BEFORE_STORING -> answer(PushResponseBody.page(fault.httpStatus()));
            case REDIRECT -> answer(redirect());
            case GARBAGE_BEFORE_STORING -> answer(garbage());
            case CUT_BEFORE_STORING -> answer(cut());
            case CLOCK_SKEW ->
                answer(PushResponseBody.refused(Refusal.signatureWrong("header ts is too far from now")));
            case GATEWAY_THROTTLED, HIDDEN_HALVING ->
                answer(PushResponseBody.error(429, "APIGW.0308", "The throttling threshold has been reached"));
            case INTERNAL_ERROR_BEFORE_STORING ->
                answer(PushResponseBody.error(500, "MKT.0999", "other internal error"));
            case BAD_GATEWAY_BEFORE_STORING -> answer(PushResponseBody.page(502));
            case SERVICE_UNAVAILABLE -> answer(PushResponseBody.page(503));
            case EMPTY_BODY_BEFORE_STORING -> answer(PushResponseBody.empty());
            case TIMEOUT_AFTER_STORING,
                    INTERNAL_ERROR_AFTER_STORING,
                    BAD_GATEWAY_AFTER_STORING,
                    PAGE_AFTER_STORING,
                    GARBAGE_AFTER_STORING,
                    CUT_AFTER_STORING,
                    EMPTY_BODY_AFTER_STORING,
                    UNKNOWN_CODE_AFTER_STORING,
                    SLOW_ANSWER,
                    REJECT_LATER,
                    REPEATED_CALL,
                    FORGED_CALL,
                    STALE_CALL,
                    REORDERED_CALL -> throw new IllegalStateException(fault.kind() + " stores first");
        };
    }

    /** To a call of which everything is kept. */
    DeferredResult<ResponseEntity<byte[]>> afterStoring(Fault fault, ResponseEntity<byte[]> rightAnswer) {
        return switch (fault.kind()) {
            case TIMEOUT_AFTER_STORING -> late.after(delay.plus(fault.delay()), PushResponseBody.page(504));
            case INTERNAL_ERROR_AFTER_STORING ->
                answer(PushResponseBody.error(500, "MKT.0999", "other internal error"));
            case BAD_GATEWAY_AFTER_STORING -> answer(PushResponseBody.page(502));
            case PAGE_AFTER_STORING -> answer(PushResponseBody.page(fault.httpStatus()));
            case GARBAGE_AFTER_STORING -> answer(garbage());
            case CUT_AFTER_STORING -> answer(cut());
            case EMPTY_BODY_AFTER_STORING -> answer(PushResponseBody.empty());
            case UNKNOWN_CODE_AFTER_STORING -> answer(PushResponseBody.error(200, UNDOCUMENTED, "undocumented"));
            case SLOW_ANSWER -> late.after(delay.plus(fault.delay()), rightAnswer);
            case TIMEOUT_BEFORE_STORING,
                    TOO_MANY_REQUESTS,
                    OVER_FREQUENCY,
                    OVER_FREQUENCY_WITHOUT_BODY,
                    CODED_REFUSAL,
                    PAGE_BEFORE_STORING,
                    REDIRECT,
                    GARBAGE_BEFORE_STORING,
                    CUT_BEFORE_STORING,
                    CLOCK_SKEW,
                    HIDDEN_HALVING,
                    GATEWAY_THROTTLED,
                    INTERNAL_ERROR_BEFORE_STORING,
                    BAD_GATEWAY_BEFORE_STORING,
                    SERVICE_UNAVAILABLE,
                    EMPTY_BODY_BEFORE_STORING,
                    REJECT_LATER,
                    REPEATED_CALL,
                    FORGED_CALL,
                    STALE_CALL,
                    REORDERED_CALL -> throw new IllegalStateException(fault.kind() + " is not an answer after storing");
        };
    }

    private DeferredResult<ResponseEntity<byte[]>> answer(ResponseEntity<byte[]> answer) {
        return delay.isZero() ? LateAnswers.now(answer) : late.after(delay, answer);
    }

    private static ResponseEntity<byte[]> redirect() {
        return ResponseEntity.status(302)
                .location(URI.create("https://console.example.com/maintenance"))
                .build();
    }

    private static ResponseEntity<byte[]> garbage() {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(GARBAGE);
    }

    private static ResponseEntity<byte[]> cut() {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .contentLength(ANNOUNCED_BYTES)
                .body(FIRST_BYTES);
    }

    private String retryAfterHeader(Fault fault) {
        int seconds = fault.retryAfterSeconds();
        retryAfter.start(seconds);
        return switch (fault.retryAfterForm()) {
            case SECONDS -> Integer.toString(seconds);
            case FRACTION -> seconds + ".25";
            case DATE -> HTTP_DATE.format(until(seconds));
            case RFC850_DATE -> RFC850_DATE.format(until(seconds));
            case ASCTIME_DATE -> ASCTIME_DATE.format(until(seconds));
        };
    }

    /** A date has whole seconds; one second is added so that it never lies before the wait it stands for. */
    private OffsetDateTime until(int seconds) {
        Instant end = machine.instant().plusSeconds(seconds + 1L);
        return end.atOffset(ZoneOffset.UTC);
    }
}
