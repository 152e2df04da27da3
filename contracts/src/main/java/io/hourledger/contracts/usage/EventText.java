package io.hourledger.contracts.usage;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Keeps one value of an event as it was written.
 *
 * @param kind NOT_AVAILABLE, with an empty text, for what is an object or an array
 */
record EventText(JsonToken kind, String value) {

    static @Nullable EventText of(JsonParser json, JsonToken token) {
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
                new EventText(token, json.getString());
            default -> {
                json.skipChildren();
                yield new EventText(JsonToken.NOT_AVAILABLE, "");
            }
        };
    }

    boolean isString() {
        return kind == JsonToken.VALUE_STRING;
    }

    boolean isNumber() {
        return kind == JsonToken.VALUE_NUMBER_INT || kind == JsonToken.VALUE_NUMBER_FLOAT;
    }

    @Nullable String whyNotAName(int maxChars) {
        if (!isString()) {
            return "must be a string";
        }
        if (value.isBlank()) {
            return "must not be empty";
        }
        if (value.length() > maxChars) {
            return "has " + value.length() + " characters, at most " + maxChars + " are allowed";
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c)) {
                return "holds a control character";
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1));
                if (!pair) {
                    return "holds half a surrogate pair";
                }
                i++;
            }
        }
        return null;
    }
}
