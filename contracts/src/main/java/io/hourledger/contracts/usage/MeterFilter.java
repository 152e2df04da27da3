package io.hourledger.contracts.usage;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * Says which events of its type a meter reads, by members of their {@code data}. An event matches if each named member is one of its values. A
 * string is compared by its characters, a number by its value, and neither equals the other. A member that is missing matches nothing.
 *
 * @param members the values by the member's name, in one order; none for a meter that reads all events of its type
 */
public record MeterFilter(SortedMap<String, List<Value>> members) {

    /** Reads all events. */
    public static final MeterFilter ALL = new MeterFilter(Collections.emptySortedMap());

    /** One value that a member may have. */
    public sealed interface Value {

        /** As JSON has it. */
        Object json();

        record Text(String json) implements Value {}

        record Decimal(BigDecimal json) implements Value {
            public Decimal {
                json = json.signum() == 0 ? BigDecimal.ZERO : json.stripTrailingZeros();
            }
        }

        record Truth(Boolean json) implements Value {}
    }

    /**
     * @throws IllegalArgumentException with a sentence, if a member has no value or one that no event can have
     */
    public MeterFilter {
        SortedMap<String, List<Value>> sorted = new TreeMap<>();
        members.forEach((name, values) -> sorted.put(name, checked(name, values)));
        members = Collections.unmodifiableSortedMap(sorted);
    }

    private static List<Value> checked(String name, List<Value> values) {
        if (name.isBlank() || values.isEmpty()) {
            throw new IllegalArgumentException(
                    "a filter needs for each member of data at least one value: '" + name + "'");
        }
        for (Value value : values) {
            if (value instanceof Value.Decimal(BigDecimal number)
                    && DecimalText.read(number.toString(), true).wrong() != null) {
                throw new IllegalArgumentException(
                        "member '" + name + "' of a filter has a number below zero or with too many digits: " + number);
            }
        }
        return values.stream()
                .distinct()
                .sorted((one, other) -> key(one).compareTo(key(other)))
                .toList();
    }

    private static String key(Value value) {
        return switch (value) {
            case Value.Text(String text) -> "text " + text;
            case Value.Decimal(BigDecimal number) -> "number " + number.toPlainString();
            case Value.Truth(Boolean truth) -> "truth " + truth;
        };
    }

    /** Whether the meter reads all events of its type. */
    public boolean isEmpty() {
        return members.isEmpty();
    }

    /** As the catalogue's file has it. */
    public Map<String, List<Object>> json() {
        Map<String, List<Object>> json = new LinkedHashMap<>();
        members.forEach((name, values) -> json.put(
                name,
                values.stream()
                        .map(value -> value instanceof Value.Decimal(BigDecimal number)
                                ? new BigDecimal(number.toPlainString())
                                : value.json())
                        .toList()));
        return json;
    }

    /** Whether a member of an event has one of the values that it must have. */
    boolean takes(String name, @Nullable EventText text) {
        Value value = text == null ? null : valueOf(text);
        return value != null && members.getOrDefault(name, List.of()).contains(value);
    }

    /** Null for what no filter can name. */
    private static @Nullable Value valueOf(EventText text) {
        return switch (text.kind()) {
            case JsonToken.VALUE_STRING -> new Value.Text(text.value());
            case JsonToken.VALUE_TRUE -> new Value.Truth(true);
            case JsonToken.VALUE_FALSE -> new Value.Truth(false);
            case JsonToken.VALUE_NUMBER_INT, JsonToken.VALUE_NUMBER_FLOAT -> {
                DecimalText decimal = DecimalText.read(text.value(), true);
                yield decimal.wrong() == null ? new Value.Decimal(decimal.value()) : null;
            }
            default -> null;
        };
    }
}
