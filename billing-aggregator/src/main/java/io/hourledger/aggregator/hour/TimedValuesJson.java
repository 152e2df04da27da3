package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import io.hourledger.contracts.usage.MeterTerms.TimeWeighted;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes {@link TimedValues} as a row keeps them. No amount passes through a JSON number:
 *
 * <pre>{@code
 * {"percentile": "95", "fiveMinutes": "SUM", "values": {"0": {"raw": "12.5", "at": "2026-03-01T10:04:59.000001Z"}}}
 * {"holdFor": "PT4H", "values": {"-3": {"raw": "100", "at": "2026-03-01T09:59:40Z"}}}
 * }</pre>
 */
public final class TimedValuesJson {

    private static final JsonMapper JSON = new JsonMapper();

    private TimedValuesJson() {}

    /** Null for null. */
    public static @Nullable String write(@Nullable TimedValues timed) {
        if (timed == null) {
            return null;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        switch (timed) {
            case FiveMinuteValues(Percentile terms, SortedMap<Integer, HourValue> byNumber) -> {
                members.put("percentile", terms.percentile().toPlainString());
                members.put("fiveMinutes", terms.fiveMinutes().name());
                members.put("values", members(byNumber));
            }
            case HourLevels(TimeWeighted terms, SortedMap<Integer, HourValue> byStep) -> {
                members.put("holdFor", terms.holdFor().toString());
                members.put("values", members(byStep));
            }
        }
        return JSON.writeValueAsString(members);
    }

    private static Map<String, Object> members(SortedMap<Integer, HourValue> byNumber) {
        Map<String, Object> values = new LinkedHashMap<>();
        byNumber.forEach((number, value) -> values.put(
                String.valueOf(number),
                Map.of("raw", value.raw().toPlainString(), "at", value.at().toString())));
        return values;
    }

    /** Null for null. */
    public static @Nullable TimedValues read(@Nullable String json) {
        if (json == null) {
            return null;
        }
        JsonNode members = JSON.readTree(json);
        SortedMap<Integer, HourValue> values = new TreeMap<>();
        members.path("values")
                .properties()
                .forEach(value -> values.put(
                        Integer.valueOf(value.getKey()),
                        new HourValue(
                                new BigDecimal(value.getValue().path("raw").stringValue()),
                                Instant.parse(value.getValue().path("at").stringValue()))));
        if (members.has("holdFor")) {
            return new HourLevels(
                    new TimeWeighted(Duration.parse(members.path("holdFor").stringValue())), values);
        }
        return new FiveMinuteValues(
                new Percentile(
                        new BigDecimal(members.path("percentile").stringValue()),
                        Aggregation.valueOf(members.path("fiveMinutes").stringValue())),
                values);
    }
}
