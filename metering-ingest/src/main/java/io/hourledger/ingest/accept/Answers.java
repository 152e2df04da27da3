package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.hourledger.ingest.accept.UsageLog.Stored;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/**
 * Turns what became of the events into the answer of the request. The status alone tells the truth: 202 only if every event is kept, 503 if a
 * repeat may help, 400 if an event was rejected. What became of each stands in the items.
 */
final class Answers {

    private static final JsonFactory JSON = new JsonFactory();

    private final String retryAfterSeconds;

    Answers(String retryAfterSeconds) {
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** The answer to a request that holds one event. */
    ResponseEntity<?> toOne(ItemAnswer answer) {
        if (answer.status() == Status.ACCEPTED) {
            return json(ResponseEntity.accepted(), MediaType.APPLICATION_JSON, json -> writeItem(json, answer));
        }
        HttpStatus status = statusOf(answer);
        ProblemDetail problem = Problems.problem(status, answer.code(), answer.detail());
        if (answer.id() != null) {
            problem.setProperty("id", answer.id());
        }
        if (!answer.field().isEmpty()) {
            problem.setProperty("field", answer.field());
        }
        return head(status).contentType(MediaType.APPLICATION_PROBLEM_JSON).body(problem);
    }

    /** The answer to a request that holds a list of events. */
    ResponseEntity<?> toMany(List<ItemAnswer> answers, Preferences preferences) {
        BatchResult result = BatchResult.of(answers);
        boolean lenient = preferences.lenient() && result.partlyRejected();
        HttpStatus status = lenient ? HttpStatus.MULTI_STATUS : result.status();
        ResponseEntity.BodyBuilder head = head(status);
        String applied = Preferences.applied(preferences.minimal(), lenient);
        if (!applied.isEmpty()) {
            head.header("Preference-Applied", applied);
        }
        if (status.is2xxSuccessful()) {
            return json(head, MediaType.APPLICATION_JSON, json -> writeResult(json, result, preferences));
        }
        return json(head, MediaType.APPLICATION_PROBLEM_JSON, json -> {
            json.writeStringProperty("type", Problems.type(result.code()).toString());
            json.writeStringProperty("title", status.getReasonPhrase());
            json.writeNumberProperty("status", status.value());
            json.writeStringProperty("detail", result.detail());
            json.writeStringProperty("code", result.code());
            writeResult(json, result, preferences);
        });
    }

    private ResponseEntity.BodyBuilder head(HttpStatus status) {
        ResponseEntity.BodyBuilder head = ResponseEntity.status(status);
        if (status == HttpStatus.SERVICE_UNAVAILABLE) {
            head.header(HttpHeaders.RETRY_AFTER, retryAfterSeconds);
        }
        return head;
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

    private static ResponseEntity<?> json(
            ResponseEntity.BodyBuilder head, MediaType type, Consumer<JsonGenerator> members) {
        ByteArrayBuilder bytes = new ByteArrayBuilder();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            members.accept(json);
            json.writeEndObject();
        }
        return head.contentType(type).body(bytes.toByteArray());
    }

    private static void writeResult(JsonGenerator json, BatchResult result, Preferences preferences) {
        json.writeNumberProperty("accepted", result.accepted());
        json.writeNumberProperty("rejected", result.rejected());
        json.writeNumberProperty("unavailable", result.unavailable());
        json.writeArrayPropertyStart("items");
        boolean minimal = preferences.minimal();
        for (int i = 0; i < result.answers().size(); i++) {
            ItemAnswer answer = result.answers().get(i);
            if (!minimal || answer.status() != Status.ACCEPTED) {
                json.writeStartObject();
                json.writeNumberProperty("index", i);
                writeItem(json, answer);
                json.writeEndObject();
            }
        }
        json.writeEndArray();
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
            json.writeStringProperty("code", answer.code());
            if (!answer.field().isEmpty()) {
                json.writeStringProperty("field", answer.field());
            }
            json.writeStringProperty("detail", answer.detail());
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
