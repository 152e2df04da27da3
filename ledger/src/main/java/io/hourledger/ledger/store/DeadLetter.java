package io.hourledger.ledger.store;

/**
 * An event that a reader cannot take. It and all later events of its instance wait for that reader.
 *
 * @param sequenceNumber its place in its instance's history, from 0
 * @param eventType its stable name
 * @param cause what the reader said, for a person
 */
public record DeadLetter(String instanceId, long sequenceNumber, String eventType, String cause) {

    private static final int LONGEST_CAUSE = 1000;

    /** One line, and PostgreSQL has no zero character in a text. */
    public DeadLetter {
        cause = cause.replace("\0", "").strip().replaceAll("\\s+", " ");
        cause = cause.length() > LONGEST_CAUSE ? cause.substring(0, LONGEST_CAUSE) : cause;
    }

    /** With the innermost cause of a failure that says something. */
    public static DeadLetter of(String instanceId, long sequenceNumber, String eventType, Throwable failure) {
        Throwable innermost = failure;
        for (Throwable cause = failure.getCause(); cause != null && cause != innermost; cause = cause.getCause()) {
            innermost = cause.getMessage() == null ? innermost : cause;
        }
        return new DeadLetter(
                instanceId,
                sequenceNumber,
                eventType,
                innermost.getClass().getSimpleName() + ": " + innermost.getMessage());
    }
}
