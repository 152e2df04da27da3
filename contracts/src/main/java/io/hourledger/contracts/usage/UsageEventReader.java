package io.hourledger.contracts.usage;

import static io.hourledger.contracts.usage.EventChecks.name;
import static io.hourledger.contracts.usage.EventChecks.present;
import static io.hourledger.contracts.usage.EventChecks.quoted;
import static io.hourledger.contracts.usage.EventChecks.requireSpecversion;
import static io.hourledger.contracts.usage.EventChecks.time;
import static io.hourledger.contracts.usage.EventMembers.DATA;
import static io.hourledger.contracts.usage.EventMembers.DATA_BASE64;
import static io.hourledger.contracts.usage.EventMembers.ID;
import static io.hourledger.contracts.usage.EventMembers.SOURCE;
import static io.hourledger.contracts.usage.EventMembers.SPECVERSION;
import static io.hourledger.contracts.usage.EventMembers.SUBJECT;
import static io.hourledger.contracts.usage.EventMembers.TIME;
import static io.hourledger.contracts.usage.EventMembers.TYPE;

import io.hourledger.contracts.usage.EventMembers.Presence;
import io.hourledger.contracts.usage.ReadUsage.Code;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import io.hourledger.contracts.usage.ReadUsage.Fault;
import io.hourledger.contracts.usage.ReadUsage.FilteredOut;
import io.hourledger.contracts.usage.ReadUsage.Malformed;
import io.hourledger.contracts.usage.UsageEvent.Reading;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * Reads the bytes of one usage event: CloudEvents 1.0 in its JSON format. This is the one judge of what can be counted; ingest asks it
 * before it accepts, the aggregator asks it again, and whoever reads events another way must give the same answer as this class.
 *
 * <p><b>Order of the checks.</b> The first that fails is the answer; of the third step and those after it, all that fail are named:
 *
 * <ol>
 *   <li>{@code TOO_LARGE}: more than {@link UsageEventLimits#MAX_EVENT_BYTES} bytes.
 *   <li>{@code NOT_JSON}, field empty: the bytes are not strict UTF-8 without a byte order mark; not one JSON object (RFC 8259) with only
 *       white space around it; nested deeper than {@link UsageEventLimits#MAX_JSON_DEPTH}; or two members of the event itself (not of
 *       what it contains) have the same name, be it known or unknown, after escapes are resolved.
 *   <li>{@code specversion}: {@code MISSING}; then {@code UNKNOWN_SPECVERSION} if it is not the string {@code 1.0}.
 *   <li>{@code source}, then {@code id}, then {@code type}, then {@code subject}: {@code MISSING}; then {@code
 *       INVALID} if it is not a string, is blank, is longer than its limit, holds a control character (C0, DEL, C1) or half a surrogate
 *       pair. Right after {@code type}: {@code UNKNOWN_TYPE} if no meter of the version of its hour reads it.
 *   <li>{@code time}: {@code MISSING}; then {@code INVALID} if it is not a string in the form of RFC 3339 with an offset, or if the moment's
 *       year in UTC is not in 1970 to 9999. Digits of a fraction beyond nine are cut off. A leap second counts as the last nanosecond before
 *       it.
 *   <li>For each meter of the type that reads a value, by name: {@code data}: {@code MISSING}; then {@code INVALID} if it is not an object. If there is no {@code
 *       data}, {@code data_base64} is read in its place: {@code INVALID} if it is not base64, {@code NOT_JSON} if it does not hold one JSON
 *       object.
 *   <li>Before that, if the meter has a filter: {@code NOT_JSON} with the member's name if one that it names is there twice. A meter whose
 *       filter does not match is passed over, and so is what it would read. If all meters of the type have filters, {@code data} must be an
 *       object, as above.
 *   <li>Then the meter's field in it: {@code NOT_JSON} with the field's name if it is there twice; {@code MISSING}; then {@code
 *       INVALID_VALUE} if it is neither a JSON number nor a string that holds a JSON number without an exponent, is below zero, or has,
 *       written out and without zeros at either end, more than {@link UsageEventLimits#MAX_INTEGER_DIGITS} digits before or {@link
 *       UsageEventLimits#MAX_FRACTION_DIGITS} after the point. {@code -0} is zero. A unique count takes any string that an id may be, too.
 * </ol>
 *
 * A meter that cannot read an event is passed over if another can: the last three are faults of the event only if no meter reads it.
 *
 * <p>An event of a type of {@link UsageAmendment} corrects another and is read by other rules: {@link UsageAmendmentReader} has them.
 *
 * <p>An event that passes, and that no meter of its type reads by its filter, is {@link FilteredOut}.
 *
 * <p>A member that is {@code null} is missing. All other members, and all of {@code data} that the meter does not read, may hold any JSON.
 * {@link Malformed#id()} is the event's id if the second step passed and the id itself is valid, whatever else is wrong.
 *
 * <p>A value never passes through {@code double} and is bounded before it is expanded, so {@code 1e999999999} costs nothing. It comes with
 * as few decimals as it needs: {@code 1.50} and {@code 15e-1} read as {@code 1.5}, and {@code 1e3} as {@code 1000}.
 * <p>Immutable and safe for use by many threads.
 */
public final class UsageEventReader {

    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(UsageEventLimits.MAX_JSON_DEPTH)
                    // the size of the whole bounds each part, so that no other limit of the library decides what is an
                    // event
                    .maxNumberLength(UsageEventLimits.MAX_EVENT_BYTES)
                    .maxStringLength(UsageEventLimits.MAX_EVENT_BYTES)
                    .maxNameLength(UsageEventLimits.MAX_EVENT_BYTES)
                    .build())
            // whether names collide depends on a random seed; the same bytes must be judged the same everywhere
            .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .build();

    private static final Pattern ADVICE = Pattern.compile("( \\(consider enabling|: enable) .*", Pattern.DOTALL);

    private final CatalogueVersions versions;
    private final UsageAmendmentReader amendments;
    private final Set<String> fieldsRead = new HashSet<>();

    /** Reads the events of all hours by one version of the catalogue. */
    public UsageEventReader(Catalogue catalogue) {
        this(CatalogueVersions.only(catalogue));
    }

    /** Reads each event by the version that rules its hour. */
    public UsageEventReader(CatalogueVersions versions) {
        this.versions = versions;
        this.amendments = new UsageAmendmentReader(this, versions);
        for (Catalogue catalogue : versions.all()) {
            for (Meter meter : catalogue.meters()) {
                if (meter.valueField() != null) {
                    fieldsRead.add(meter.valueField());
                }
                fieldsRead.addAll(meter.filter().members().keySet());
            }
        }
    }

    /** Reads exactly {@code length} bytes from {@code offset}. The bytes are not kept. */
    public ReadUsage read(byte[] bytes, int offset, int length) {
        if (length > UsageEventLimits.MAX_EVENT_BYTES) {
            return Malformed.of(
                    Code.TOO_LARGE, "", "an event has at most " + UsageEventLimits.MAX_EVENT_BYTES + " bytes", null);
        }
        EventMembers members;
        try {
            members = requireMembers(bytes, offset, length);
        } catch (NotAnEvent notAnEvent) {
            return Malformed.of(Code.NOT_JSON, "", notAnEvent.detail, null);
        }
        if (UsageAmendmentReader.isAmendment(members)) {
            return amendments.read(bytes, offset, length, members);
        }
        try {
            UsageEvent event = assess(members);
            return event.readings().isEmpty() ? new FilteredOut(event, whatIsRead(event)) : new Countable(event);
        } catch (NotAnEvent first) {
            return new Malformed(faults(members), members.idIfValid());
        }
    }

    /** The members of an event that lies within another. */
    EventMembers members(byte[] event) throws NotAnEvent {
        return requireMembers(event, 0, event.length);
    }

    private EventMembers requireMembers(byte[] bytes, int offset, int length) throws NotAnEvent {
        try {
            Utf8Object.require(bytes, offset, length);
            return membersOf(bytes, offset, length);
        } catch (StreamConstraintsException tooDeep) {
            throw NotAnEvent.notJson("nested deeper than " + UsageEventLimits.MAX_JSON_DEPTH + " levels");
        } catch (JacksonException notJson) {
            throw NotAnEvent.notJson("not JSON: " + withoutSettings(notJson.getOriginalMessage()));
        }
    }

    /** Walks over the whole event once and keeps what the checks need, in whatever order the members come. */
    private EventMembers membersOf(byte[] bytes, int offset, int length) throws NotAnEvent {
        EventMembers members = new EventMembers();
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                if (!members.isNew(name)) {
                    throw NotAnEvent.notJson("the member " + quoted(name) + " is there twice");
                }
                JsonToken value = json.nextToken();
                switch (name) {
                    case SPECVERSION -> members.specversion = EventText.of(json, value);
                    case SOURCE -> members.source = EventText.of(json, value);
                    case ID -> members.id = EventText.of(json, value);
                    case TYPE -> members.type = EventText.of(json, value);
                    case SUBJECT -> members.subject = EventText.of(json, value);
                    case TIME -> members.time = EventText.of(json, value);
                    case DATA -> readData(json, value, members);
                    case DATA_BASE64 -> members.dataBase64 = EventText.of(json, value);
                    default -> json.skipChildren();
                }
            }
            if (json.nextToken() != null) {
                throw NotAnEvent.notJson("there is something behind the event");
            }
        }
        return members;
    }

    private void readData(JsonParser json, JsonToken value, EventMembers members) {
        members.data = value == JsonToken.VALUE_NULL ? Presence.ABSENT : Presence.OTHER;
        if (value != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        members.data = Presence.OBJECT;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken fieldValue = json.nextToken();
            if (fieldsRead.contains(name)) {
                members.fields = new EventMembers.Field(name, EventText.of(json, fieldValue), members.fields);
            } else {
                json.skipChildren();
            }
        }
    }

    private UsageEvent assess(EventMembers members) throws NotAnEvent {
        requireSpecversion(members);
        String source = name(members.source, SOURCE, UsageEventLimits.MAX_NAME_CHARS);
        String id = name(members.id, ID, UsageEventLimits.MAX_NAME_CHARS);
        List<Meter> meters = meters(members);
        String subject = name(members.subject, SUBJECT, UsageEventLimits.MAX_SUBJECT_CHARS);
        Instant time = time(members.time);
        return new UsageEvent(source, id, meters.getFirst().eventType(), subject, time, readings(members, meters));
    }

    /** Each check for itself, so that who sends hears all at once; only for events that failed one. */
    private List<Fault> faults(EventMembers members) {
        List<Check> checks = List.of(
                () -> requireSpecversion(members),
                () -> name(members.source, SOURCE, UsageEventLimits.MAX_NAME_CHARS),
                () -> name(members.id, ID, UsageEventLimits.MAX_NAME_CHARS),
                () -> meters(members),
                () -> name(members.subject, SUBJECT, UsageEventLimits.MAX_SUBJECT_CHARS),
                () -> time(members.time),
                () -> readings(members, meters(members)));
        List<Fault> faults = new ArrayList<>();
        for (Check check : checks) {
            try {
                check.run();
            } catch (NotAnEvent failed) {
                Fault fault = new Fault(failed.code, failed.field, failed.detail);
                // values are read as the meters of the type say, so an unknown type would be named twice
                if (!faults.contains(fault)) {
                    faults.add(fault);
                }
            }
        }
        return faults;
    }

    /** One of the checks; it ends without a word if there is nothing wrong. */
    private interface Check {
        void run() throws NotAnEvent;
    }

    private List<Meter> meters(EventMembers members) throws NotAnEvent {
        String type = name(members.type, TYPE, UsageEventLimits.MAX_NAME_CHARS);
        List<Meter> meters = catalogueOf(members).metersOfEventType(type);
        if (meters.isEmpty()) {
            throw new NotAnEvent(Code.UNKNOWN_TYPE, TYPE, "no meter reads events of type " + quoted(type));
        }
        return meters;
    }

    /** The newest, if it is not known which hour the event is of: then it is no event, and only its faults are told. */
    private Catalogue catalogueOf(EventMembers members) {
        EventText time = members.time;
        Instant moment = time != null && time.isString() ? Rfc3339.parse(time.value()) : null;
        return moment == null ? versions.newest() : versions.of(UsageHour.of(moment));
    }

    private List<Reading> readings(EventMembers members, List<Meter> meters) throws NotAnEvent {
        List<Reading> readings = new ArrayList<>(meters.size());
        NotAnEvent first = null;
        for (Meter meter : meters) {
            try {
                if (isTaken(members, meter.filter())) {
                    readings.add(new Reading(meter, value(members, meter)));
                }
            } catch (NotAnEvent unreadable) {
                // the meter of another product may read it, and must not stop for this one
                first = first == null ? unreadable : first;
            }
        }
        if (first != null && readings.isEmpty()) {
            throw first;
        }
        if (readings.isEmpty()) {
            // all have filters, and no filter can take what has no members
            requireData(members);
        }
        return readings;
    }

    private boolean isTaken(EventMembers members, MeterFilter filter) throws NotAnEvent {
        if (filter.isEmpty()) {
            return true;
        }
        decodeData(members);
        boolean isTaken = true;
        for (String name : filter.members().keySet()) {
            // all are looked at: a member that is there twice is a fault, whatever the others hold
            isTaken &= filter.takes(name, field(members, name));
        }
        return isTaken;
    }

    private String whatIsRead(UsageEvent event) {
        return "its data match no filter of the meters that read events of type " + quoted(event.type()) + ": "
                + versions.of(event.hour()).metersOfEventType(event.type()).stream()
                        .map(meter -> meter.name() + " reads " + meter.filter().json())
                        .collect(Collectors.joining(", "));
    }

    private BigDecimal value(EventMembers members, Meter meter) throws NotAnEvent {
        String valueField = meter.valueField();
        if (valueField == null) {
            return BigDecimal.ONE;
        }
        decodeData(members);
        requireData(members);
        String path = DATA + "." + valueField;
        EventText text = present(field(members, valueField), path);
        if (meter.aggregation() == Aggregation.UNIQUE) {
            return UniqueValue.of(text, path);
        }
        if (!text.isString() && !text.isNumber()) {
            throw new NotAnEvent(Code.INVALID_VALUE, path, path + " must be a number");
        }
        DecimalText decimal = DecimalText.read(text.value(), !text.isString());
        if (decimal.wrong() != null) {
            throw new NotAnEvent(Code.INVALID_VALUE, path, path + " " + decimal.wrong());
        }
        return decimal.value();
    }

    private static void requireData(EventMembers members) throws NotAnEvent {
        if (members.data == Presence.ABSENT) {
            throw new NotAnEvent(Code.MISSING, DATA, "data is missing");
        }
        if (members.data == Presence.OTHER) {
            throw new NotAnEvent(Code.INVALID, DATA, "data must be an object");
        }
    }

    /** A member of data; null if it is missing. */
    private static @Nullable EventText field(EventMembers members, String name) throws NotAnEvent {
        EventMembers.Field found = null;
        for (EventMembers.Field field = members.fields; field != null; field = field.before()) {
            if (field.name().equals(name)) {
                if (found != null) {
                    String path = DATA + "." + name;
                    throw new NotAnEvent(Code.NOT_JSON, path, path + " is there twice");
                }
                found = field;
            }
        }
        return found == null ? null : found.value();
    }

    private void decodeData(EventMembers members) throws NotAnEvent {
        if (members.data == Presence.ABSENT && members.dataBase64 != null) {
            readBase64(members.dataBase64, members);
        }
    }

    /** CloudEvents' form for data that is not JSON itself. A meter can read it only if it holds a JSON object. */
    private void readBase64(EventText text, EventMembers members) throws NotAnEvent {
        byte[] data;
        try {
            data = Base64.getDecoder().decode(text.isString() ? text.value() : "?");
        } catch (IllegalArgumentException notBase64) {
            throw new NotAnEvent(Code.INVALID, DATA_BASE64, DATA_BASE64 + " must be a string in base64");
        }
        EventMembers read = new EventMembers();
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), data, 0, data.length)) {
            Utf8Object.require(data, 0, data.length);
            readData(json, json.nextToken(), read);
            if (json.nextToken() != null) {
                throw notJson();
            }
        } catch (NotAnEvent | JacksonException notOneObject) {
            throw notJson();
        }
        members.data = read.data;
        members.fields = read.fields;
    }

    private static NotAnEvent notJson() {
        return new NotAnEvent(Code.NOT_JSON, DATA_BASE64, DATA_BASE64 + " must hold one JSON object for this meter");
    }

    /** The library's words without what speaks of its own settings: a note on where the text came from, or which of them to change. */
    private static String withoutSettings(String message) {
        int source = message.indexOf("[Source");
        String place = source < 0 ? message : message.substring(0, Math.max(0, message.lastIndexOf('(', source)));
        String words = ADVICE.matcher(place).replaceFirst("");
        return words.length() <= 200 ? words.strip() : words.substring(0, 200) + "…";
    }
}
