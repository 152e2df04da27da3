package io.hourledger.aggregator.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.hourledger.aggregator.hour.CountingRules;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.recount.Receipt;
import io.hourledger.aggregator.recount.Receipts;
import io.hourledger.aggregator.recount.Receipts.EventName;
import io.hourledger.aggregator.recount.Receipts.Search;
import io.hourledger.ledger.statement.HourOutcome;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.util.List;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What became of one event, asked with the receipt that ingest gave for it, or with its name. */
@RestController
final class ReceiptsEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(ReceiptsEndpoint.class);
    private static final String RETRY_AFTER_SECONDS = "5";

    private final Receipts receipts;
    private final CountingRules rules;

    ReceiptsEndpoint(Receipts receipts, CountingRules rules) {
        this.receipts = receipts;
        this.rules = rules;
    }

    /**
     * What the page shows; what does not apply is left out.
     *
     * @param status not-read-yet, counted, duplicate, quarantined, filtered-out, amendment, skipped, no-event, log-gone or unclear
     * @param nextOffset where the partition stands, if it was not read yet
     * @param duplicateOf offset of the event that counted, if this one repeats it
     * @param reason code of why it was quarantined
     * @param hour where it, or the one that it repeats, counted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(
            int partition,
            long offset,
            String status,
            @Nullable Long nextOffset,
            @Nullable Long duplicateOf,
            @Nullable String reason,
            @Nullable String detail,
            @Nullable Hour hour) {}

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

    @GetMapping("/v1/receipts/{partition}/{offset}")
    ResponseEntity<?> receipt(@PathVariable int partition, @PathVariable long offset) {
        if (partition < 0 || offset < 0) {
            return noSuchPlace(partition, offset);
        }
        return receipts.of(partition, offset)
                .<ResponseEntity<?>>map(receipt -> ResponseEntity.ok(page(partition, offset, receipt)))
                .orElseGet(() -> noSuchPlace(partition, offset));
    }

    /** The same, for who knows the event's name and not its receipt; the time leads to the hour to look into. */
    @GetMapping("/v1/receipts")
    ResponseEntity<?> receipt(
            @RequestParam String subject,
            @RequestParam String source,
            @RequestParam String id,
            @RequestParam Instant time) {
        return switch (receipts.placeOf(new EventName(subject, source, id, time), rules)) {
            case Search.Found(int partition, long offset) -> receipt(partition, offset);
            case Search.NothingCounted() ->
                problem(
                        HttpStatus.NOT_FOUND,
                        "no-such-event",
                        "no event counted under this name in the hour of this time, and none was filtered out while"
                                + " the hour accepted usage; it may be on its way or in quarantine, or have another"
                                + " time");
            case Search.LogGone(String detail) -> problem(HttpStatus.GONE, "log-gone", detail);
        };
    }

    private static ResponseEntity<ProblemDetail> noSuchPlace(int partition, long offset) {
        return problem(
                HttpStatus.NOT_FOUND,
                "no-such-partition",
                "nothing was read of partition " + partition
                        + " yet; a receipt is the partition and offset that ingest answered, not " + partition + "/"
                        + offset);
    }

    private static Page page(int partition, long offset, Receipt receipt) {
        return switch (receipt) {
            case Receipt.NotReadYet(long nextOffset) ->
                new Page(partition, offset, "not-read-yet", nextOffset, null, null, null, null);
            case Receipt.Counted(Receipt.UsedHour hour) ->
                new Page(partition, offset, "counted", null, null, null, null, Hour.of(hour));
            case Receipt.Duplicate(long firstOffset, Receipt.UsedHour hour) ->
                new Page(partition, offset, "duplicate", null, firstOffset, null, null, Hour.of(hour));
            case Receipt.QuarantinedRecord(String reason, String detail, Instant _) ->
                new Page(partition, offset, "quarantined", null, null, reason, detail, null);
            case Receipt.FilteredOut(String detail) ->
                new Page(partition, offset, "filtered-out", null, null, null, detail, null);
            case Receipt.Corrects(Receipt.AppliedAmendment amendment, boolean hasEvent) ->
                new Page(
                        partition,
                        offset,
                        "amendment",
                        null,
                        amendment.offset() == offset ? null : amendment.offset(),
                        amendment.kind(),
                        "event " + amendment.eventId() + " was " + amendment.kind() + " by " + amendment.decidedBy()
                                + ": " + amendment.why()
                                + (hasEvent
                                        ? ""
                                        : "; no such event has counted in its hour yet, and until one does, nothing changes"),
                        null);
            case Receipt.Skipped(String decidedBy, String why) ->
                new Page(partition, offset, "skipped", null, null, null, "by " + decidedBy + ": " + why, null);
            case Receipt.LogGone(String detail) ->
                new Page(partition, offset, "log-gone", null, null, null, detail, null);
            case Receipt.Unclear(String detail) ->
                new Page(partition, offset, "unclear", null, null, null, detail, null);
            case Receipt.NoEvent() ->
                new Page(partition, offset, "no-event", null, null, null, "no event lies at this offset", null);
        };
    }

    @ExceptionHandler(StoreUnavailableException.class)
    ResponseEntity<ProblemDetail> noAnswer(StoreUnavailableException noAnswer) {
        LOG.atWarn().setCause(noAnswer).log("a receipt could not be looked up");
        ResponseEntity<ProblemDetail> answer =
                problem(HttpStatus.SERVICE_UNAVAILABLE, "log-unavailable", "Kafka does not answer now; ask again");
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
