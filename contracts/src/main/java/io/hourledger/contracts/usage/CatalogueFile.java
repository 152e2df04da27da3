package io.hourledger.contracts.usage;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.hourledger.contracts.usage.MeterFilter.Value;
import io.hourledger.contracts.usage.PackageTerms.OrderSays;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
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
 * A meter may have a filter, {@code "where": {"region": "eu", "tier": ["gold", "silver"]}}: it reads the events of its type whose data match.
 *
 * <p>A unique count may bound the values of a bucket, {@code "aggregation": "UNIQUE", "mostValues": 1000}. A percentile says which, and what five
 * minutes come to: {@code "aggregation": "PERCENTILE", "percentile": "95", "fiveMinutes": "SUM"}. A time-weighted sum says for how
 * long a level holds if no other follows it: {@code "aggregation": "TIME_WEIGHTED_SUM", "holdFor": "PT4H"}.
 *
 * <p>A package has {@code "package": {"stopWhenUsedUp": true, "for": ["web-egress"], "amount": "10000"}}; without an amount the order must say
 * it. With {@code "orderSays": "COUNT"} the order says how many were bought, and not how much they contain.
 *
 * <p>An unknown member, and one that is there twice, is an error: a misspelt setting must not be a default in silence.
 */
public final class CatalogueFile {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private CatalogueFile() {}

    /**
     * @throws IllegalArgumentException with a sentence that says what is wrong, if the bytes are not a valid catalogue
     */
    public static Catalogue read(byte[] json) {
        try {
            Form form = JSON.readValue(json, Form.class);
            return new Catalogue(
                    form.version,
                    form.meters.stream().map(MeterForm::meter).toList(),
                    form.products.stream().map(ProductForm::product).toList());
        } catch (JacksonException notACatalogue) {
            throw new IllegalArgumentException(
                    "the catalogue cannot be read: " + notACatalogue.getOriginalMessage(), notACatalogue);
        }
    }

