package io.hourledger.pusher.callback;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A call's JSON body, read as leniently as the documentation contradicts itself, and no more. */
final class Call {

    private static final JsonMapper JSON = JsonMapper.builder().build();

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
