package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.hourledger.ingest.accept.UsageLog.Kept;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * Turns what became of the events into the answer of the request. 202 if anything was accepted; then each item says for itself what became of
 * it. If nothing was: 503 when a repeat may help, else the reason of the only item, or a list.
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
            return ok(List.of(answer), false, true);
        }
        HttpStatus status = statusOf(answer);
        ProblemDetail problem = Problems.problem(status, answer.code(), answer.detail());
        memberOf(answer, -1).forEach((name, value) -> {
            if (!name.equals("status") && !name.equals("detail")) {
                problem.setProperty(name, value);
            }
        });
        return refused(status, problem);
    }

    /**
     * The answer to a request that holds a list of events.
     *
     * @param minimal leave out the items that were accepted
     */
    ResponseEntity<?> toMany(List<ItemAnswer> answers, boolean minimal) {
        int accepted = count(answers, Status.ACCEPTED);
        if (accepted > 0 || answers.isEmpty()) {
            return ok(answers, minimal, false);
        }
        boolean retry = count(answers, Status.UNAVAILABLE) > 0;
        HttpStatus status = retry ? HttpStatus.SERVICE_UNAVAILABLE : statusOf(answers.get(0));
        String code = retry ? Codes.BUSY : Codes.NOTHING_ACCEPTED;
        String detail = retry
                ? "none of the events is confirmed; send them again later with the same ids: each counts once"
                : "none of the events was accepted; the items say why";
        ProblemDetail problem = Problems.problem(status, code, detail);
        List<Map<String, Object>> items = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            items.add(memberOf(answers.get(i), i));
        }
        problem.setProperty("items", items);
        return refused(status, problem);
    }

    private ResponseEntity<?> refused(HttpStatus status, ProblemDetail problem) {
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (status == HttpStatus.SERVICE_UNAVAILABLE) {
            answer.header(HttpHeaders.RETRY_AFTER, retryAfterSeconds);
        }
        return answer.body(problem);
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

    private static int count(List<ItemAnswer> answers, Status status) {
        int count = 0;
        for (ItemAnswer answer : answers) {
            count += answer.status() == status ? 1 : 0;
        }
        return count;
    }

    private static Map<String, Object> memberOf(ItemAnswer answer, int index) {
        Map<String, Object> item = new LinkedHashMap<>();
        if (index >= 0) {
            item.put("index", index);
        }
        if (answer.id() != null) {
            item.put("id", answer.id());
        }
        item.put("status", word(answer.status()));
        item.put("code", answer.code());
        if (!answer.field().isEmpty()) {
            item.put("field", answer.field());
        }
        item.put("detail", answer.detail());
        return item;
    }

    private static ResponseEntity<byte[]> ok(List<ItemAnswer> answers, boolean minimal, boolean single) {
        ByteArrayBuilder bytes = new ByteArrayBuilder(128 + (minimal || single ? 0 : answers.size() * 128));
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            if (single) {
                write(json, answers.get(0), -1);
            } else {
                writeAll(json, answers, minimal);
            }
        }
        return ResponseEntity.accepted().contentType(MediaType.APPLICATION_JSON).body(bytes.toByteArray());
    }

    private static void writeAll(JsonGenerator json, List<ItemAnswer> answers, boolean minimal) {
        json.writeStartObject();
        json.writeNumberProperty("accepted", count(answers, Status.ACCEPTED));
        json.writeNumberProperty("rejected", count(answers, Status.REJECTED));
        json.writeNumberProperty("unavailable", count(answers, Status.UNAVAILABLE));
        json.writeArrayPropertyStart("items");
        for (int i = 0; i < answers.size(); i++) {
            if (!minimal || answers.get(i).status() != Status.ACCEPTED) {
                write(json, answers.get(i), i);
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, ItemAnswer answer, int index) {
        json.writeStartObject();
        if (index >= 0) {
            json.writeNumberProperty("index", index);
        }
        if (answer.id() != null) {
            json.writeStringProperty("id", answer.id());
        }
        json.writeStringProperty("status", word(answer.status()));
        Kept receipt = answer.receipt();
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
        json.writeEndObject();
    }

    private static String word(Status status) {
        return switch (status) {
            case ACCEPTED -> "accepted";
            case REJECTED -> "rejected";
            case UNAVAILABLE -> "unavailable";
        };
    }
}
