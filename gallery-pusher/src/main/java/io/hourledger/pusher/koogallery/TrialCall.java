package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.HttpResult;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a call of usage push outside of pushing: no attempt is stored, and no answer has a consequence. */
class TrialCall {

    private static final Set<String> NOT_ALLOWED = Set.of("0150", "0151", "0154");

    private final Duration connectTimeout;
    private final Duration answerTimeout;
    private final Clock machineTime;

    TrialCall(Duration connectTimeout, Duration answerTimeout, Clock machineTime) {
        this.connectTimeout = connectTimeout;
        this.answerTimeout = answerTimeout;
        this.machineTime = machineTime;
    }

    /** What came back. */
    sealed interface Reply {

        /**
         * An answer over HTTP.
         *
         * @param clockAhead by how much this machine's clock is ahead of the answer's Date; null if it has none
         */
        record Answered(HttpResult.Answer answer, @Nullable Duration clockAhead) implements Reply {

            int status() {
                return answer.status();
            }

            /** Four digits; the gateway's own code whole; empty if there is neither. */
            String code() {
                return KooGalleryAnswerReader.codeOf(answer);
            }

            /** Of records that the answer names, three digits each. */
            List<String> recordCodes() {
                return KooGalleryAnswerReader.recordCodesOf(answer);
            }

            boolean isWrongSignature() {
                return KooGalleryAnswerReader.isWrongSignature(answer);
            }

            boolean hasTakenSignature() {
                return KooGalleryAnswerReader.hasTakenSignature(answer);
            }

            boolean isNotAllowed() {
                return NOT_ALLOWED.contains(code());
            }

            /** For people. */
            String text() {
                return "HTTP " + answer.status() + " " + KooGalleryAnswerReader.wordsOf(answer);
            }
        }

        /** No answer, and why. */
        record None(String why) implements Reply {}
    }

    Instant now() {
        return machineTime.instant();
    }

    /** Sends once, to this host alone. */
    Reply send(URI host, byte[] body, SellerKey key) {
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .build()) {
            HttpResponse<byte[]> response = http.send(
                    UsagePushClient.request(host, body, key, machineTime, answerTimeout),
                    head -> new BoundedBody(UsagePushPort.MAX_ANSWER_BYTES));
            return new Reply.Answered(
                    new HttpResult.Answer(
                            response.statusCode(),
                            response.headers().firstValue("Retry-After").orElse(null),
                            response.body()),
                    clockAhead(response.headers().firstValue("Date").orElse(null)));
        } catch (IOException failed) {
            String message = failed.getMessage();
            return new Reply.None(failed.getClass().getSimpleName() + (message == null ? "" : ": " + message));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Reply.None("stopped while waiting for the answer");
        }
    }

    private @Nullable Duration clockAhead(@Nullable String date) {
        if (date == null) {
            return null;
        }
        try {
            Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Duration.between(theirs, now());
        } catch (DateTimeException noDate) {
            return null;
        }
    }
}
