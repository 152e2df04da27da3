package io.hourledger.simulator;

import org.springframework.http.HttpStatus;

/** An operator asked for something that cannot be done. */
public final class RequestNotPossibleException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final HttpStatus status;
    private final String code;

    public RequestNotPossibleException(HttpStatus status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    HttpStatus status() {
        return status;
    }

    String code() {
        return code;
    }
}