    /** In the form that {@link #read} reads. */
    public static byte[] write(Catalogue catalogue) {
        List<Map<String, Object>> meters = new ArrayList<>();
        for (Meter meter : catalogue.meters()) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("name", meter.name());
            members.put("eventType", meter.eventType());
            members.put("aggregation", meter.aggregation());
            members.put("valueField", meter.valueField());
            members.put("unit", meter.unit());
            members.put("unitFactor", meter.unitFactor().toPlainString());
            if (!meter.filter().isEmpty()) {
                members.put("where", meter.filter().json());
            }
            members.putAll(members(meter.terms()));
            meters.add(members);
        }
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("version", catalogue.version());
        form.put("meters", meters);
        form.put(
                "products",
                catalogue.products().stream().map(CatalogueFile::members).toList());
        return JSON.writeValueAsBytes(form);
    }

    /** What a meter's terms are called in the file. */
    static Map<String, Object> members(MeterTerms terms) {
        Map<String, Object> members = new LinkedHashMap<>();
        switch (terms) {
            case MeterTerms.None() -> {
                // there is nothing to say
            }
            case MeterTerms.Unique(int mostValues) -> members.put("mostValues", mostValues);
            case MeterTerms.Percentile(BigDecimal percentile, Aggregation fiveMinutes) -> {
                members.put("percentile", percentile.toPlainString());
                members.put("fiveMinutes", fiveMinutes.name());
            }
            case MeterTerms.TimeWeighted(Duration holdFor) -> members.put("holdFor", holdFor.toString());
        }
        return members;
    }

    private static Map<String, Object> members(Product product) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("productId", product.productId());
        members.put("meter", product.meter());
        members.put("chargingMode", product.chargingMode());
        members.put("pricingMode", product.pricingMode());
        members.put("billingCycle", product.billingCycle());
        PackageTerms terms = product.packageTerms();
        if (terms != null) {
            Map<String, Object> ofPackage = new LinkedHashMap<>();
            ofPackage.put("stopWhenUsedUp", terms.stopWhenUsedUp());
            ofPackage.put("for", terms.servedProducts());
            if (terms.amount() != null) {
                ofPackage.put("amount", terms.amount().toPlainString());
            }
            if (terms.orderSays() != OrderSays.AMOUNT) {
                ofPackage.put("orderSays", terms.orderSays());
            }
            members.put("package", ofPackage);
        }
        return members;
    }

    private record Form(int version, List<MeterForm> meters, List<ProductForm> products) {}

    private static final class ProductForm {
        private final Product product;

        /** It may be left out, as most products are no packages. */
        @JsonProperty("package")
        @JsonSetter(nulls = Nulls.FAIL)
        private @Nullable PackageForm packageForm;

        @JsonCreator
        ProductForm(
                @JsonProperty("productId") String productId,
                @JsonProperty("meter") String meter,
                @JsonProperty("chargingMode") ChargingMode chargingMode,
                @JsonProperty("pricingMode") PricingMode pricingMode,
                @JsonProperty("billingCycle") BillingCycle billingCycle) {
            this.product = new Product(productId, meter, chargingMode, pricingMode, billingCycle);
        }

        Product product() {
            return packageForm == null
                    ? product
                    : new Product(
                            product.productId(),
                            product.meter(),
                            product.chargingMode(),
                            product.pricingMode(),
                            product.billingCycle(),
                            packageForm.terms());
        }
    }

    private static final class PackageForm {
        private final boolean stopWhenUsedUp;

        /** It may be left out: then the order must say it. */
        @JsonProperty
        @JsonSetter(nulls = Nulls.FAIL)
        private @Nullable BigDecimal amount;

        /** It may be left out, and is told with a sentence then. */
        @JsonProperty("for")
        @JsonSetter(nulls = Nulls.FAIL)
        private List<String> servedProducts = List.of();

        /** It may be left out: most orders say what the package contains, if they say anything. */
        @JsonProperty
        @JsonSetter(nulls = Nulls.FAIL)
        private OrderSays orderSays = OrderSays.AMOUNT;

        @JsonCreator
        PackageForm(@JsonProperty("stopWhenUsedUp") boolean stopWhenUsedUp) {
            this.stopWhenUsedUp = stopWhenUsedUp;
        }

        PackageTerms terms() {
            return new PackageTerms(stopWhenUsedUp, servedProducts, amount, orderSays);
        }
    }

    private static final class MeterForm {
        private final String name;
        private final String eventType;
        private final Aggregation aggregation;
        private final @Nullable String valueField;
        private final String unit;
        private final BigDecimal unitFactor;

        /** It may be left out. As null it could be meant to read all or nothing. */
        @JsonProperty
        @JsonSetter(nulls = Nulls.FAIL)
        private @Nullable Map<String, JsonNode> where;

        /** Of a unique count alone, where it may be left out. */
        @JsonProperty
        @JsonSetter(nulls = Nulls.FAIL)
        private @Nullable Integer mostValues;

        /** Of a percentile alone, which needs it. */
        @JsonProperty
        @JsonSetter(nulls = Nulls.FAIL)
        private @Nullable BigDecimal percentile;

        /** Of a percentile alone, which needs it. */
        @JsonProperty
        @JsonSetter(nulls = Nulls.FAIL)
        private @Nullable Aggregation fiveMinutes;

        /** Of a time-weighted sum alone, which needs it. */
        @JsonProperty
        @JsonSetter(nulls = Nulls.FAIL)
        private @Nullable String holdFor;

        @JsonCreator
        MeterForm(
                @JsonProperty("name") String name,
                @JsonProperty("eventType") String eventType,
                @JsonProperty("aggregation") Aggregation aggregation,
                @JsonProperty("valueField") @Nullable String valueField,
                @JsonProperty("unit") String unit,
                @JsonProperty("unitFactor") BigDecimal unitFactor) {
            this.name = name;
            this.eventType = eventType;
            this.aggregation = aggregation;
            this.valueField = valueField;
            this.unit = unit;
            this.unitFactor = unitFactor;
        }

        Meter meter() {
            return new Meter(name, eventType, aggregation, valueField, unit, unitFactor, filter(), terms());
        }

        private MeterTerms terms() {
            boolean isPercentile = aggregation == Aggregation.PERCENTILE;
            if (isPercentile != (percentile != null) || isPercentile != (fiveMinutes != null)) {
                throw new IllegalArgumentException("meter " + name
                        + ": a PERCENTILE needs \"percentile\" and \"fiveMinutes\", and no other kind has them");
            }
            if (mostValues != null && aggregation != Aggregation.UNIQUE) {
                throw new IllegalArgumentException("meter " + name + ": only UNIQUE has \"mostValues\"");
            }
            boolean isTimeWeighted = aggregation == Aggregation.TIME_WEIGHTED_SUM;
            if (isTimeWeighted != (holdFor != null)) {
                throw new IllegalArgumentException(
                        "meter " + name + ": a TIME_WEIGHTED_SUM needs \"holdFor\", and no other kind has it");
            }
            try {
                if (holdFor != null) {
                    return new MeterTerms.TimeWeighted(held(holdFor));
                }
                if (percentile != null && fiveMinutes != null) {
                    return new MeterTerms.Percentile(percentile, fiveMinutes);
                }
                return aggregation == Aggregation.UNIQUE
                        ? new MeterTerms.Unique(mostValues == null ? MeterTerms.Unique.DEFAULT_MOST_VALUES : mostValues)
                        : new MeterTerms.None();
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException("meter " + name + ": " + wrong.getMessage(), wrong);
            }
        }

        private static Duration held(String holdFor) {
            try {
                return Duration.parse(holdFor);
            } catch (DateTimeParseException noDuration) {
                throw new IllegalArgumentException(
                        "\"holdFor\" must be a duration such as PT4H: " + holdFor, noDuration);
            }
        }

        private MeterFilter filter() {
            if (where == null) {
                return MeterFilter.ALL;
            }
            if (where.isEmpty()) {
                throw new IllegalArgumentException("meter " + name
                        + " has a filter without a member: leave \"where\" out, or name a member of data");
            }
            SortedMap<String, List<Value>> members = new TreeMap<>();
            where.forEach((member, wanted) -> members.put(member, valuesOf(member, wanted)));
            try {
                return new MeterFilter(members);
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException("meter " + name + ": " + wrong.getMessage(), wrong);
            }
        }

        private List<Value> valuesOf(String member, JsonNode wanted) {
            List<Value> values = new ArrayList<>();
            for (JsonNode one : wanted.isArray() ? wanted.values() : List.of(wanted)) {
                values.add(
                        switch (one.getNodeType()) {
                            case STRING -> new Value.Text(one.stringValue());
                            case NUMBER -> new Value.Decimal(one.decimalValue());
                            case BOOLEAN -> new Value.Truth(one.booleanValue());
                            default ->
                                throw new IllegalArgumentException("the filter of meter " + name + " wants of " + member
                                        + " what is neither a string nor a number nor true or false: " + one);
                        });
            }
            return values;
        }
    }
}
