package io.hourledger.standalone.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.standalone.traffic.TrafficLine.Malformed;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class AccessLogTest {

    private static final String GOOD =
            "83.149.9.216 - - [17/May/2015:10:05:03 +0000] \"GET /a.png HTTP/1.1\" 200 203023 \"http://x/\" \"Mozilla/5.0\"";

    @TempDir
    Path folder;

    private List<TrafficLine> read(String text) throws IOException {
        Path file = Files.write(folder.resolve("access.log"), text.getBytes(StandardCharsets.ISO_8859_1));
        List<TrafficLine> lines = new ArrayList<>();
        try (Traffic.Reading reading = new AccessLog(file).open()) {
            for (TrafficLine line = reading.next(); line != null; line = reading.next()) {
                lines.add(line);
            }
        }
        return lines;
    }

    @Test
    void a_line_of_the_combined_format_is_a_request() throws IOException {
        assertThat(read(GOOD + "\n"))
                .containsExactly(new Request(
                        1, "line-1", "83.149.9.216", Instant.parse("2015-05-17T10:05:03Z"), 203_023, false));
    }

    @Test
    void a_dash_for_the_size_is_zero_bytes() throws IOException {
        assertThat(read(GOOD.replace("203023", "-")))
                .singleElement()
                .isInstanceOfSatisfying(
                        Request.class, r -> assertThat(r.bytes()).isZero());
    }

    @Test
    void a_time_in_another_zone_is_read_as_utc() throws IOException {
        assertThat(read(GOOD.replace("+0000", "+0530")))
                .singleElement()
                .isInstanceOfSatisfying(
                        Request.class, r -> assertThat(r.time()).isEqualTo(Instant.parse("2015-05-17T04:35:03Z")));
    }

    @Test
    void two_identical_lines_are_two_requests() throws IOException {
        assertThat(read(GOOD + "\n" + GOOD + "\n"))
                .extracting(line -> ((Request) line).key())
                .containsExactly("line-1", "line-2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a.png HTTP/1.1|GET /\\\"quoted\\\" HTTP/1.1",
                "Mozilla/5.0|a [bracket] and a \\\\",
                "- - [|- Jane Roe [",
                "Mozilla/5.0|\u00ff\u0080",
                "\"http://x/\"|\"\"",
                "83.149.9.216|2001:db8::1",
                "203023|0"
            })
    void what_agents_write_does_not_confuse_the_reader(String change) throws IOException {
        String[] fromTo = change.split("\\|", 2);
        assertThat(read(GOOD.replace(fromTo[0], fromTo[1]))).singleElement().isInstanceOf(Request.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "17/May/2015:10:05:03 +0000 | 31/Feb/2015:10:05:03 +0000 | the time is not like",
                "17/May/2015:10:05:03 +0000 | 2015-05-17T10:05:03Z | the time is not like",
                "17/May/2015 | 17/Mai/2015 | the time is not like",
                "203023 | 12x | the size is neither",
                "203023 | -5 | the size is neither",
                "203023 | 9999999999999999999 | the size is neither",
                " 200 |  2000 | the status is not three digits",
                "[17 | 17 | no time in [brackets]",
                "+0000] | +0000 | closing bracket",
                "HTTP/1.1\" | HTTP/1.1 | behind the request",
                "Mozilla/5.0\" | Mozilla/5.0 | the closing quote of the agent is missing",
                "Mozilla/5.0\" | Mozilla/5.0\" tail | more behind the agent"
            })
    void a_malformed_line_says_what_is_wrong_with_it(String from, String to, String why) throws IOException {
        String bad = GOOD.replace(from.strip(), to.strip());
        assertThat(bad).isNotEqualTo(GOOD);
        assertThat(read(GOOD + "\n" + bad + "\n" + GOOD))
                .satisfiesExactly(
                        first -> assertThat(first).isInstanceOf(Request.class),
                        second -> assertThat(second).isInstanceOfSatisfying(Malformed.class, malformed -> {
                            assertThat(malformed.number()).isEqualTo(2);
                            assertThat(malformed.why()).contains(why.strip());
                        }),
                        third -> assertThat(((Request) third).key()).isEqualTo("line-3"));
    }

    @Test
    void empty_cut_and_endless_lines_stop_nothing() throws IOException {
        String endless = "x".repeat(3 * AccessLog.MAX_LINE_BYTES);
        List<TrafficLine> lines =
                read("\n" + GOOD.substring(0, 60) + "\r\n" + endless + "\n" + GOOD + "\r\n" + "half a li");
        assertThat(lines).hasSize(5);
        assertThat(lines.get(0)).isEqualTo(new Malformed(1, "the line is empty"));
        assertThat(lines.get(1)).isInstanceOf(Malformed.class);
        assertThat(lines.get(2)).isEqualTo(new Malformed(3, "the line is longer than 65536 bytes"));
        assertThat(lines.get(3)).isInstanceOf(Request.class);
        assertThat(lines.get(4)).isInstanceOf(Malformed.class);
    }
}
