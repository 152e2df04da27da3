package io.hourledger.aggregator.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.page.ReceiptCallers.Caller;
import io.hourledger.aggregator.recount.Receipt;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.recount.Receipts.EventName;
import io.hourledger.aggregator.recount.Receipts.Search;
import io.hourledger.aggregator.recount.RecordOrigin;
import io.hourledger.aggregator.recount.RecordSender;
import io.hourledger.contracts.access.ApiKey;
import io.hourledger.ledger.statement.HourOutcome;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What became of one event, asked with the receipt that ingest gave for it, or with its name. */
@RestController
final class ReceiptsEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(ReceiptsEndpoint.class);
    private static final String RETRY_AFTER_SECONDS = "5";

    /** What an operator and an app may ask. */
    static final String PATH = "/v1/receipts";

    /** Each reads the log with a consumer of its own, and closing hours comes first. */
    private static final int MOST_APPS_AT_ONCE = 4;

    private final ReceiptCallers callers;
    private final Receipts receipts;
    private final CountingRules rules;
    private final Semaphore roomForApps = new Semaphore(MOST_APPS_AT_ONCE);

    ReceiptsEndpoint(ReceiptCallers callers, Receipts receipts, CountingRules rules) {
        this.callers = callers;
        this.receipts = receipts;
        this.rules = rules;
    }

    /**
     * What the page shows; what does not apply is left out.
     *
     * @param place of the event in the log
     * @param status not-read-yet, counted, duplicate, quarantined, filtered-out, amendment, skipped, no-event, log-gone or unclear
     * @param nextOffset where the partition stands, if it was not read yet
     * @param duplicateOf offset of the event that counted, if this one repeats it
     * @param reason code of why it was quarantined
     * @param hour where it, or the one that it repeats, counted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(
            @JsonUnwrapped Place place,
            String status,
            @Nullable Long nextOffset,
            @Nullable Long duplicateOf,
            @Nullable String reason,
            @Nullable String detail,
            @Nullable Hour hour) {}

    /**
     * Where an event lies.
     *
     * @param traceparent of the request that brought it; null if it brought none, or the log cannot say
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Place(int partition, long offset, @Nullable String traceparent) {}

    /**
     * The hour of an instance.
     *
     * @param revision 0, or a later one for what came after the hour's cutoff
     * @param endsAt when the hour is over that it closes with, but for the grace
     * @param status open, unmatched, blocked, refused, or metered
     * @param ledger null while it is not metered
     * @param amendments of the event in the order of the log; the last one holds
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Hour(
            String instance,
            Instant start,
            int revision,
            Instant endsAt,
            String meter,
            String status,
            @Nullable String detail,
            @JsonUnwrapped @Nullable InLedger ledger,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Receipt.AppliedAmendment> amendments) {

        static Hour of(Receipt.UsedHour used) {
            HourOutcome.Metered outcome = used.outcome();
            return new Hour(
                    used.instance(),
                    used.hour().start(),
                    used.revision(),
                    used.endsAt(),
                    used.meter(),
                    used.status().word(),
                    used.detail(),
                    outcome == null ? null : InLedger.of(outcome),
                    used.amendments());
        }
    }

    /**
     * What the ledger has of an hour.
     *
     * @param records the usage records that report it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record InLedger(
            BigDecimal amount,
            BigDecimal withheld,
            @Nullable String withheldReason,
            List<HourOutcome.IssuedRecord> records) {

        static InLedger of(HourOutcome.Metered outcome) {
            return new InLedger(outcome.amount(), outcome.withheld(), outcome.withheldReason(), outcome.records());
        }
    }

    @GetMapping(PATH + "/{partition}/{offset}")
    ResponseEntity<?> receipt(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable int partition,
            @PathVariable long offset) {
        return asked(authorization, caller -> at(partition, offset, caller));
    }

    /** The same, for who knows the event's name and not its receipt; the time leads to the hour to look into. */
    @GetMapping(PATH)
    ResponseEntity<?> receipt(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @RequestParam String subject,
            @RequestParam String source,
            @RequestParam String id,
            @RequestParam Instant time) {
        return asked(authorization, caller -> named(new EventName(subject, source, id, time), caller));
    }

    private ResponseEntity<?> asked(@Nullable String authorization, Function<Caller, ResponseEntity<?>> answer) {
        Caller caller = callers.caller(authorization);
        return switch (caller) {
            case Caller.Operator _ -> answer.apply(caller);
            case Caller.App _ -> {
                if (!roomForApps.tryAcquire()) {
                    yield askAgain("busy", "too many receipts are being looked up; ask again");
                }
                try {
                    yield answer.apply(caller);
                } finally {
                    roomForApps.release();
                }
            }
            case Caller.Nobody _ ->
                ResponseEntity.status(HttpStatus.UNAUTHORIZED)
                        .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
                        .body(problem(
                                        HttpStatus.UNAUTHORIZED,
                                        "unauthorized",
                                        "send Authorization: Bearer and the API key of the event's source, or the"
                                                + " operator's token")
                                .getBody());
        };
    }

    private ResponseEntity<?> at(int partition, long offset, Caller caller) {
        if (partition < 0 || offset < 0) {
            return noSuchPlace(partition, offset);
        }
        return switch (caller) {
            case Caller.Operator _ -> {
                Optional<Receipt> receipt = receipts.of(partition, offset);
                yield receipt.isEmpty()
                        ? noSuchPlace(partition, offset)
                        : ResponseEntity.ok(page(placeForOperator(partition, offset), receipt.get()));
            }
            case Caller.App(ApiKey key) ->
                switch (receipts.senderOf(partition, offset)) {
                    case RecordSender.Known(RecordOrigin origin)
                    when origin.isOf(key) ->
                        receipts.of(partition, offset)
                                .<ResponseEntity<?>>map(receipt -> ResponseEntity.ok(
                                        page(new Place(partition, offset, origin.traceparent()), receipt)))
                                .orElseGet(ReceiptsEndpoint::notYours);
                    case RecordSender.Known _, RecordSender.Nobody _ -> notYours();
                    case RecordSender.LogGone _ ->
                        problem(HttpStatus.GONE, "log-gone", "Kafka no longer keeps what lay there, so nobody can say");
                };
            case Caller.Nobody _ -> throw new IllegalArgumentException("nobody is answered before");
        };
    }

    /** What was quarantined is shown while Kafka is away, too; then without its trace. */
    private Place placeForOperator(int partition, long offset) {
        try {
            return new Place(
                    partition,
                    offset,
                    receipts.senderOf(partition, offset) instanceof RecordSender.Known(RecordOrigin origin)
                            ? origin.traceparent()
                            : null);
        } catch (StoreUnavailableException noAnswer) {
            return new Place(partition, offset, null);
        }
    }

    private ResponseEntity<?> named(EventName name, Caller caller) {
        if (caller instanceof Caller.App(ApiKey key)
                && !(key.scope().allowsSource(name.source()) && key.scope().allowsInstance(name.subject()))) {
            return noSuchEvent();
        }
        return switch (receipts.placeOf(name, rules)) {
            case Search.Found(int partition, long offset) -> {
                ResponseEntity<?> found = at(partition, offset, caller);
                yield found.getStatusCode().isSameCodeAs(HttpStatus.NOT_FOUND) ? noSuchEvent() : found;
            }
            case Search.NothingCounted() -> noSuchEvent();
            case Search.LogGone(String detail) -> problem(HttpStatus.GONE, "log-gone", detail);
        };
    }

    private static ResponseEntity<ProblemDetail> noSuchEvent() {
        return problem(
                HttpStatus.NOT_FOUND,
                "no-such-event",
                "no event counted under this name in the hour of this time, and none was filtered out while"
                        + " the hour accepted usage; it may be on its way or in quarantine, or have another"
                        + " time");
    }

    /** The same whether another app has sent it or nobody. */
    private static ResponseEntity<ProblemDetail> notYours() {
        return problem(
                HttpStatus.NOT_FOUND,
                "no-such-receipt",
                "no event of this key's sources lies there; a receipt is the partition and offset that ingest answered");
    }

    private static ResponseEntity<ProblemDetail> noSuchPlace(int partition, long offset) {
        return problem(
                HttpStatus.NOT_FOUND,
                "no-such-partition",
                "nothing was read of partition " + partition
                        + " yet; a receipt is the partition and offset that ingest answered, not " + partition + "/"
                        + offset);
    }

    private static Page page(Place place, Receipt receipt) {
        return switch (receipt) {
            case Receipt.NotReadYet(long nextOffset) ->
                new Page(place, "not-read-yet", nextOffset, null, null, null, null);
            case Receipt.Counted(Receipt.UsedHour hour) ->
                new Page(place, "counted", null, null, null, null, Hour.of(hour));
            case Receipt.Duplicate(long firstOffset, Receipt.UsedHour hour) ->
                new Page(place, "duplicate", null, firstOffset, null, null, Hour.of(hour));
            case Receipt.QuarantinedRecord(String reason, String detail, Instant _) ->
                new Page(place, "quarantined", null, null, reason, detail, null);
            case Receipt.FilteredOut(String detail) -> new Page(place, "filtered-out", null, null, null, detail, null);
            case Receipt.Corrects(Receipt.AppliedAmendment amendment, boolean hasEvent) ->
                new Page(
                        place,
                        "amendment",
                        null,
                        amendment.offset() == place.offset() ? null : amendment.offset(),
                        amendment.kind(),
                        "event " + amendment.eventId() + " was " + amendment.kind() + " by " + amendment.decidedBy()
                                + ": " + amendment.why()
                                + (hasEvent
                                        ? ""
                                        : "; no such event has counted in its hour yet, and until one does, nothing changes"),
                        null);
            case Receipt.Skipped(String decidedBy, String why) ->
                new Page(place, "skipped", null, null, null, "by " + decidedBy + ": " + why, null);
            case Receipt.LogGone(String detail) -> new Page(place, "log-gone", null, null, null, detail, null);
            case Receipt.Unclear(String detail) -> new Page(place, "unclear", null, null, null, detail, null);
            case Receipt.NoEvent() ->
                new Page(place, "no-event", null, null, null, "no event lies at this offset", null);
        };
    }

    @ExceptionHandler(StoreUnavailableException.class)
    ResponseEntity<ProblemDetail> noAnswer(StoreUnavailableException noAnswer) {
        LOG.atWarn().setCause(noAnswer).log("a receipt could not be looked up");
        return askAgain("log-unavailable", "Kafka does not answer now; ask again");
    }

    private static ResponseEntity<ProblemDetail> askAgain(String code, String detail) {
        ResponseEntity<ProblemDetail> answer = problem(HttpStatus.SERVICE_UNAVAILABLE, code, detail);
        return ResponseEntity.status(answer.getStatusCode())
                .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                .body(answer.getBody());
    }

    private static ResponseEntity<ProblemDetail> problem(HttpStatus status, String code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:hourledger:problem:" + code));
        problem.setProperty("code", code);
        return ResponseEntity.status(status).body(problem);
    }
}
