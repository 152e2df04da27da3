package io.hourledger.service;

import java.net.URI;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Answers as a problem of RFC 9457, with the time to ask again, while the database cannot be reached: that is an outage and no bug. */
@RestControllerAdvice(annotations = RestController.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
final class DatabaseProblems {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseProblems.class);
    private static final String RETRY_AFTER_SECONDS = "5";
    private static final String CODE = "database-unavailable";

    private final LogThrottle throttle = new LogThrottle(Duration.ofMinutes(1));

    @ExceptionHandler({
        CannotCreateTransactionException.class,
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class
    })
    ResponseEntity<ProblemDetail> noAnswer(RuntimeException noAnswer) {
        return askAgain(noAnswer, "PostgreSQL does not answer now; ask again");
    }

    /** The connection broke at the commit: nobody knows whether the transaction stands. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> unclear(TransactionSystemException unclear) {
        return askAgain(
                unclear, "PostgreSQL went away at the commit: it may be done or not; look first, and then ask again");
    }

    private ResponseEntity<ProblemDetail> askAgain(RuntimeException noAnswer, String detail) {
        if (throttle.mayLog()) {
            LOG.atWarn()
                    .addKeyValue("why", noAnswer.getMessage())
                    .addKeyValue("not-logged-since", throttle.notLogged())
                    .log("a request could not be answered, since the database does not");
        }
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, detail);
        problem.setType(URI.create("urn:hourledger:problem:" + CODE));
        problem.setProperty("code", CODE);
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                .body(problem);
    }
}
