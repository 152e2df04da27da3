package io.hourledger.ingest.accept;

import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/** A request of which nothing was taken, as an answer of RFC 9457. */
final class RefusedRequest extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HttpStatus status;
    private final String code;
    private final transient HttpHeaders headers = new HttpHeaders();
    private final transient Map<String, Object> members;

    RefusedRequest(HttpStatus status, String code, String detail, Map<String, Object> members) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
        this.members = members;
    }

    RefusedRequest(HttpStatus status, String code, String detail) {
        this(status, code, detail, Map.of());
    }

    RefusedRequest withHeader(String name, String value) {
        headers.set(name, value);
        return this;
    }

    String code() {
        return code;
    }

    HttpStatus status() {
        return status;
    }

    HttpHeaders headers() {
        return headers;
    }

    ProblemDetail problem() {
        ProblemDetail problem = Problems.problem(status, code, getMessage() == null ? "" : getMessage());
        members.forEach(problem::setProperty);
        return problem;
    }
}
