package io.hourledger.ingest.accept;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JsonGenerator;

/** A request of which nothing was taken, or of a body of lines nothing more. */
final class RefusedRequest extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HttpStatus status;
    private final String code;
    private final String detail;
    private final String field;
    private final transient Map<String, String> headers = new LinkedHashMap<>();
    private boolean isOfUnknownSender;

    RefusedRequest(HttpStatus status, String code, String detail, String field) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
        this.detail = detail;
        this.field = field;
    }

    RefusedRequest(HttpStatus status, String code, String detail) {
        this(status, code, detail, "");
    }

    RefusedRequest withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Marks that nobody knows who has sent it. */
    RefusedRequest ofUnknownSender() {
        isOfUnknownSender = true;
        return this;
    }

    /** Whether it may be anybody's. */
    boolean isOfUnknownSender() {
        return isOfUnknownSender;
    }

    String code() {
        return code;
    }

    String detail() {
        return detail;
    }

    JsonAnswer answer() {
        return answer(json -> {});
    }

    /** @param members of the problem, beside those of every refusal */
    JsonAnswer answer(Consumer<JsonGenerator> members) {
        JsonAnswer answer = JsonAnswer.problem(status, code, detail, json -> {
            if (!field.isEmpty()) {
                json.writeStringProperty("field", field);
            }
            members.accept(json);
        });
        headers.forEach(answer::with);
        return answer;
    }
}
