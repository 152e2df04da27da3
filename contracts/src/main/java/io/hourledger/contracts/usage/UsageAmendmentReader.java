package io.hourledger.contracts.usage;

import static io.hourledger.contracts.usage.EventChecks.name;
import static io.hourledger.contracts.usage.EventChecks.requireSpecversion;
import static io.hourledger.contracts.usage.EventChecks.time;
import static io.hourledger.contracts.usage.EventMembers.DATA;
import static io.hourledger.contracts.usage.EventMembers.ID;
import static io.hourledger.contracts.usage.EventMembers.SOURCE;
import static io.hourledger.contracts.usage.EventMembers.SUBJECT;
import static io.hourledger.contracts.usage.EventMembers.TIME;
import static io.hourledger.contracts.usage.EventMembers.TYPE;

import io.hourledger.contracts.usage.ReadUsage.Amends;
import io.hourledger.contracts.usage.ReadUsage.Code;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageAmendment.Change;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Reads what an event that corrects another holds in its {@code data}: {@code event}, {@code by} and {@code why}. To amend, {@code event} is the
 * whole event as it should have been. To void, its {@code id} and {@code type} are enough. What else {@code event} names must be as in the
 * amendment: source, subject and time do not change.
 */
final class UsageAmendmentReader {

    private static final String EVENT = "event";
    private static final String BY = "by";
    private static final String WHY = "why";
    private static final String IN_EVENT = DATA + "." + EVENT + ".";

    private final UsageEventReader events;
    private final CatalogueVersions versions;

    UsageAmendmentReader(UsageEventReader events, CatalogueVersions versions) {
        this.events = events;
        this.versions = versions;
    }

    static boolean isAmendment(EventMembers members) {
        return members.type != null
                && members.type.isString()
                && UsageAmendment.isTypeOfAmendments(members.type.value());
    }

    ReadUsage read(byte[] bytes, int offset, int length, EventMembers members) {
        try {
            return amendment(Arrays.copyOfRange(bytes, offset, offset + length), members);
        } catch (NotAnEvent wrong) {
            return Malformed.of(wrong.code, wrong.field, wrong.detail, members.idIfValid());
        }
    }

    private ReadUsage amendment(byte[] bytes, EventMembers members) throws NotAnEvent {
        requireSpecversion(members);
        String source = name(members.source, SOURCE, UsageEventLimits.MAX_NAME_CHARS);
        String id = name(members.id, ID, UsageEventLimits.MAX_NAME_CHARS);
        String type = name(members.type, TYPE, UsageEventLimits.MAX_NAME_CHARS);
        String subject = name(members.subject, SUBJECT, UsageEventLimits.MAX_SUBJECT_CHARS);
        Instant time = time(members.time);
        Data data = Data.of(bytes);
        String by = name(data.by, DATA + "." + BY, UsageEventLimits.MAX_NAME_CHARS);
        String why = name(data.why, DATA + "." + WHY, UsageEventLimits.MAX_WHY_CHARS);
        if (data.event == null) {
            throw new NotAnEvent(Code.MISSING, DATA + "." + EVENT, "data.event must be the event that is corrected");
        }
        EventMembers meant = events.members(data.event);
        requireSame(meant.source, source, SOURCE);
        requireSame(meant.subject, subject, SUBJECT);
        if (meant.time != null && !time(meant.time).equals(time)) {
            throw changes(TIME);
        }
        Change change = type.equals(UsageAmendment.VOIDED_TYPE) ? voided(meant, time) : amended(data.event);
        if (change.eventId().equals(id)) {
            throw new NotAnEvent(Code.INVALID, ID, "an amendment has an id of its own, not that of the event");
        }
        return new Amends(new UsageAmendment(source, id, subject, time, change, by, why));
    }

    private static void requireSame(@Nullable EventText meant, String own, String field) throws NotAnEvent {
        if (meant != null && !meant.value().equals(own)) {
            throw changes(field);
        }
    }

    private static NotAnEvent changes(String field) {
        return new NotAnEvent(
                Code.INVALID,
                IN_EVENT + field,
                IN_EVENT + field
                        + " must be that of the amendment: only data can change. Void the event, and send a new"
                        + " one");
    }

    private Change voided(EventMembers meant, Instant time) throws NotAnEvent {
        String id = name(meant.id, IN_EVENT + ID, UsageEventLimits.MAX_NAME_CHARS);
        String type = name(meant.type, IN_EVENT + TYPE, UsageEventLimits.MAX_NAME_CHARS);
        if (versions.of(UsageHour.of(time)).metersOfEventType(type).isEmpty()) {
            throw new NotAnEvent(Code.UNKNOWN_TYPE, IN_EVENT + TYPE, "no meter reads events of that type");
        }
        return new Change.Withdraw(id, type);
    }

    private Change amended(byte[] event) throws NotAnEvent {
        return switch (events.read(event, 0, event.length)) {
            case Countable(UsageEvent counts) -> new Change.Amend(counts);
            case FilteredOut(UsageEvent out, String _) -> new Change.Amend(out);
            case Malformed malformed ->
                throw new NotAnEvent(malformed.code(), IN_EVENT + malformed.field(), malformed.detail());
            case Amends _ ->
                throw new NotAnEvent(
                        Code.INVALID, IN_EVENT + TYPE, "an amendment is not amended: send another for its event");
        };
    }

    /** The members of data that matter. */
    private static final class Data {
        private byte @Nullable [] event;
        private @Nullable EventText by;
        private @Nullable EventText why;

        /** Only of bytes that were read as one object before, so this cannot fail. */
        static Data of(byte[] bytes) throws NotAnEvent {
            Data data = new Data();
            try (JsonParser json = UsageEventReader.JSON.createParser(ObjectReadContext.empty(), bytes)) {
                json.nextToken();
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    boolean isData = json.currentName().equals(DATA);
                    if (json.nextToken() == JsonToken.START_OBJECT && isData) {
                        data.read(json, bytes);
                    } else {
                        json.skipChildren();
                    }
                }
            }
            return data;
        }

        private void read(JsonParser json, byte[] bytes) throws NotAnEvent {
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case EVENT -> {
                        requireFirst(event == null, name);
                        event = slice(json, value, bytes);
                    }
                    case BY -> {
                        requireFirst(by == null, name);
                        by = EventText.of(json, value);
                    }
                    case WHY -> {
                        requireFirst(why == null, name);
                        why = EventText.of(json, value);
                    }
                    default -> json.skipChildren();
                }
            }
        }

        private static void requireFirst(boolean isFirst, String name) throws NotAnEvent {
            if (!isFirst) {
                throw new NotAnEvent(Code.NOT_JSON, DATA + "." + name, DATA + "." + name + " is there twice");
            }
        }

        private static byte[] slice(JsonParser json, JsonToken value, byte[] bytes) throws NotAnEvent {
            if (value != JsonToken.START_OBJECT) {
                throw new NotAnEvent(Code.INVALID, DATA + "." + EVENT, "data.event must be an object");
            }
            int begin = Math.toIntExact(json.currentTokenLocation().getByteOffset());
            json.skipChildren();
            int end = Math.toIntExact(json.currentLocation().getByteOffset());
            return Arrays.copyOfRange(bytes, begin, end);
        }
    }
}
