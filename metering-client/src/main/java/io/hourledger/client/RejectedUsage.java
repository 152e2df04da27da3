package io.hourledger.client;

/**
 * Tells of a usage that the service refused for good. Unless it {@code mayBeTaken}, it is not billed until somebody mends it.
 *
 * @param event the whole event, as JSON on one line; it may be sent again under its own id
 * @param id the event's id
 * @param code the service's stable name of what is wrong, such as {@code too_old}
 * @param field the member that is wrong; empty when it is the whole
 * @param detail a sentence for a person
 * @param mayBeTaken an earlier request with it had no clear answer, so the service may have it; another id or time may bill it twice
 */
public record RejectedUsage(String event, String id, String code, String field, String detail, boolean mayBeTaken) {

    /** One line of the file of rejected usage. */
    String line() {
        StringBuilder line = new StringBuilder("{\"code\":");
        JsonWriter.string(line, code);
        line.append(",\"field\":");
        JsonWriter.string(line, field);
        line.append(",\"detail\":");
        JsonWriter.string(line, detail);
        line.append(",\"mayBeTaken\":").append(mayBeTaken);
        return line.append(",\"event\":").append(event).append("}\n").toString();
    }
}
