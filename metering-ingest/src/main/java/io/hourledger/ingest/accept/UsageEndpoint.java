package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.AcceptSettings.ApiKeySettings;
import io.hourledger.ingest.accept.Admission.Ticket;
import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.hourledger.ingest.accept.Slices.NotABatch;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.service.RequestBodies;
import io.hourledger.service.RequestBodies.GivenUp;
import io.hourledger.service.RequestBodies.Limits;
import io.hourledger.service.RequestBodies.Outcome;
import io.hourledger.service.RequestBodies.Reason;
import io.hourledger.service.RequestBodies.Whole;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Takes usage events: CloudEvents in structured, batch and binary mode, and as lines of JSON. No thread waits for a body or for the log: the
 * answer is written when the log has confirmed the last event, or when the time for that is over. What can be refused by its headers is.
 */
@RestController
final class UsageEndpoint {

    private static final Logger log = LoggerFactory.getLogger(UsageEndpoint.class);
    private static final String PATH = "/v1/usage-events";
    private static final MediaType ONE = MediaType.parseMediaType("application/cloudevents+json");
    private static final MediaType BATCH = MediaType.parseMediaType("application/cloudevents-batch+json");
    private static final MediaType LINES = MediaType.parseMediaType("application/x-ndjson");

    private static final long NO_TIMEOUT_OF_THE_SERVER = 0L;

    private final AcceptSettings settings;
    private final ApiKeys apiKeys;
    private final Admission admission;
    private final UsageIntake intake;
    private final Answers answers;
    private final IngestMetrics metrics;
    private final RequestBodies bodies;
    private final Limits limits;

    UsageEndpoint(
            AcceptSettings settings,
            BodySettings body,
            ApiKeys apiKeys,
            Admission admission,
            UsageIntake intake,
            Answers answers,
            IngestMetrics metrics,
            RequestBodies bodies) {
        this.settings = settings;
        this.apiKeys = apiKeys;
        this.admission = admission;
        this.intake = intake;
        this.answers = answers;
        this.metrics = metrics;
        this.bodies = bodies;
        this.limits = new Limits(Math.toIntExact(settings.maxBody().toBytes()), body.timeout());
    }

