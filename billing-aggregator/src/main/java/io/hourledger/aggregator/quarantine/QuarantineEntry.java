package io.hourledger.aggregator.quarantine;

import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.contracts.instance.DecidedBy;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record in quarantine, whole, and what a person decided about it.
 *
 * @param recordedAt the record's timestamp
 * @param reason the code of why it was not counted
 * @param detail a sentence for a person
 * @param decision null while nobody has decided: it is open then, and while a resend is unfinished
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record QuarantineEntry(
        LogPlace place,
        Instant recordedAt,
        String reason,
        String detail,
        byte @Nullable [] key,
        byte @Nullable [] value,
        @Nullable Decision decision) {

    /** What can be decided. */
    public enum Kind {
        /** It was appended to the log again. */
        RESENT("resent"),
        /** It will not be counted, and is no longer open. */
        WRITTEN_OFF("written-off");

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }

        /**
         * @throws IllegalArgumentException if there is none
         */
        public static Kind ofCode(String code) {
            for (Kind kind : values()) {
                if (kind.code.equals(code)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("nobody can decide " + code);
        }
    }

    /**
     * A person's decision.
     *
     * @param sentTo where it lies now; null if it was not sent again, or if the broker's answer never came
     */
    public record Decision(Kind kind, Instant at, DecidedBy by, @Nullable LogPlace sentTo) {

        /** Whether it was begun to be sent and nobody knows whether it arrived. */
        public boolean isUnfinished() {
            return kind == Kind.RESENT && sentTo == null;
        }

        /** For a person. */
        public String sentence() {
            String what =
                    switch (kind) {
                        case RESENT -> sentTo == null ? "resending was begun" : "resent as " + sentTo;
                        case WRITTEN_OFF -> sentTo == null ? "written off" : "written off, and resent as " + sentTo;
                    };
            return what + " at " + at + " by " + by.who() + " (" + by.why() + ")";
        }
    }

    /** The reason; empty if only a newer version has it. */
    public Optional<QuarantineReason> known() {
        return QuarantineReason.ofCode(reason);
    }

    public EventNames names() {
        return EventNames.of(value);
    }

    /** The time that an event is listed under: its own, or its record's if it has none that can be read. */
    public Instant time() {
        Instant its = names().time();
        return its == null ? recordedAt : its;
    }

    public boolean isOpen() {
        return decision == null || decision.isUnfinished();
    }
}
