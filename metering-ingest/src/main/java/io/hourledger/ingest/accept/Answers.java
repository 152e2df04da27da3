package io.hourledger.ingest.accept;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.UsageAmendment;
import io.hourledger.contracts.usage.UsageEvent;
import io.hourledger.contracts.usage.UsageEvent.Reading;
import io.hourledger.ingest.accept.ItemAnswer.ItemError;
import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.UsageChecks.Passed;
import io.hourledger.ingest.accept.UsageChecks.Verdict;
import io.hourledger.ingest.accept.UsageLog.Stored;
import java.math.BigDecimal;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JsonGenerator;

/**
 * Turns what became of the events into the answer of the request. The status alone tells the truth: 202 only if every event is kept, 503 if a
 * repeat may help, 400 if an event was rejected. What became of each stands in the items.
 */
final class Answers {

    private static final boolean NOT_LENIENT = false;

    private final String retryAfterSeconds;

    Answers(String retryAfterSeconds) {
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** The answer to a request that holds one event. */
    JsonAnswer toOne(ItemAnswer answer) {
        if (answer.status() == Status.ACCEPTED) {
            return JsonAnswer.success(HttpStatus.ACCEPTED, json -> writeItem(json, answer));
        }
        HttpStatus status = statusOf(answer);
        return retried(status, JsonAnswer.problem(status, answer.code(), answer.detail(), json -> {
            if (answer.id() != null) {
                json.writeStringProperty("id", answer.id());
            }
            writeField(json, answer.errors().getFirst());
            writeErrors(json, answer.errors());
        }));
    }

    /**
     * The answer to a request that holds a list of events.
     *
     * @param items where each event stands in the body
     */
    JsonAnswer toMany(List<ItemAnswer> answers, List<Slice> items, Preferences preferences) {
        BatchResult result = BatchResult.of(answers);
        boolean lenient = preferences.lenient() && result.partlyRejected();
        HttpStatus status = lenient ? HttpStatus.MULTI_STATUS : result.status();
        JsonAnswer answer = status.is2xxSuccessful()
                ? JsonAnswer.success(status, json -> writeResult(json, result, items, preferences))
                : JsonAnswer.problem(
                        status, result.code(), result.detail(), json -> writeResult(json, result, items, preferences));
        String applied = Preferences.applied(preferences.minimal(), lenient);
        if (!applied.isEmpty()) {
            answer.with("Preference-Applied", applied);
        }
        return retried(status, answer);
    }

    /**
     * The answer to a list of events of which not all were read.
     *
     * @param why no more was read
     */
    JsonAnswer toPart(RefusedRequest why, List<ItemAnswer> answers, List<Slice> items, Preferences preferences) {
        JsonAnswer answer = why.answer(json -> writeResult(json, BatchResult.of(answers), items, preferences));
        String applied = Preferences.applied(preferences.minimal(), NOT_LENIENT);
        return applied.isEmpty() ? answer : answer.with("Preference-Applied", applied);
    }

    /** The answer to who only asks what would become of the events: success if all would be taken. */
    JsonAnswer toCheck(List<Verdict> verdicts, List<Slice> items) {
        boolean all = verdicts.stream().allMatch(Passed.class::isInstance);
        return all
                ? JsonAnswer.success(HttpStatus.OK, json -> writeVerdicts(json, verdicts, items))
                : JsonAnswer.problem(
                        HttpStatus.BAD_REQUEST,
                        Codes.NOT_ACCEPTABLE,
                        "at least one event would not be accepted; the items say why",
                        json -> writeVerdicts(json, verdicts, items));
    }

    private JsonAnswer retried(HttpStatus status, JsonAnswer answer) {
        return status == HttpStatus.SERVICE_UNAVAILABLE
                ? answer.with(HttpHeaders.RETRY_AFTER, retryAfterSeconds)
                : answer;
    }

    private static HttpStatus statusOf(ItemAnswer answer) {
        return switch (answer.status()) {
            case ACCEPTED -> HttpStatus.ACCEPTED;
            case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
            case REJECTED ->
                switch (answer.code()) {
                    case Codes.FORBIDDEN -> HttpStatus.FORBIDDEN;
                    case Codes.TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
                    default -> HttpStatus.BAD_REQUEST;
                };
        };
    }

    private static void writeResult(
            JsonGenerator json, BatchResult result, List<Slice> items, Preferences preferences) {
        json.writeNumberProperty("accepted", result.accepted());
        json.writeNumberProperty("rejected", result.rejected());
        json.writeNumberProperty("unavailable", result.unavailable());
        json.writeArrayPropertyStart("items");
        boolean minimal = preferences.minimal();
        for (int i = 0; i < result.answers().size(); i++) {
            ItemAnswer answer = result.answers().get(i);
            if (!minimal || answer.status() != Status.ACCEPTED) {
                json.writeStartObject();
                writePlace(json, i, items.get(i));
                writeItem(json, answer);
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    private static void writeVerdicts(JsonGenerator json, List<Verdict> verdicts, List<Slice> items) {
        json.writeArrayPropertyStart("items");
        for (int i = 0; i < verdicts.size(); i++) {
            json.writeStartObject();
            writePlace(json, i, items.get(i));
            switch (verdicts.get(i)) {
                case Passed(UsageEvent event) -> writeAcceptable(json, event);
                case UsageChecks.Corrects(UsageAmendment amendment) -> {
                    json.writeStringProperty("id", amendment.id());
                    json.writeStringProperty("status", "acceptable");
                }
                case UsageChecks.Refused(String id, List<ItemError> errors) ->
                    writeItem(json, ItemAnswer.rejected(id, errors));
                case UsageChecks.Failed() -> writeItem(json, ItemAnswer.failed());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeAcceptable(JsonGenerator json, UsageEvent event) {
        json.writeStringProperty("id", event.id());
        json.writeStringProperty("status", event.readings().isEmpty() ? "filtered-out" : "acceptable");
        if (event.readings().size() == 1) {
            json.writeName("bucket");
            writeBucket(json, event, event.readings().getFirst());
        } else if (!event.readings().isEmpty()) {
            json.writeArrayPropertyStart("buckets");
            for (Reading reading : event.readings()) {
                writeBucket(json, event, reading);
            }
            json.writeEndArray();
        }
    }

    private static void writeBucket(JsonGenerator json, UsageEvent event, Reading reading) {
        json.writeStartObject();
        json.writeStringProperty("instance", event.subject());
        json.writeStringProperty("meter", reading.meter().name());
        json.writeStringProperty("hour", event.hour().start().toString());
        json.writeStringProperty("value", quantityOf(reading).toPlainString());
        json.writeEndObject();
    }

    /** What a unique count reads is no amount: it stands for a value, which counts once. */
    private static BigDecimal quantityOf(Reading reading) {
        return reading.meter().aggregation() == Aggregation.UNIQUE ? BigDecimal.ONE : reading.value();
    }

    private static void writePlace(JsonGenerator json, int index, Slice item) {
        json.writeNumberProperty("index", index);
        if (item.line() > 0) {
            json.writeNumberProperty("line", item.line());
        }
    }

    private static void writeItem(JsonGenerator json, ItemAnswer answer) {
        if (answer.id() != null) {
            json.writeStringProperty("id", answer.id());
        }
        json.writeStringProperty("status", word(answer.status()));
        Stored receipt = answer.receipt();
        if (receipt != null) {
            json.writeObjectPropertyStart("receipt");
            json.writeStringProperty("topic", receipt.topic());
            json.writeNumberProperty("partition", receipt.partition());
            if (receipt.offset() >= 0) {
                json.writeNumberProperty("offset", receipt.offset());
            }
            json.writeEndObject();
        } else {
            writeError(json, answer.errors().getFirst());
            writeErrors(json, answer.errors());
        }
    }

    /** All that is wrong, where it is more than the one thing that stands beside it. */
    private static void writeErrors(JsonGenerator json, List<ItemError> errors) {
        if (errors.size() > 1) {
            json.writeArrayPropertyStart("errors");
            for (ItemError error : errors) {
                json.writeStartObject();
                writeError(json, error);
                json.writeEndObject();
            }
            json.writeEndArray();
        }
    }

    private static void writeError(JsonGenerator json, ItemError error) {
        json.writeStringProperty("code", error.code());
        writeField(json, error);
        json.writeStringProperty("detail", error.detail());
    }

    private static void writeField(JsonGenerator json, ItemError error) {
        if (!error.field().isEmpty()) {
            json.writeStringProperty("field", error.field());
        }
    }

    private static String word(Status status) {
        return switch (status) {
            case ACCEPTED -> "accepted";
            case REJECTED -> "rejected";
            case UNAVAILABLE -> "unavailable";
        };
    }
}
