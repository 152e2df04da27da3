package io.hourledger.aggregator.quarantine;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a record says of itself, as far as it can be read. An event in quarantine may be no event at all, so each part may be missing.
 */
public record EventNames(
        @Nullable String source, @Nullable String subject, @Nullable String id, @Nullable Instant time) {

    private static final EventNames NONE = new EventNames(null, null, null, null);
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads what can be read. */
    public static EventNames of(byte @Nullable [] value) {
        if (value == null) {
            return NONE;
        }
        try {
            JsonNode event = JSON.readTree(value);
            return event == null || !event.isObject()
                    ? NONE
                    : new EventNames(
                            text(event, "source"),
                            text(event, "subject"),
                            text(event, "id"),
                            time(text(event, "time")));
        } catch (JacksonException notJson) {
            return NONE;
        }
    }

    private static @Nullable String text(JsonNode event, String member) {
        JsonNode text = event.get(member);
        return text == null || !text.isString() ? null : text.asString();
    }

    private static @Nullable Instant time(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException noTime) {
            return null;
        }
    }

    /** Whether source and id of both can be read, and one of them is another. */
    boolean areOtherThan(EventNames other) {
        return isOther(source, other.source) || isOther(id, other.id);
    }

    private static boolean isOther(@Nullable String one, @Nullable String other) {
        return one != null && other != null && !one.equals(other);
    }
}
