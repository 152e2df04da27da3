package io.hourledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class JsonReaderTest {

    private static final JsonMapper JACKSON = JsonMapper.shared();

    @Property(tries = 100)
    void what_jackson_writes_is_read_back(@ForAll("objects") Map<String, Object> object) {
        assertThat(JsonReader.object(JACKSON.writeValueAsString(object))).hasValue(object);
    }

    @Property(tries = 100)
    void an_answer_that_broke_off_is_no_answer(@ForAll("objects") Map<String, Object> object, @ForAll int place) {
        String whole = JACKSON.writeValueAsString(object);

        assertThat(JsonReader.object(whole.substring(0, Math.floorMod(place, whole.length()))))
                .isEmpty();
    }

    @Property(tries = 100)
    void jackson_reads_back_what_was_written(@ForAll String text) {
        StringBuilder json = new StringBuilder();
        JsonWriter.string(json, text);

        assertThat(JACKSON.readTree(json.toString()).asString()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{} {}",
                "{\"a\":01}",
                "{\"a\":1,}",
                "{,}",
                "{\"a\" 1}",
                "{\"a\":+1}",
                "{\"a\":tru}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":[1,]}",
                "<html>502 Bad Gateway</html>",
                "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"
            })
    void what_is_not_one_json_object_is_not_read(String text) {
        assertThat(JsonReader.object(text)).isEmpty();
    }

    @Provide
    Arbitrary<Map<String, Object>> objects() {
        return objects(3);
    }

    private static Arbitrary<Map<String, Object>> objects(int depth) {
        return Arbitraries.maps(Arbitraries.strings().ofMaxLength(5), values(depth))
                .ofMaxSize(4);
    }

    private static Arbitrary<Object> values(int depth) {
        Arbitrary<Object> leaves = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(8).asGeneric(),
                Arbitraries.of(true, false).asGeneric(),
                Arbitraries.bigDecimals().map(JsonReaderTest::asRead).asGeneric());
        if (depth == 0) {
            return leaves;
        }
        Arbitrary<List<Object>> lists = values(depth - 1).list().ofMaxSize(3);
        return Arbitraries.oneOf(leaves, lists.asGeneric(), objects(depth - 1).asGeneric());
    }

    private static BigDecimal asRead(BigDecimal number) {
        return new BigDecimal(JACKSON.writeValueAsString(number));
    }
}
