package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.usage.UsageEventLimits;
import io.hourledger.ingest.accept.Slices.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class LineCutterTest {

    private static final int LONG = 3 * UsageEventLimits.MAX_EVENT_BYTES;
    private static final int PIECE = 8 * 1024;

    /** A line by its number, and what is in it. */
    private record Line(int number, String text) {}

    @Property
    void in_pieces_of_any_size_the_lines_are_those_of_the_whole_body(
            @ForAll("bodies") String body, @ForAll @IntRange(min = 1, max = 9) int piece) throws Exception {
        byte[] bytes = body.getBytes(UTF_8);
        List<Line> whole = lines(bytes, Slices.ofLines(bytes, Integer.MAX_VALUE));

        assertThat(inPieces(body, piece)).isEqualTo(whole);
    }

    @Test
    void a_line_that_is_longer_than_an_event_may_be_is_not_held_and_spoils_no_other() {
        String tooLong = "x".repeat(LONG);

        List<Line> lines = inPieces("first\n" + tooLong + "\nthird", PIECE);

        assertThat(lines).extracting(Line::number).containsExactly(1, 2, 3);
        assertThat(lines.get(1).text()).hasSize(UsageEventLimits.MAX_EVENT_BYTES + 1);
        assertThat(lines.get(2).text()).isEqualTo("third");
    }

    @Test
    void an_event_among_many_blanks_is_read_and_the_blanks_are_not_held() {
        LineCutter cutter = new LineCutter();
        byte[] blanks = " ".repeat(PIECE).getBytes(UTF_8);
        for (int i = 0; i < 100; i++) {
            assertThat(cutter.take(blanks, blanks.length)).isEmpty();
            assertThat(cutter.heldBytes()).isZero();
        }

        assertThat(cutter.take("{}".getBytes(UTF_8), 2)).isEmpty();
        assertThat(lines(cutter.last(), cutter)).containsExactly(new Line(1, "{}"));
    }

    private static List<Line> inPieces(String body, int piece) {
        byte[] bytes = body.getBytes(UTF_8);
        LineCutter cutter = new LineCutter();
        List<Line> lines = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += piece) {
            byte[] next = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
            lines.addAll(lines(cutter.take(next, next.length), cutter));
            assertThat(cutter.heldBytes()).isLessThanOrEqualTo(2 * UsageEventLimits.MAX_EVENT_BYTES);
        }
        lines.addAll(lines(cutter.last(), cutter));
        return lines;
    }

    private static List<Line> lines(List<Slice> slices, LineCutter cutter) {
        return lines(cutter.body(), slices);
    }

    private static List<Line> lines(byte[] body, List<Slice> slices) {
        return slices.stream()
                .map(slice -> new Line(slice.line(), new String(body, slice.offset(), slice.length(), UTF_8)))
                .toList();
    }

    @Provide
    Arbitrary<String> bodies() {
        return Arbitraries.strings().withChars("ab \n\r\t").ofMaxLength(60);
    }
}
