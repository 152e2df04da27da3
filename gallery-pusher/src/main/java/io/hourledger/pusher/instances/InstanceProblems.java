package io.hourledger.pusher.instances;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Answers what Spring itself refuses, such as a path or method that is not there, as a problem of RFC 9457 with a stable code. */
@RestControllerAdvice
final class InstanceProblems extends ResponseEntityExceptionHandler {

    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        HttpStatus known = HttpStatus.resolve(status.value());
        if (body instanceof ProblemDetail problem && known != null) {
            String code = known.name().toLowerCase(Locale.ROOT);
            problem.setType(new ApiRefusal(known, code, "").problem().getType());
            problem.setProperty("code", code);
        }
        return super.createResponseEntity(body, headers, status, request);
    }
}
