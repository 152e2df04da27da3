package io.hourledger.contracts.usage;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a {@link Catalogue} from its JSON form:
 *
 * <pre>{@code
 * {"version": 1,
 *  "meters":   [{"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes",
 *                "unit": "MB", "unitFactor": "0.000001"}],
 *  "products": [{"productId": "web-egress", "meter": "egress", "chargingMode": "ON_DEMAND",
 *                "pricingMode": "FIXED", "billingCycle": "HOURLY"}]}
 * }</pre>
 *
 * An unknown member is an error: a misspelt setting must not be a default in silence.
 */
public final class CatalogueFile {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private CatalogueFile() {}

    /**
     * @throws IllegalArgumentException with a sentence that says what is wrong, if the bytes are not a valid catalogue
     */
    public static Catalogue read(byte[] json) {
        try {
            Form form = JSON.readValue(json, Form.class);
            return new Catalogue(form.version, form.meters, form.products);
        } catch (JacksonException notACatalogue) {
            throw new IllegalArgumentException(
                    "the catalogue cannot be read: " + notACatalogue.getOriginalMessage(), notACatalogue);
        }
    }

    private record Form(int version, List<Meter> meters, List<Product> products) {}
}
