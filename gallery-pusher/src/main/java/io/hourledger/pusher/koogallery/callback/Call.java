package io.hourledger.pusher.koogallery.callback;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A call's JSON body, read as leniently as the documentation contradicts itself, and no more. */
final class Call {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT);
    private static final DateTimeFormatter MILLISECONDS = DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS", Locale.ROOT);

    private final JsonNode fields;

    private Call(JsonNode fields) {
        this.fields = fields;
    }

    /** Empty if the bytes are not a JSON object. */
    static Optional<Call> read(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            return json != null && json.isObject() ? Optional.of(new Call(json)) : Optional.empty();
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    String activity() {
        return optional("activity").orElse("");
    }

    /** A debugging call: {@code 1} as text or number; absent and {@code 0} are real calls. */
    boolean test() {
        return optional("testFlag").filter("1"::equals).isPresent();
    }

    /**
     * @throws InvalidCallException if the field is missing, empty or too long
     */
    String required(String name, int maxChars) {
        String value = optional(name).orElseThrow(() -> new InvalidCallException(name + " is missing"));
        if (value.length() > maxChars) {
            throw new InvalidCallException(name + " is longer than " + maxChars + " characters");
        }
        return value;
    }

    /** The part of this name, read as a call of its own; empty if it is not a JSON object. */
    Optional<Call> part(String name) {
        JsonNode value = fields.get(name);
        return value != null && value.isObject() ? Optional.of(new Call(value)) : Optional.empty();
    }

    /**
     * A time of 14 digits, or of 17 with milliseconds, in UTC (koogallery.md, section 4.4).
     *
     * @throws InvalidCallException if it is missing or is neither
     */
    Instant requiredTime(String name) {
        String digits = required(name, 20);
        try {
            return switch (digits.length()) {
                case 14 -> LocalDateTime.parse(digits, SECONDS).toInstant(ZoneOffset.UTC);
                case 17 -> LocalDateTime.parse(digits, MILLISECONDS).toInstant(ZoneOffset.UTC);
                default -> throw new InvalidCallException(name + " has neither 14 nor 17 digits");
            };
        } catch (DateTimeParseException noTime) {
            throw new InvalidCallException(name + " is no time");
        }
    }

    /** A number counts as its text. */
    Optional<String> optional(String name) {
        JsonNode value = fields.get(name);
        return value == null || value.isNull() || !value.isValueNode()
                ? Optional.empty()
                : Optional.of(value.asString()).filter(text -> !text.isBlank());
    }

    /** The call cannot be answered but with "invalid parameters". */
    static final class InvalidCallException extends RuntimeException {
        InvalidCallException(String message) {
            super(message, null, false, false);
        }
    }
}
