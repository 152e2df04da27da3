package io.hourledger.contracts.usage;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One event that corrects another: it replaces the data of that event, or takes it back. It has an id of its own, and the source, the subject
 * and the time of the event that it corrects. That event may lie before it in the log, behind it, or nowhere.
 *
 * @param id its own, which names it within its source and subject as that of a usage event does
 * @param time of the event that it corrects; so its hour is the one whose amount changes
 * @param decidedBy who decided it
 * @param why the reason, as a sentence for a person
 */
public record UsageAmendment(
        String source, String id, String subject, Instant time, Change change, String decidedBy, String why) {

    /** The type of an event that replaces the data of another. */
    public static final String AMENDED_TYPE = "io.hourledger.usage.amended";

    /** The type of an event that takes another back. */
    public static final String VOIDED_TYPE = "io.hourledger.usage.voided";

    /** What becomes of the event that is corrected. */
    public sealed interface Change {

        /** The id of the event that is corrected. */
        String eventId();

        /** Its type, which cannot change either. */
        String eventType();

        /** A stable word for it, as rows and pages show it. */
        String code();

        /** It counts as if its app had sent this event in its place. */
        record Amend(UsageEvent event) implements Change {

            @Override
            public String eventId() {
                return event.id();
            }

            @Override
            public String eventType() {
                return event.type();
            }

            @Override
            public String code() {
                return "amended";
            }
        }

        /** It does not count. */
        record Withdraw(String eventId, String eventType) implements Change {

            @Override
            public String code() {
                return "voided";
            }
        }
    }

    /** Whether events of this type correct others, so that no meter may read them. */
    public static boolean isTypeOfAmendments(String type) {
        return type.equals(AMENDED_TYPE) || type.equals(VOIDED_TYPE);
    }

    public UsageHour hour() {
        return UsageHour.of(time);
    }

    /** What the meters read in the event from now on; empty if none does. */
    public List<UsageEvent.Reading> readings() {
        return switch (change) {
            case Change.Amend(UsageEvent event) -> event.readings();
            case Change.Withdraw _ -> List.of();
        };
    }

    /** All that must be equal for a repeat of its id to be a repeat, beside its time. */
    public String content() {
        return String.join(
                "\n",
                change.code(),
                change.eventId(),
                change.eventType(),
                readings().stream()
                        .map(reading ->
                                reading.meter().name() + "=" + reading.value().toPlainString())
                        .collect(Collectors.joining("\t")),
                decidedBy,
                why);
    }
}
