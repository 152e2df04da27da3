package io.hourledger.contracts.usage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What reading the bytes of one usage event gave. */
public sealed interface ReadUsage {

    /** A usage event that can be counted. */
    record Countable(UsageEvent event) implements ReadUsage {}

    /**
     * A usage event that no meter of its type reads, since its data match no filter. It is not counted, and waits for nobody.
     *
     * @param detail a sentence on what the meters read
     */
    record FilteredOut(UsageEvent event, String detail) implements ReadUsage {}

    /** It is no usage itself: it corrects a usage event. */
    record Amends(UsageAmendment amendment) implements ReadUsage {}

    /**
     * Bytes that cannot be counted.
     *
     * @param faults all that is wrong, in the order of the checks; never empty
     * @param id the event's id when it could be read, else null
     */
    record Malformed(List<Fault> faults, @Nullable String id) implements ReadUsage {

        public Malformed {
            faults = List.copyOf(faults);
            if (faults.isEmpty()) {
                throw new IllegalArgumentException("an event without a fault is not malformed");
            }
        }

        public static Malformed of(Code code, String field, String detail, @Nullable String id) {
            return new Malformed(List.of(new Fault(code, field, detail)), id);
        }

        /** What is wrong first. */
        public Code code() {
            return faults.getFirst().code();
        }

        /** The member of the first fault. */
        public String field() {
            return faults.getFirst().field();
        }

        /** A sentence for a person on the first fault. */
        public String detail() {
            return faults.getFirst().detail();
        }
    }

    /**
     * One thing that is wrong.
     *
     * @param code a stable name of it
     * @param field the member that is wrong, such as {@code time} or {@code data.bytes}; empty when it is the whole
     * @param detail a sentence for a person
     */
    record Fault(Code code, String field, String detail) {}

    /** Stable names of what can be wrong with an event. */
    enum Code {
        /** Not JSON, or not one JSON object, or bytes behind it, or a member twice. */
        NOT_JSON,
        /** Larger than {@link UsageEventLimits#MAX_EVENT_BYTES}. */
        TOO_LARGE,
        /** {@code specversion} is not {@code "1.0"}. */
        UNKNOWN_SPECVERSION,
        /** A member that is needed is missing or null. */
        MISSING,
        /** A member has the wrong type, is empty, too long, or does not have its format. */
        INVALID,
        /** No meter reads events of this type. */
        UNKNOWN_TYPE,
        /** The meter's value is not a decimal, is below zero, or has too many digits. */
        INVALID_VALUE
    }
}
