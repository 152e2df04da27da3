package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.UsageLog.Stored;
import org.jspecify.annotations.Nullable;

/**
 * What the sender is told of one event of a request.
 *
 * @param id the event's id, if it could be read
 * @param code a stable name of what is wrong; empty when accepted
 * @param field the member that is wrong; empty when it is the whole
 * @param detail a sentence for a person; empty when accepted
 * @param receipt where the log keeps it; only when accepted
 */
public record ItemAnswer(
        @Nullable String id, Status status, String code, String field, String detail, @Nullable Stored receipt) {

    /** What became of it. */
    public enum Status {
        ACCEPTED,
        REJECTED,
        UNAVAILABLE
    }

    static ItemAnswer accepted(String id, Stored receipt) {
        return new ItemAnswer(id, Status.ACCEPTED, "", "", "", receipt);
    }

    static ItemAnswer rejected(@Nullable String id, String code, String field, String detail) {
        return new ItemAnswer(id, Status.REJECTED, code, field, detail, null);
    }

    /** The event is certainly not in the log. */
    static ItemAnswer notTaken(String id, String why) {
        return new ItemAnswer(
                id,
                Status.UNAVAILABLE,
                Codes.BUSY,
                "",
                "not taken: " + why + "; send it again later with the same source and id",
                null);
    }

    /** The event may be in the log; only the same id makes a repeat harmless. */
    static ItemAnswer unconfirmed(@Nullable String id, String why) {
        return new ItemAnswer(
                id,
                Status.UNAVAILABLE,
                Codes.UNCONFIRMED,
                "",
                "not confirmed: " + why
                        + "; it may be kept or not, so send it again with the same source and id: it counts once",
                null);
    }
}
