package io.hourledger.contracts.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.hourledger.contracts.usage.ReadUsage.Countable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class UsageEventSchemaTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TEXT = resource("/schemas/usage-event.schema.json");
    private static final JsonNode DOCUMENT = JSON.readTree(TEXT);
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(TEXT);

    private final UsageEventReader reader = new UsageEventReader(new Catalogue(
            1,
            List.of(
                    new Meter("requests", "web.request", Aggregation.COUNT, null, "requests", BigDecimal.ONE),
                    new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "MB", new BigDecimal("0.000001"))),
            List.of()));

    @Test
    void the_examples_are_events_for_schema_and_reader() {
        assertThat(DOCUMENT.at("/examples")).hasSize(2).allSatisfy(example -> {
            assertThat(SCHEMA.validate(example)).isEmpty();
            assertThat(read(example.toString())).isInstanceOf(Countable.class);
        });
    }

    @Test
    void the_limits_are_those_of_the_code() {
        assertThat(DOCUMENT.at("/$defs/name/maxLength").asInt()).isEqualTo(UsageEventLimits.MAX_NAME_CHARS);
        assertThat(DOCUMENT.at("/properties/subject/maxLength").asInt()).isEqualTo(UsageEventLimits.MAX_SUBJECT_CHARS);
        assertThat(DOCUMENT.at("/description").asString()).contains("" + UsageEventLimits.MAX_EVENT_BYTES);
        assertThat(DOCUMENT.at("/properties/data/description").asString())
                .contains(UsageEventLimits.MAX_INTEGER_DIGITS + " digits before the point and "
                        + UsageEventLimits.MAX_FRACTION_DIGITS + " behind it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"1.0\"                  | \"0.3\"",
                "\"specversion\":\"1.0\"  | \"x\":1",
                "\"/shop\"                | \"\"",
                "\"/shop\"                | 5",
                "\"/shop\"                | \"a\\u0007\"",
                "\"e-1\"                  | null",
                "\"id\"                   | \"uuid\"",
                "\"type\"                 | \"kind\"",
                "\"i-1\"                  | \"12345678901234567890123456789012345678901234567890123456789012345\"",
                "\"subject\"              | \"instance\"",
                "\"2026-11-24T13:05:00Z\" | \"yesterday\"",
                "\"2026-11-24T13:05:00Z\" | \"2026-11-24T13:05:00\"",
                "\"2026-11-24T13:05:00Z\" | \"2026-11-24T13:05:60Z\"",
                "\"2026-11-24T13:05:00Z\" | 1732453500",
                "\"time\"                 | \"at\"",
            })
    void what_the_reader_refuses_for_its_shape_the_schema_refuses_too(String find, String replacement) {
        String event =
                """
                {"specversion":"1.0","source":"/shop","id":"e-1","type":"web.request","subject":"i-1",\
                "time":"2026-11-24T13:05:00Z"}"""
                        .replace(find, replacement);

        assertThat(read(event)).isNotInstanceOf(Countable.class);
        assertThat(SCHEMA.validate(event, InputFormat.JSON)).isNotEmpty();
    }

    @Property
    void the_schema_never_refuses_what_the_reader_counts(@ForAll("events") String event) {
        if (read(event) instanceof Countable) {
            assertThat(SCHEMA.validate(event, InputFormat.JSON)).isEmpty();
        }
    }

    @Provide
    Arbitrary<String> events() {
        Arbitrary<String> name = Arbitraries.strings().ofMaxLength(6).map(text -> JSON.valueToTree(text)
                .toString());
        Arbitrary<String> time = Arbitraries.of(
                "\"2026-11-24T13:05:00Z\"", "\"2026-11-24t13:05:00.5z\"", "\"1970-01-01T00:00:00+00:00\"", "\"\"", "7");
        Arbitrary<String> data = Arbitraries.of(
                "{\"bytes\":1}", "{\"bytes\":\"1.5\"}", "[]", "null", "{\"bytes\":1e3,\"x\":[null]}", "\"x\"");
        return Combinators.combine(name, name, Arbitraries.of("web.request", "web.egress"), name, time, data)
                .as((source, id, type, subject, at, value) -> "{\"specversion\":\"1.0\",\"source\":" + source
                        + ",\"id\":" + id
                        + ",\"type\":\"" + type + "\",\"subject\":" + subject + ",\"time\":" + at + ",\"data\":" + value
                        + ",\"extra\":{}}");
    }

    @Test
    void the_openapi_document_refers_only_to_what_is_there() {
        JsonNode api = YAMLMapper.shared().readTree(resource("/openapi/metering-ingest.yaml"));

        assertThat(api.at("/openapi").asString()).isEqualTo("3.1.0");
        List<String> references = new ArrayList<>();
        collectReferences(api, references);
        assertThat(references).contains("../schemas/usage-event.schema.json").allSatisfy(reference -> {
            if (reference.startsWith("#")) {
                assertThat(api.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse();
            } else {
                assertThat(resource("/openapi/" + reference)).isNotBlank();
            }
        });
    }

    @Test
    void the_openapi_document_names_every_code_of_the_reader() {
        JsonNode api = YAMLMapper.shared().readTree(resource("/openapi/metering-ingest.yaml"));

        List<String> codes = new ArrayList<>();
        api.at("/components/schemas/ItemCode/enum").forEach(code -> codes.add(code.asString()));
        for (ReadUsage.Code code : ReadUsage.Code.values()) {
            assertThat(codes).contains(code.name().toLowerCase(java.util.Locale.ROOT));
        }
    }

    private static void collectReferences(JsonNode node, List<String> references) {
        if (node.has("$ref")) {
            references.add(node.get("$ref").asString());
        }
        node.forEach(child -> collectReferences(child, references));
    }

    private ReadUsage read(String event) {
        byte[] bytes = event.getBytes(UTF_8);
        return reader.read(bytes, 0, bytes.length);
    }

    private static String resource(String path) {
        try (InputStream stream = UsageEventSchemaTest.class.getResourceAsStream(path.replace("/openapi/../", "/"))) {
            assertThat(stream).as(path).isNotNull();
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
