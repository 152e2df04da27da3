package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.ingest.accept.Admission.Room;
import io.hourledger.service.LogThrottle;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * Takes usage events: CloudEvents in structured, batch and binary mode, and as lines of JSON. What can be refused by its headers is; no thread
 * of the machine waits for a body or for the log.
 *
 * <p>A servlet and no Spring controller: a deferred answer would go through Spring's dispatcher a second time, which cost half of a request
 * that holds one event.
 */
final class UsageEventsServlet extends HttpServlet {

    static final String PATH = "/v1/usage-events";

    /** Where a sender asks what would become of events, and nothing is taken. */
    static final String CHECK_PATH = PATH + "/check";

    /** Where events that correct others are sent. */
    static final String AMEND_PATH = PATH + "/amend";

    private static final long serialVersionUID = 1L;
    private static final Logger log = LoggerFactory.getLogger(UsageEventsServlet.class);

    private final transient ApiKeys apiKeys;
    private final transient AccessTokens tokens;
    private final transient Admission admission;
    private final transient KeyRates rates;
    private final transient Exchanges exchanges;
    private final transient LogThrottle unauthorized = new LogThrottle(Duration.ofSeconds(10));

    UsageEventsServlet(ApiKeys apiKeys, AccessTokens tokens, Admission admission, KeyRates rates, Exchanges exchanges) {
        this.apiKeys = apiKeys;
        this.tokens = tokens;
        this.admission = admission;
        this.rates = rates;
        this.exchanges = exchanges;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            accept(request, response);
        } catch (RefusedRequest refused) {
            logRefusal(refused);
            exchanges.refuse(refused, response);
        }
    }

    private void accept(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getMethod().equals("POST")) {
            throw new RefusedRequest(
                            HttpStatus.METHOD_NOT_ALLOWED, Codes.METHOD_NOT_ALLOWED, "usage events come by POST")
                    .withHeader(HttpHeaders.ALLOW, "POST");
        }
        ApiKey sender = sender(request.getHeader(HttpHeaders.AUTHORIZATION));
        RequestForm form = RequestForm.of(request);
        ContentCoding coding = ContentCoding.of(request);
        Sent sent = new Sent(sender, form, coding, request);
        if (!sent.readAsItComes()) {
            exchanges.requireLength(sender, request.getContentLengthLong());
        }
        Duration wait = rates.waitOf(sender);
        if (!wait.isZero()) {
            throw exchanges.refusals().tooFast(wait);
        }
        Room room = admission.room(sender.id(), sender.limits().memoryPercent());
        if (room != Room.TAKEN) {
            throw exchanges.refusals().noRoom(room);
        }
        exchanges.begin(sent, response);
    }

    /** A request that may be read. */
    record Sent(ApiKey sender, RequestForm form, ContentCoding coding, HttpServletRequest request) {

        UsageLog.Origin origin() {
            return new UsageLog.Origin(
                    sender.id(),
                    TraceParent.of(Collections.list(request.getHeaders(TraceParent.HEADER)))
                            .orElse(null),
                    sender.scope().products());
        }

        boolean onlyAsks() {
            return request.getServletPath().equals(CHECK_PATH);
        }

        boolean corrects() {
            return request.getServletPath().equals(AMEND_PATH);
        }

        /** Whether events are taken before the body is there to its end. */
        boolean readAsItComes() {
            return form == RequestForm.LINES && coding == ContentCoding.IDENTITY && !onlyAsks();
        }
    }

    private ApiKey sender(@Nullable String authorization) {
        return apiKeys.sender(authorization).orElseGet(() -> senderByToken(authorization));
    }

    private ApiKey senderByToken(@Nullable String authorization) {
        return switch (tokens.read(authorization)) {
            case AccessTokens.Sender(ApiKey key) -> key;
            case AccessTokens.NoToken() -> throw notKnown(authorization);
            case AccessTokens.Invalid(String why) -> throw Refusals.invalidToken(why);
            case AccessTokens.Insufficient(String why) -> throw Refusals.insufficientToken(why);
            case AccessTokens.Undecided(String why) ->
                throw exchanges.refusals().tokenUndecided(why);
        };
    }

    /** A client gives up usage that is answered 401, so that is said only by who knows all keys. */
    private RefusedRequest notKnown(@Nullable String authorization) {
        if (authorization != null && !apiKeys.areAllKnown()) {
            return exchanges.refusals().keysNotKnownYet();
        }
        return new RefusedRequest(
                        HttpStatus.UNAUTHORIZED,
                        Codes.UNAUTHORIZED,
                        authorization == null
                                ? "an API key is needed: Authorization: Bearer KEY"
                                : "this API key is not known; it comes as Authorization: Bearer KEY")
                .withHeader(HttpHeaders.WWW_AUTHENTICATE, Refusals.BEARER)
                .ofUnknownSender();
    }

    /** Anybody can send requests without a key, so they are counted, and the log has one line for many. */
    private void logRefusal(RefusedRequest refused) {
        if (!refused.isOfUnknownSender()) {
            NotAcceptedLog.request(refused);
        } else if (unauthorized.mayLog()) {
            log.atInfo()
                    .addKeyValue("code", refused.code())
                    .addKeyValue("not_logged", unauthorized.notLogged())
                    .log("requests without a known API key or token refused");
        }
    }
}
