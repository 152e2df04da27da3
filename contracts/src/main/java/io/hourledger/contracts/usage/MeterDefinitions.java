package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says of each meter, by its name, how it makes an amount of events, in one JSON form that can be kept and compared. Equal definitions make
 * equal amounts of the same events.
 */
public record MeterDefinitions(SortedMap<String, String> byName) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int FINGERPRINT_BYTES = 16;

    public MeterDefinitions {
        byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
    }

    /** What this catalogue says. */
    public static MeterDefinitions of(Catalogue catalogue) {
        SortedMap<String, String> byName = new TreeMap<>();
        catalogue.meters().forEach(meter -> byName.put(meter.name(), definitionOf(meter)));
        return new MeterDefinitions(byName);
    }

    private static String definitionOf(Meter meter) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("eventType", meter.eventType());
        members.put("aggregation", meter.aggregation().name());
        if (meter.valueField() != null) {
            members.put("valueField", meter.valueField());
        }
        members.put("unit", meter.unit());
        members.put("unitFactor", meter.unitFactor().stripTrailingZeros().toPlainString());
        if (!meter.filter().isEmpty()) {
            members.put("where", meter.filter().json());
        }
        members.putAll(CatalogueFile.members(meter.terms()));
        return JSON.writeValueAsString(members);
    }

    /** The same for equal definitions, and for no others. */
    public String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(JSON.writeValueAsString(byName).getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
