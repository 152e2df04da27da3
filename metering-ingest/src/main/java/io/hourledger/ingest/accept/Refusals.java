package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.Admission.Room;
import io.hourledger.service.RequestBodies.Reason;
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/** Says why a request is refused as a whole, and what its sender can do. */
record Refusals(int maxBatchEvents, Duration retryAfter) {

    static final String BEARER = "Bearer";

    RefusedRequest noRoom(Room room) {
        if (room == Room.REQUEST_EXCEEDS_SHARE) {
            return new RefusedRequest(
                    HttpStatus.CONTENT_TOO_LARGE,
                    Codes.BODY_TOO_LARGE,
                    "this request alone takes more memory than its key may hold; send fewer events at a time");
        }
        RefusedRequest refused = room == Room.SENDER_HAS_ITS_SHARE
                ? new RefusedRequest(
                        HttpStatus.TOO_MANY_REQUESTS,
                        Codes.TOO_MANY_REQUESTS,
                        "this sender has as much under way as is left for all others; wait for answers before you send"
                                + " more, with the same ids")
                : new RefusedRequest(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        Codes.BUSY,
                        "too many requests wait for the log; send this one again later, with the same ids");
        return refused.withHeader(HttpHeaders.RETRY_AFTER, retryAfterSeconds());
    }

    /** Of keys and tokens anybody may send as many as they like, so such requests are not logged one by one. */
    RefusedRequest keysNotKnownYet() {
        return new RefusedRequest(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        Codes.BUSY,
                        "this service has not learned the API keys yet; send the request again later, with the same"
                                + " ids")
                .withHeader(HttpHeaders.RETRY_AFTER, retryAfterSeconds())
                .ofUnknownSender();
    }

    RefusedRequest tokenUndecided(String why) {
        return new RefusedRequest(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        Codes.BUSY,
                        "nobody can say yet whether the access token holds: " + why
                                + "; send the request again later, with the same ids")
                .withHeader(HttpHeaders.RETRY_AFTER, retryAfterSeconds())
                .ofUnknownSender();
    }

    static RefusedRequest invalidToken(String why) {
        return new RefusedRequest(
                        HttpStatus.UNAUTHORIZED, Codes.INVALID_TOKEN, "the access token does not hold: " + why)
                .withHeader(HttpHeaders.WWW_AUTHENTICATE, challenge(Codes.INVALID_TOKEN, why))
                .ofUnknownSender();
    }

    static RefusedRequest insufficientToken(String why) {
        return new RefusedRequest(
                        HttpStatus.FORBIDDEN, Codes.INSUFFICIENT_SCOPE, "the access token allows nothing here: " + why)
                .withHeader(HttpHeaders.WWW_AUTHENTICATE, challenge(Codes.INSUFFICIENT_SCOPE, why));
    }

    /** By RFC 6750; its description takes no quotes, and a header no line breaks. */
    private static String challenge(String error, String why) {
        return BEARER + " error=\"" + error + "\", error_description=\"" + why.replaceAll("[^ !#-\\[\\]-~]", "'")
                + "\"";
    }

    /** @param maxBodyBytes what this sender may send at a time */
    RefusedRequest tooLarge(int maxBodyBytes) {
        return new RefusedRequest(
                HttpStatus.CONTENT_TOO_LARGE,
                Codes.BODY_TOO_LARGE,
                "a body has at most " + maxBodyBytes + " bytes, also once it is expanded; send fewer events at a time");
    }

    RefusedRequest tooMany() {
        return new RefusedRequest(
                HttpStatus.CONTENT_TOO_LARGE,
                Codes.TOO_MANY_EVENTS,
                "a request has at most " + maxBatchEvents + " events, this one has more");
    }

    /** @param wait until the key's rate allows more */
    RefusedRequest tooFast(Duration wait) {
        return new RefusedRequest(
                        HttpStatus.TOO_MANY_REQUESTS,
                        Codes.RATE_EXCEEDED,
                        "this key has sent more than its rate allows; send the request again later, with the same ids")
                .withHeader(HttpHeaders.RETRY_AFTER, seconds(wait));
    }

    String retryAfterSeconds() {
        return seconds(retryAfter);
    }

    private static String seconds(Duration wait) {
        return Long.toString(Math.max(1, (wait.toMillis() + 999) / 1_000));
    }

    /** Why the body is not read to its end; the room is that of the request. */
    RefusedRequest of(Reason reason, Room room, int maxBodyBytes) {
        return switch (reason) {
            case TOO_LARGE -> tooLarge(maxBodyBytes);
            case TOO_SLOW ->
                new RefusedRequest(
                        HttpStatus.REQUEST_TIMEOUT,
                        Codes.BODY_TOO_SLOW,
                        "the body did not come in time; send fewer events at a time");
            case NO_ROOM -> noRoom(room);
            case BROKEN_OFF -> new RefusedRequest(HttpStatus.BAD_REQUEST, Codes.BODY_BROKEN, "the body broke off");
        };
    }
}
