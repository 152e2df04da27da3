package io.hourledger.contracts.usage;

import static io.hourledger.contracts.usage.EventMembers.SPECVERSION;
import static io.hourledger.contracts.usage.EventMembers.TIME;

import io.hourledger.contracts.usage.ReadUsage.Code;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Checks one member of an event each; a check ends without a word if there is nothing wrong. */
final class EventChecks {

    private EventChecks() {}

    static void requireSpecversion(EventMembers members) throws NotAnEvent {
        EventText specversion = present(members.specversion, SPECVERSION);
        if (!specversion.isString() || !"1.0".equals(specversion.value())) {
            throw new NotAnEvent(
                    Code.UNKNOWN_SPECVERSION, SPECVERSION, "specversion must be the string \"1.0\" (CloudEvents 1.0)");
        }
    }

    static EventText present(@Nullable EventText text, String field) throws NotAnEvent {
        if (text == null) {
            throw new NotAnEvent(Code.MISSING, field, field + " is missing");
        }
        return text;
    }

    static String name(@Nullable EventText text, String field, int maxChars) throws NotAnEvent {
        EventText present = present(text, field);
        String wrong = present.whyNotAName(maxChars);
        if (wrong != null) {
            throw new NotAnEvent(Code.INVALID, field, field + " " + wrong);
        }
        return present.value();
    }

    static Instant time(@Nullable EventText text) throws NotAnEvent {
        EventText present = present(text, TIME);
        Instant moment = present.isString() ? Rfc3339.parse(present.value()) : null;
        if (moment == null) {
            throw new NotAnEvent(
                    Code.INVALID,
                    TIME,
                    "time must be a moment of the years 1970 to 9999 as RFC 3339 writes it, with an offset, such as"
                            + " 2026-11-24T13:05:00Z");
        }
        return moment;
    }

    static String quoted(String name) {
        return name.length() <= 80 ? "'" + name + "'" : "'" + name.substring(0, 80) + "…'";
    }
}
