package io.hourledger.pusher.koogallery.callback;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A call's fields, read as leniently as the documentation contradicts itself, and no more. */
final class Call {

    /** A member that stands twice could be read in two ways. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Strict: the day after 20270228 is not 20270229. */
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

    private final JsonNode fields;
    private final @Nullable CallSender sender;

    private Call(JsonNode fields, @Nullable CallSender sender) {
        this.fields = fields;
        this.sender = sender;
    }

    /** The same, verified. */
    Call from(CallSender verified) {
        return new Call(fields, verified);
    }

    /** For whom it came. */
    CallSender sender() {
        return Objects.requireNonNull(sender, "a call that nobody has verified");
    }

    /** A V2.0 call; empty if the bytes are not a JSON object, or name a member twice. */
    static Optional<Call> read(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            return json != null && json.isObject() ? Optional.of(new Call(json, null)) : Optional.empty();
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    /** A V1.0 call. */
    static Call of(QueryParameters parameters) {
        ObjectNode fields = JSON.createObjectNode();
        parameters.values().forEach(fields::put);
        return new Call(fields, null);
    }

    /** Empty if there is none that is text. */
    String activity() {
        JsonNode value = fields.get("activity");
        return value != null && value.isString() ? value.stringValue() : "";
    }

    /**
     * A debugging call: {@code 1} as text or number; absent and {@code 0} are real calls.
     *
     * @throws InvalidCallException if it is something else: nobody could say whether it is to be billed
     */
    boolean test() {
        return switch (optional("testFlag").orElse("0")) {
            case "0" -> false;
            case "1" -> true;
            default -> throw new InvalidCallException("testFlag is neither 0 nor 1");
        };
    }

    /**
     * Refuses what no field of the documents has. A database could not even store some of it, or only by making two ids one.
     *
     * @throws InvalidCallException if a name or text holds a control character or half a surrogate pair, or {@link #test} is unclear
     */
    void check() {
        if (anyText(fields, text -> text.codePoints().anyMatch(Character::isISOControl))) {
            throw new InvalidCallException("a control character stands in the call");
        }
        if (anyText(fields, text -> text.codePoints().anyMatch(Call::isHalfAPair))) {
            throw new InvalidCallException("half a surrogate pair stands in the call");
        }
        boolean unused = test();
    }

    private static boolean isHalfAPair(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** Whether a name or text of any depth is such. */
    private static boolean anyText(JsonNode node, Predicate<String> such) {
        if (node.isString()) {
            return such.test(node.stringValue());
        }
        return node.propertyStream().anyMatch(member -> such.test(member.getKey()) || anyText(member.getValue(), such))
                || (node.isArray() && node.valueStream().anyMatch(element -> anyText(element, such)));
    }

    /**
     * @throws InvalidCallException if the field is missing, empty or too long
     */
    String required(String name, int maxChars) {
        return optional(name, maxChars).orElseThrow(() -> new InvalidCallException(name + " is missing"));
    }

    /**
     * @throws InvalidCallException if the field is too long
     */
    Optional<String> optional(String name, int maxChars) {
        Optional<String> value = optional(name);
        if (value.isPresent() && value.get().length() > maxChars) {
            throw new InvalidCallException(name + " is longer than " + maxChars + " characters");
        }
        return value;
    }

    /** The part of this name, read as a call of its own; empty if it is not a JSON object. */
    Optional<Call> part(String name) {
        JsonNode value = fields.get(name);
        return value != null && value.isObject() ? Optional.of(new Call(value, sender)) : Optional.empty();
    }

    /**
     * A time of 14 digits, or of 17 with milliseconds, in UTC (koogallery.md, section 4.4).
     *
     * @throws InvalidCallException if it is missing, is neither, or lies before 1970
     */
    Instant requiredTime(String name) {
        Instant time = time(name, required(name, 20));
        // PostgreSQL has no year 0, and whoever reads the ledger into its tables would stop there
        if (time.isBefore(Instant.EPOCH)) {
            throw new InvalidCallException(name + " lies before 1970");
        }
        return time;
    }

    private static Instant time(String name, String digits) {
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

    /**
     * A number counts as its text.
     *
     * @throws InvalidCallException if it is an object or an array: as absent it would mean something, and nobody said so
     */
    private Optional<String> optional(String name) {
        JsonNode value = fields.get(name);
        if (value != null && value.isContainer()) {
            throw new InvalidCallException(name + " is neither text nor a number");
        }
        return value == null || value.isNull()
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
