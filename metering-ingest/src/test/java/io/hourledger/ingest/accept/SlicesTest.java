package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.ingest.accept.Slices.NotABatch;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.Slices.TooMany;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class SlicesTest {

    private static final int MANY = 1_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void each_item_keeps_its_own_bytes_without_the_space_around_it() throws Exception {
        assertThat(array(" [ {\"a\": [1, 2]} ,\n{\"b\":\"],[\\\"}\"}\t] "))
                .containsExactly("{\"a\": [1, 2]}", "{\"b\":\"],[\\\"}\"}");
    }

    @Test
    void an_item_that_is_not_json_is_cut_off_from_its_neighbours() throws Exception {
        assertThat(array("[{\"a\":1},nonsense,{x y},17,{\"a\":2}]"))
                .containsExactly("{\"a\":1}", "nonsense", "{x y}", "17", "{\"a\":2}");
    }

    @Test
    void text_beyond_ascii_is_never_cut() throws Exception {
        assertThat(array("[\"，字\",\"🚀\"]")).containsExactly("\"，字\"", "\"🚀\"");
    }

    @Test
    void a_backslash_at_the_very_end_is_cut_off_text_and_no_crash() {
        assertThatThrownBy(() -> array("[\"\\")).isInstanceOf(NotABatch.class);
        assertThatThrownBy(() -> array("[\"abc\\\"]")).isInstanceOf(NotABatch.class);
    }

    @Property
    void any_json_array_is_cut_into_its_elements(@ForAll("values") List<JsonNode> elements) throws Exception {
        JsonNode array = JSON.valueToTree(elements);

        for (String text : List.of(array.toString(), array.toPrettyString())) {
            List<JsonNode> cut = new ArrayList<>();
            for (String item : array(text)) {
                cut.add(JSON.readTree(item));
            }
            assertThat(cut).hasToString(elements.toString());
        }
    }

    @Property
    void whatever_the_bytes_the_slices_lie_in_order_inside_the_body(@ForAll("brackets") String text) {
        byte[] body = text.getBytes(UTF_8);
        try {
            int end = 0;
            for (Slice slice : Slices.ofArray(body, MANY)) {
                assertThat(slice.offset()).isGreaterThan(end);
                assertThat(slice.length()).isPositive();
                end = slice.offset() + slice.length();
            }
            assertThat(end).isLessThan(body.length);
        } catch (NotABatch | TooMany refused) {
            assertThat(refused).hasMessageMatching("(?s).+");
        }
    }

    @Test
    void lines_are_cut_at_line_ends_and_blank_ones_left_out() throws Exception {
        assertThat(texts("a\nb\r\n\n \t\nc", Slices.ofLines("a\nb\r\n\n \t\nc".getBytes(UTF_8), MANY)))
                .containsExactly("a", "b", "c");
        assertThat(Slices.ofLines(new byte[0], MANY)).isEmpty();
    }

    @Test
    void a_line_is_known_by_its_number_in_the_body_blank_ones_included() throws Exception {
        assertThat(Slices.ofLines("a\r\n\n\nb".getBytes(UTF_8), MANY))
                .extracting(Slice::line)
                .containsExactly(1, 4);
    }

    @Test
    void a_body_of_millions_of_items_is_not_cut_beyond_the_bound() throws Exception {
        byte[] millions = ("[1" + ",1".repeat(2_000_000) + "]").getBytes(UTF_8);
        byte[] lines = "1\n".repeat(2_000_000).getBytes(UTF_8);

        assertThatThrownBy(() -> Slices.ofArray(millions, 10_000)).isInstanceOf(TooMany.class);
        assertThatThrownBy(() -> Slices.ofLines(lines, 10_000)).isInstanceOf(TooMany.class);
        assertThat(Slices.ofArray("[1,1]".getBytes(UTF_8), 2)).hasSize(2);
        assertThat(Slices.ofLines("1\n1\n".getBytes(UTF_8), 2)).hasSize(2);
    }

    @Provide
    Arbitrary<List<JsonNode>> values() {
        Arbitrary<JsonNode> leaf = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(8).map(JSON::valueToTree),
                Arbitraries.strings().withChars("[]{},\"\\: ").ofMaxLength(8).map(JSON::valueToTree),
                Arbitraries.longs().map(JSON::valueToTree),
                Arbitraries.of(true, false).map(JSON::valueToTree));
        Arbitrary<JsonNode> value = Arbitraries.oneOf(
                leaf,
                leaf.list().ofMaxSize(4).map(JSON::valueToTree),
                Arbitraries.maps(
                                Arbitraries.strings().ofMaxLength(4),
                                leaf.list().ofMaxSize(3))
                        .ofMaxSize(3)
                        .map(JSON::valueToTree));
        return value.list().ofMaxSize(6);
    }

    @Provide
    Arbitrary<String> brackets() {
        return Arbitraries.strings()
                .withChars("[]{},\"\\ a1:\n")
                .ofMaxLength(20)
                .map(inside -> "[" + inside);
    }

    private static List<String> array(String text) throws Exception {
        return texts(text, Slices.ofArray(text.getBytes(UTF_8), MANY));
    }

    private static List<String> texts(String text, List<Slice> slices) {
        byte[] body = text.getBytes(UTF_8);
        return slices.stream()
                .map(slice -> new String(body, slice.offset(), slice.length(), UTF_8))
                .toList();
    }
}
