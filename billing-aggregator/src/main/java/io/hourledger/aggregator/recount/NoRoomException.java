package io.hourledger.aggregator.recount;

/** A stretch of the log holds more ids or buckets than memory has room for. */
final class NoRoomException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NoRoomException(String message) {
        super(message);
    }
}
