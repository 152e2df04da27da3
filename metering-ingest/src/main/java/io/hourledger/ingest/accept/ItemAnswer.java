package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.UsageLog.Stored;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the sender is told of one event of a request.
 *
 * @param id the event's id, if it could be read
 * @param errors all that is wrong; empty when accepted, else the first one is named where only one can be
 * @param receipt where the log keeps it; only when accepted
 */
public record ItemAnswer(@Nullable String id, Status status, List<ItemError> errors, @Nullable Stored receipt) {

    /** What became of it. */
    public enum Status {
        ACCEPTED,
        REJECTED,
        UNAVAILABLE
    }

    /**
     * One thing that is wrong with an event.
     *
     * @param code a stable name of it
     * @param field the member that is wrong; empty when it is the whole
     * @param detail a sentence for a person
     */
    public record ItemError(String code, String field, String detail) {}

    static ItemAnswer accepted(String id, Stored receipt) {
        return new ItemAnswer(id, Status.ACCEPTED, List.of(), receipt);
    }

    static ItemAnswer rejected(@Nullable String id, List<ItemError> errors) {
        return new ItemAnswer(id, Status.REJECTED, errors, null);
    }

    /** The event is certainly not in the log. */
    static ItemAnswer notTaken(String id, String why) {
        return unavailable(id, Codes.BUSY, "not taken: " + why + "; send it again later with the same source and id");
    }

    /** A mistake of ours kept the event out of the log. */
    static ItemAnswer failed() {
        return unavailable(
                null,
                Codes.INTERNAL,
                "not taken: this is our mistake, and it is logged; send it again later with the same source and id");
    }

    /** The event may be in the log; only the same id makes a repeat harmless. */
    static ItemAnswer unconfirmed(@Nullable String id, String why) {
        return unavailable(
                id,
                Codes.UNCONFIRMED,
                "not confirmed: " + why
                        + "; it may be kept or not, so send it again with the same source and id: it counts once");
    }

    private static ItemAnswer unavailable(@Nullable String id, String code, String detail) {
        return new ItemAnswer(id, Status.UNAVAILABLE, List.of(new ItemError(code, "", detail)), null);
    }

    /** The stable name of what is wrong first; empty when accepted. */
    String code() {
        return errors.isEmpty() ? "" : errors.getFirst().code();
    }

    /** The member that is wrong first; empty when accepted, or when it is the whole. */
    String field() {
        return errors.isEmpty() ? "" : errors.getFirst().field();
    }

    /** A sentence for a person on what is wrong first; empty when accepted. */
    String detail() {
        return errors.isEmpty() ? "" : errors.getFirst().detail();
    }
}
