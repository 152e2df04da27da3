package io.hourledger.simulator;

import io.hourledger.simulator.http.RequestNotPossibleException;
import io.hourledger.simulator.order.OrderDiffersException;
import java.util.stream.Collectors;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import tools.jackson.core.JacksonException;

/** What the control API says of a request that it cannot do: RFC 9457, with a stable code. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ControlErrors {

    @ExceptionHandler
    ProblemDetail bodyNotReadable(HttpMessageNotReadableException notReadable) {
        String why = notReadable.getCause() instanceof JacksonException json
                ? json.getOriginalMessage()
                : "a JSON body is required";
        return problem(HttpStatus.BAD_REQUEST, "body-not-readable", why);
    }

    @ExceptionHandler
    ProblemDetail valueNotValid(MethodArgumentNotValidException notValid) {
        String why = notValid.getFieldErrors().stream()
                .map(error -> member(error.getField()) + " " + error.getDefaultMessage())
                .sorted()
                .collect(Collectors.joining("; "));
        return problem(HttpStatus.BAD_REQUEST, "value-not-valid", why);
    }

    /** As the JSON has it: the details of a fault stand beside its other members. */
    private static String member(String field) {
        return field.startsWith("details.") ? field.substring("details.".length()) : field;
    }

    @ExceptionHandler
    ProblemDetail orderDiffers(OrderDiffersException differs) {
        return problem(HttpStatus.CONFLICT, "order-differs", String.valueOf(differs.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail requestNotPossible(RequestNotPossibleException notPossible) {
        return problem(notPossible.status(), notPossible.code(), String.valueOf(notPossible.getMessage()));
    }

    private static ProblemDetail problem(HttpStatus status, String code, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setProperty("code", code);
        return problem;
    }
}
