package io.hourledger.ingest.accept;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Answers what is asked elsewhere than at {@link UsageEventsServlet}, if not a success, in the form of RFC 9457 with a stable code. */
@RestControllerAdvice
final class Problems extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(Problems.class);
    private static final String CODE = "code";

    private final IngestMetrics metrics;

    Problems(IngestMetrics metrics) {
        this.metrics = metrics;
    }

    static ProblemDetail problem(HttpStatusCode status, String code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(type(code));
        problem.setProperty(CODE, code);
        return problem;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> broken(Exception bug) {
        metrics.requestRefused(Codes.INTERNAL);
        log.atError().setCause(bug).log("request broken");
        return ResponseEntity.internalServerError()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem(HttpStatus.INTERNAL_SERVER_ERROR, Codes.INTERNAL, "this is our mistake; it is logged"));
    }

    /** What Spring itself refuses, such as a method or path that is not there. */
    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        HttpStatus known = HttpStatus.resolve(status.value());
        String code = known == null ? "http_" + status.value() : known.name().toLowerCase(Locale.ROOT);
        metrics.requestRefused(code);
        if (body instanceof ProblemDetail problem) {
            problem.setType(type(code));
            problem.setProperty(CODE, code);
            if (status.value() == HttpStatus.NOT_FOUND.value()) {
                problem.setDetail("nothing is here; usage events go to POST " + UsageEventsServlet.PATH
                        + ", and GET /openapi/metering-ingest.yaml says how");
            }
        }
        return super.createResponseEntity(body, headers, status, request);
    }

    static URI type(String code) {
        return URI.create("urn:hourledger:problem:" + code.replace('_', '-'));
    }
}
