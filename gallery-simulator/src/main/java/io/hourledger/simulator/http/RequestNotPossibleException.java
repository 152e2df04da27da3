package io.hourledger.simulator.http;

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

    public HttpStatus status() {
        return status;
    }

    public String code() {
        return code;
    }
}
