package io.hourledger.ingest.kafka;

/** The topic cannot keep what this service promises; the message says what is wrong and how to mend it. */
final class UnsafeTopicException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnsafeTopicException(String message) {
        super(message);
    }
}
