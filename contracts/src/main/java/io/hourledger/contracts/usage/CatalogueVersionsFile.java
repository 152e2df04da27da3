package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes {@link CatalogueVersions} in their JSON form, in which the aggregator tells them to ingest:
 *
 * <pre>{@code
 * {"versions": [{"from": null, "catalogue": {"version": 1, …}},
 *               {"from": "2026-12-01T00:00:00Z", "catalogue": {"version": 2, …}}]}
 * }</pre>
 */
public final class CatalogueVersionsFile {

    /** Numbers of filters are decimals, and never pass through double. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private CatalogueVersionsFile() {}

    /**
     * @throws IllegalArgumentException with a sentence that says what is wrong, if the bytes are not such versions
     */
    public static CatalogueVersions read(byte[] json) {
        try {
            CatalogueVersions versions = null;
            for (JsonNode version : JSON.readTree(json).path("versions")) {
                Catalogue catalogue = CatalogueFile.read(JSON.writeValueAsBytes(version.path("catalogue")));
                versions = versions == null
                        ? CatalogueVersions.only(catalogue)
                        : versions.with(
                                catalogue,
                                new UsageHour(Instant.parse(version.path("from").stringValue())));
            }
            if (versions == null) {
                throw new IllegalArgumentException("there is no version of the catalogue");
            }
            return versions;
        } catch (JacksonException | DateTimeException notVersions) {
            throw new IllegalArgumentException(
                    "the versions of the catalogue cannot be read: " + notVersions.getMessage(), notVersions);
        }
    }

    public static byte[] write(CatalogueVersions versions) {
        List<Map<String, Object>> all = new ArrayList<>();
        versions.byFirstHour().forEach((hour, catalogue) -> {
            Map<String, Object> version = new LinkedHashMap<>();
            version.put(
                    "from",
                    all.isEmpty() ? null : UsageHour.ofNumber(hour).start().toString());
            version.put("catalogue", JSON.readTree(new String(CatalogueFile.write(catalogue), UTF_8)));
            all.add(version);
        });
        return JSON.writeValueAsBytes(Map.of("versions", all));
    }
}
