package io.hourledger.simulator.usage;

import io.hourledger.simulator.fault.Fault;
import io.hourledger.simulator.fault.Fault.Target;
import io.hourledger.simulator.fault.Faults;
import io.hourledger.simulator.http.LateAnswers;
import io.hourledger.simulator.settings.AnswerModel;
import io.hourledger.simulator.settings.RunTimeSettings;
import io.hourledger.simulator.settings.SimulatorSettings;
import io.hourledger.simulator.signing.PushSignature;
import io.hourledger.simulator.usage.RecordRules.Assessed;
import io.hourledger.simulator.usage.UsageJournal.Call;
import io.hourledger.simulator.usage.UsageJournal.Misbehaved;
import io.hourledger.simulator.usage.UsageJournal.Result;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** The usage push, 按需使用量推送(新) (koogallery.md, section 1). */
@RestController
final class UsagePushEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(UsagePushEndpoint.class);

    /** The gateway's limit (koogallery.md, section 1.9). */
    private static final int MOST_BYTES = 12 * 1024 * 1024;

    private static final String RATE_BROKEN = "rate-violation";
    private static final String RETRY_AFTER_BROKEN = "retry-after-violation";

    private static final Pattern MILLIS = Pattern.compile("[0-9]{13}");
    private static final int LONGEST_NONCE = 64;

    private final SimulatorSettings settings;
    private final RunTimeSettings runTime;
    private final UsageJournal journal;
    private final Faults faults;
    private final LateAnswers late;
    private final Clock business;
    private final Clock machine = Clock.systemUTC();
    private final CallLimit rate;
    private final CallLimit halfRate;
    private final RetryAfterWatch retryAfter = new RetryAfterWatch(System::nanoTime);
    private final WrongAnswers wrong;

    UsagePushEndpoint(
            SimulatorSettings settings,
            RunTimeSettings runTime,
            UsageJournal journal,
            Faults faults,
            LateAnswers late,
            Clock business) {
        this.settings = settings;
        this.runTime = runTime;
        this.journal = journal;
        this.faults = faults;
        this.late = late;
        this.business = business;
        this.rate = settings.callBucketDepth() == 0
                ? new CallRate(() -> runTime.now().callsPerSecond(), System::nanoTime)
                : new CallBucket(() -> runTime.now().callsPerSecond(), settings.callBucketDepth(), System::nanoTime);
        this.halfRate = new CallRate(() -> Math.max(1, runTime.now().callsPerSecond() / 2), System::nanoTime);
        this.wrong = new WrongAnswers(late, settings.answerDelay(), retryAfter);
    }

    @PostMapping("/api/mkp-openapi-public/global/v1/isv/usage-data")
    DeferredResult<ResponseEntity<byte[]>> push(HttpServletRequest request) throws IOException {
        Instant receivedAt = business.instant();
        byte[] body = request.getInputStream().readNBytes(MOST_BYTES + 1);
        if (retryAfter.isBroken()) {
            journal.keepAnswered(
                    receivedAt, 0, 429, "APIGW.0308", RETRY_AFTER_BROKEN, "called before Retry-After was over");
            return answer(PushResponseBody.throttled(Long.toString(retryAfter.secondsLeft())));
        }
        if (!rate.permits()) {
            journal.keepAnswered(receivedAt, 0, 429, "APIGW.0308", RATE_BROKEN, "more calls in a second than allowed");
            return answer(PushResponseBody.throttled("1"));
        }
        if (body.length > MOST_BYTES) {
            return answered(receivedAt, 0, 413, "APIGW.0201", "Request entity too large");
        }
        Optional<Fault> halved = faults.hiddenHalving();
        if (halved.isPresent() && !halfRate.permits()) {
            faults.hit(halved.get());
            return misbehaveAtOnce(receivedAt, halved.get());
        }
        Optional<Fault> fault = faults.nextCall(Target.USAGE, WrongAnswers.records(body));
        if (fault.isPresent() && !fault.get().kind().storesFirst()) {
            return misbehaveAtOnce(receivedAt, fault.get());
        }
        String nonce = request.getHeader("nonce");
        Refusal unsigned = wrongSignature(request.getHeader("signature"), request.getHeader("ts"), nonce, body);
        if (unsigned != null) {
            return refused(receivedAt, 0, unsigned);
        }
        PushBody.Reading reading = PushBody.read(body);
        Refusal malformed = reading.refusal();
        if (malformed != null) {
            return refused(receivedAt, 0, malformed);
        }
        if (settings.canonicalBody() && !reading.canonical()) {
            return refused(
                    receivedAt,
                    reading.records().size(),
                    Refusal.signatureWrong(
                            "the body is not its own sorted form, so a sorting server would not accept it"));
        }
        return keepAndAnswer(receivedAt, nonce, reading, fault.orElse(null));
    }

    private DeferredResult<ResponseEntity<byte[]>> keepAndAnswer(
            Instant receivedAt, @Nullable String nonce, PushBody.Reading reading, @Nullable Fault fault) {
        AnswerModel model = runTime.now().answerModel();
        String storedNonce = settings.refuseRepeatedNonces() ? nonce : null;
        Call call = new Call(
                receivedAt, storedNonce, reading.records().size(), fault == null ? null : WrongAnswers.stored(fault));
        return switch (journal.keep(call, reading.records(), model == AnswerModel.SILENT)) {
            case Result.Stored(List<Assessed> records) -> {
                ResponseEntity<byte[]> rightAnswer = PushResponseBody.success(model, records);
                yield fault == null ? answer(rightAnswer) : wrong.afterStoring(fault, rightAnswer);
            }
            case Result.Refused(Refusal refusal) -> {
                LOG.atInfo()
                        .addKeyValue("code", refusal.code())
                        .addKeyValue("why", refusal.message())
                        .log("push call refused");
                yield answer(PushResponseBody.refused(refusal));
            }
        };
    }

    private DeferredResult<ResponseEntity<byte[]>> answer(ResponseEntity<byte[]> answer) {
        return settings.answerDelay().isZero() ? LateAnswers.now(answer) : late.after(settings.answerDelay(), answer);
    }

    private @Nullable Refusal wrongSignature(
            @Nullable String signature, @Nullable String ts, @Nullable String nonce, byte[] body) {
        if (ts == null || !MILLIS.matcher(ts).matches()) {
            return Refusal.parameterWrong("header ts is required: Unix time in milliseconds");
        }
        if (nonce == null || nonce.isBlank() || nonce.length() > LONGEST_NONCE) {
            return Refusal.parameterWrong("header nonce is required and has at most 64 characters");
        }
        if (signature == null || !PushSignature.fits(signature, settings.sellerKey(), ts, nonce, body)) {
            return Refusal.signatureWrong("header signature does not fit");
        }
        Duration skew = Duration.between(Instant.ofEpochMilli(Long.parseLong(ts)), machine.instant())
                .abs();
        if (skew.compareTo(settings.timestampTolerance()) > 0) {
            return Refusal.signatureWrong("header ts is too far from now");
        }
        return null;
    }

    private DeferredResult<ResponseEntity<byte[]>> refused(Instant receivedAt, int records, Refusal refusal) {
        LOG.atInfo()
                .addKeyValue("code", refusal.code())
                .addKeyValue("why", refusal.message())
                .log("push call refused");
        journal.keepAnswered(receivedAt, records, refusal.httpStatus(), refusal.code(), null, refusal.message());
        return answer(PushResponseBody.refused(refusal));
    }

    private DeferredResult<ResponseEntity<byte[]>> answered(
            Instant receivedAt, int records, int httpStatus, String code, String message) {
        journal.keepAnswered(receivedAt, records, httpStatus, code, null, message);
        return answer(PushResponseBody.error(httpStatus, code, message));
    }

    private DeferredResult<ResponseEntity<byte[]>> misbehaveAtOnce(Instant receivedAt, Fault fault) {
        Misbehaved misbehaved = WrongAnswers.stored(fault);
        journal.keepAnswered(
                receivedAt, 0, misbehaved.httpStatus(), misbehaved.code(), misbehaved.word(), "told to misbehave");
        return wrong.beforeStoring(fault);
    }
}