    @PostMapping(PATH)
    DeferredResult<ResponseEntity<?>> accept(HttpServletRequest request) throws IOException {
        ApiKeySettings sender = apiKeys.sender(request.getHeader(HttpHeaders.AUTHORIZATION))
                .orElseThrow(() -> new RefusedRequest(
                                HttpStatus.UNAUTHORIZED,
                                Codes.UNAUTHORIZED,
                                "an API key is needed: Authorization: Bearer KEY")
                        .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer"));
        MediaType form = formOf(request);
        if (request.getContentLengthLong() > limits.bytes()) {
            throw tooLarge();
        }
        if (admission.full()) {
            throw busy();
        }
        Exchange exchange = new Exchange(sender, form, request);
        bodies.read(request, limits, exchange.ticket::grow, exchange::body);
        return exchange.result;
    }

    /** One request, from its headers to its answer. */
    private final class Exchange {

        private final ApiKeySettings sender;
        private final MediaType form;
        private final HttpServletRequest request;
        private final Ticket ticket = admission.ticket();
        private final DeferredResult<ResponseEntity<?>> result = new DeferredResult<>(NO_TIMEOUT_OF_THE_SERVER);

        Exchange(ApiKeySettings sender, MediaType form, HttpServletRequest request) {
            this.sender = sender;
            this.form = form;
            this.request = request;
            result.onCompletion(ticket::leave);
        }

        void body(Outcome outcome) {
            try {
                switch (outcome) {
                    case Whole whole -> {
                        if (!ticket.enter()) {
                            throw busy();
                        }
                        take(whole.bytes());
                    }
                    case GivenUp(Reason reason) -> giveUp(reason);
                }
            } catch (RuntimeException notTaken) {
                end(notTaken);
            }
        }

        private void giveUp(Reason reason) {
            switch (reason) {
                case TOO_LARGE -> end(tooLarge());
                case TOO_SLOW ->
                    end(new RefusedRequest(
                            HttpStatus.REQUEST_TIMEOUT,
                            Codes.BODY_TOO_SLOW,
                            "the body did not come in time; send fewer events at a time"));
                case NO_ROOM -> end(busy());
                case BROKEN_OFF -> {
                    // the server ends such a connection without an answer, so no handler of refusals counts it
                    metrics.requestRefused(Codes.BODY_BROKEN);
                    end(new RefusedRequest(HttpStatus.BAD_REQUEST, Codes.BODY_BROKEN, "the body broke off"));
                }
            }
        }

        private void end(Exception why) {
            ticket.leave();
            result.setErrorResult(why);
        }

        private void take(byte[] body) {
            boolean binary = form.equals(MediaType.APPLICATION_JSON);
            byte[] events = binary ? BinaryMode.asStructured(request, body) : body;
            boolean single = binary || form.equals(ONE);
            List<Slice> items = single ? List.of(new Slice(0, events.length)) : cut(form, events);
            Preferences preferences = new Preferences(Collections.list(request.getHeaders("Prefer")));

            long start = System.nanoTime(); // elapsed time, for the metric
            PendingAnswers pending = intake.take(sender, events, items);
            Runnable answer = () -> {
                if (result.isSetOrExpired()) {
                    return;
                }
                try {
                    List<ItemAnswer> now = pending.now();
                    if (result.setResult(single ? answers.toOne(now.get(0)) : answers.toMany(now, preferences))) {
                        metrics.answered(now, Duration.ofNanos(System.nanoTime() - start));
                        logAnswer(sender, now);
                    }
                } catch (RuntimeException broken) {
                    // the server has no time-out of its own here: without an answer the request would stay for ever
                    end(broken);
                }
            };
            Future<?> timeout = bodies.after(settings.answerTimeout(), answer);
            pending.whenComplete(() -> {
                timeout.cancel(false);
                answer.run();
            });
        }
    }

    private static MediaType formOf(HttpServletRequest request) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw unsupported("a body that is encoded (" + encoding + ") is not understood; send it plain");
        }
        MediaType given = parsed(request.getContentType());
        for (MediaType form : List.of(ONE, BATCH, LINES, MediaType.APPLICATION_JSON)) {
            if (given != null && form.equalsTypeAndSubtype(given)) {
                if (form.equals(MediaType.APPLICATION_JSON) && !BinaryMode.hasAttributes(request)) {
                    throw unsupported(
                            "with application/json the event's attributes come as ce- headers; a whole event in"
                                    + " the body is " + ONE + ", several are " + BATCH);
                }
                return form;
            }
        }
        throw unsupported("the content type must be one of " + ONE + ", " + BATCH + ", " + LINES
                + ", or application/json with ce- headers");
    }

    private static @Nullable MediaType parsed(@Nullable String contentType) {
        try {
            return contentType == null ? null : MediaType.parseMediaType(contentType);
        } catch (InvalidMediaTypeException notOne) {
            return null;
        }
    }

    private static RefusedRequest unsupported(String detail) {
        return new RefusedRequest(HttpStatus.UNSUPPORTED_MEDIA_TYPE, Codes.UNSUPPORTED_MEDIA_TYPE, detail);
    }

    private RefusedRequest busy() {
        return new RefusedRequest(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        Codes.BUSY,
                        "too many requests wait for the log; send this one again later, with the same ids")
                .withHeader(HttpHeaders.RETRY_AFTER, retryAfterSeconds(settings.retryAfter()));
    }

    private RefusedRequest tooLarge() {
        return new RefusedRequest(
                HttpStatus.CONTENT_TOO_LARGE,
                Codes.BODY_TOO_LARGE,
                "a body has at most " + limits.bytes() + " bytes; send fewer events at a time");
    }

    private List<Slice> cut(MediaType form, byte[] body) {
        try {
            List<Slice> items = form.equals(BATCH) ? Slices.ofArray(body) : Slices.ofLines(body);
            if (items.size() > settings.maxBatchEvents()) {
                throw new RefusedRequest(
                        HttpStatus.CONTENT_TOO_LARGE,
                        Codes.TOO_MANY_EVENTS,
                        "a request has at most " + settings.maxBatchEvents() + " events, this one has " + items.size(),
                        Map.of("events", items.size()));
            }
            return items;
        } catch (NotABatch notABatch) {
            throw new RefusedRequest(HttpStatus.BAD_REQUEST, Codes.NOT_A_BATCH, "" + notABatch.getMessage());
        }
    }

    static String retryAfterSeconds(Duration wait) {
        return Long.toString(Math.max(1, (wait.toMillis() + 999) / 1_000));
    }

    /** One line a request, and only when something was not accepted: accepted events are counted, not logged. */
    private static void logAnswer(ApiKeySettings sender, List<ItemAnswer> answers) {
        ItemAnswer first = null;
        int rejected = 0;
        int unavailable = 0;
        for (ItemAnswer answer : answers) {
            rejected += answer.status() == Status.REJECTED ? 1 : 0;
            unavailable += answer.status() == Status.UNAVAILABLE ? 1 : 0;
            first = first == null && answer.status() != Status.ACCEPTED ? answer : first;
        }
        if (first != null) {
            LoggingEventBuilder line = (unavailable > 0 ? log.atWarn() : log.atInfo())
                    .addKeyValue("sender", sender.name())
                    .addKeyValue("events", answers.size())
                    .addKeyValue("rejected", rejected)
                    .addKeyValue("unavailable", unavailable)
                    .addKeyValue("first_index", answers.indexOf(first))
                    .addKeyValue("first_code", first.code())
                    .addKeyValue("first_field", first.field())
                    .addKeyValue("first_detail", first.detail());
            (first.id() == null ? line : line.addKeyValue("first_id", first.id())).log("usage events not accepted");
        }
    }
}
