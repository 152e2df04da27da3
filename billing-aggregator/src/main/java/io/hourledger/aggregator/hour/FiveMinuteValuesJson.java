package io.hourledger.aggregator.hour;

import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.MeterTerms.Percentile;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes {@link FiveMinuteValues} as a row keeps them. No amount passes through a JSON number:
 *
 * <pre>{@code
 * {"percentile": "95", "fiveMinutes": "SUM", "values": {"0": {"raw": "12.5", "at": "2026-03-01T10:04:59.000001Z"}}}
 * }</pre>
 */
public final class FiveMinuteValuesJson {

    private static final JsonMapper JSON = new JsonMapper();

    private FiveMinuteValuesJson() {}

    /** Null for null. */
    public static @Nullable String write(@Nullable FiveMinuteValues fiveMinutes) {
        if (fiveMinutes == null) {
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        fiveMinutes
                .byNumber()
                .forEach((number, value) -> values.put(
                        String.valueOf(number),
                        Map.of(
                                "raw", value.raw().toPlainString(),
                                "at", value.at().toString())));
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("percentile", fiveMinutes.terms().percentile().toPlainString());
        members.put("fiveMinutes", fiveMinutes.terms().fiveMinutes().name());
        members.put("values", values);
        return JSON.writeValueAsString(members);
    }

    /** Null for null. */
    public static @Nullable FiveMinuteValues read(@Nullable String json) {
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
        return new FiveMinuteValues(
                new Percentile(
                        new BigDecimal(members.path("percentile").stringValue()),
                        Aggregation.valueOf(members.path("fiveMinutes").stringValue())),
                values);
    }
}
