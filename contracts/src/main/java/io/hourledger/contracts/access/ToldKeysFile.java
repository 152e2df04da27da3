package io.hourledger.contracts.access;

import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes {@link ToldKeys} in their JSON form:
 *
 * <pre>{@code
 * {"installation": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "incarnation": 3, "version": 17,
 *  "keys": [{"id": "6f9619ff", "name": "shop", "secrets": [{"sha256": "9f86…", "validUntil": null}],
 *            "scope": {"sources": ["/shop"], "sourcePrefixes": [], "types": [], "instances": []},
 *            "limits": {"eventsPerSecond": 0, "bodyBytes": 0, "memoryPercent": 0}}]}
 * }</pre>
 */
public final class ToldKeysFile {

    /** A member that this release does not know may bound a key, so such keys are not taken for unbounded ones. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private ToldKeysFile() {}

    /**
     * @throws IllegalArgumentException with a sentence that says what is wrong, if the bytes are not such keys
     */
    public static ToldKeys read(byte[] json) {
        try {
            return Objects.requireNonNull(JSON.readValue(json, ToldKeys.class), "they are null");
        } catch (JacksonException | NullPointerException notKeys) {
            throw new IllegalArgumentException("the API keys cannot be read: " + notKeys.getMessage(), notKeys);
        }
    }

    public static byte[] write(ToldKeys keys) {
        return JSON.writeValueAsBytes(keys);
    }
}
