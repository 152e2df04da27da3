package io.hourledger.pusher.instances;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;

/**
 * Why a request is not answered, with a stable code.
 *
 * @param detail a sentence for whoever wrote the request
 */
record ApiRefusal(HttpStatus status, String code, String detail) {

    static ApiRefusal unauthorized() {
        return new ApiRefusal(
                HttpStatus.UNAUTHORIZED,
                "unauthorized",
                "send Authorization: Bearer and the app's key, or a usage token");
    }

    /** The same whether another app has the instance or nobody. */
    static ApiRefusal notFound() {
        return new ApiRefusal(HttpStatus.NOT_FOUND, "instance_not_found", "there is no such instance of your products");
    }

    static ApiRefusal invalid(String code, String detail) {
        return new ApiRefusal(HttpStatus.BAD_REQUEST, code, detail);
    }

    static ApiRefusal busy() {
        return new ApiRefusal(
                HttpStatus.SERVICE_UNAVAILABLE, "busy", "too many requests are being answered; ask again in a second");
    }

    static ApiRefusal unavailable() {
        return new ApiRefusal(
                HttpStatus.SERVICE_UNAVAILABLE, "unavailable", "the database does not answer; ask again in a second");
    }

    ProblemDetail problem() {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:hourledger:problem:" + code.replace('_', '-')));
        problem.setProperty("code", code);
        return problem;
    }

    ResponseEntity<Object> answer() {
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (status == HttpStatus.UNAUTHORIZED) {
            answer.header("WWW-Authenticate", "Bearer");
        }
        if (status == HttpStatus.SERVICE_UNAVAILABLE) {
            answer.header("Retry-After", "1");
        }
        return answer.body(problem());
    }
}
