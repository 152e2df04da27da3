package io.hourledger.standalone.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.standalone.traffic.TrafficLine.Malformed;
import io.hourledger.standalone.traffic.TrafficLine.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
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
        return readAll(AccessLog.of(file(text)));
    }

    private Path file(String text) throws IOException {
        return file(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("access.log"), bytes);
    }

    private static List<TrafficLine> readAll(AccessLog log) throws IOException {
        List<TrafficLine> lines = new ArrayList<>();
        try (Traffic.Reading reading = log.open()) {
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

    private static List<String> clients(List<TrafficLine> lines) {
        return lines.stream().map(line -> ((Request) line).buyer()).toList();
    }

    private static String refusal(TrafficLine line) {
        return ((Malformed) line).why();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shop.example:443 CLIENT - - TIME \"GET / HTTP/1.1\" 200 SIZE \"-\" \"x/1\"",
                "[2001:db8::5]:443 CLIENT - - TIME \"GET / HTTP/1.1\" 200 SIZE \"-\" \"x/1\"",
                "shop.example CLIENT - - TIME \"GET / HTTP/1.1\" 200 SIZE \"-\" \"x/1\"",
                "shop.example:443 CLIENT - jane TIME \"GET / HTTP/1.1\" 200 SIZE",
                "CLIENT - - TIME \"GET / HTTP/1.1\" 200 SIZE",
                "CLIENT - - TIME \"GET / HTTP/1.1\" 200 SIZE \"-\" \"x/1\" \"203.0.113.5, 10.0.0.1\""
            })
    void a_usual_format_is_recognised_and_the_client_billed(String format) throws IOException {
        StringBuilder log = new StringBuilder();
        for (String client : List.of("10.1.1.1", "2001:db8::1", "buyer.example")) {
            log.append(format.replace("CLIENT", client)
                            .replace("TIME", "[17/May/2015:10:05:03 +0000]")
                            .replace("SIZE", "100"))
                    .append('\n');
        }
        List<TrafficLine> lines = read(log.toString());
        assertThat(clients(lines)).containsExactly("10.1.1.1", "2001:db8::1", "buyer.example");
        assertThat(lines)
                .allSatisfy(line -> assertThat(((Request) line).bytes()).isEqualTo(100));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shop.example:443 10.1.1.1 - - | virtual host",
                "shop.example 10.1.1.1 - - | virtual host",
                "shop.example client.example - - | virtual host",
                "203.0.113.5,10.0.0.1 - - | forwarded addresses",
                "- - - | the client is missing",
                "May 17 10:05:03 web nginx: 10.1.1.1 - - | log collector",
                "shop.example - 10.1.1.1 | a field too many",
                "shop.example - 10.1.1.1:5123 | a field too many",
                "shop.example - client.example - jane | a field too many",
                "10.1.1.1:5123 - - | an address with a port",
                "[2001:db8::1]:5123 - - | an address with a port",
                "256.1.1.1 - - | neither an address nor a host name",
                "010.1.1.1 - - | neither an address nor a host name",
                "3232235777 - - | neither an address nor a host name",
                "2001:db8::1::2 - - | neither an address nor a host name",
                "{\"ip\":\"10.1.1.1\" - - | neither an address nor a host name"
            })
    void a_line_of_another_format_is_never_billed(String start, String why) throws IOException {
        String foreign = GOOD.replace("83.149.9.216 - -", start.strip());
        List<TrafficLine> lines = read(GOOD + "\n" + GOOD + "\n" + foreign + "\n");
        assertThat(lines.subList(0, 2)).hasOnlyElementsOfType(Request.class);
        assertThat(refusal(lines.get(2))).contains(why.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"203.0.113.5, 10.0.0.1 - -", "10.0.0.5 client.example - -", "10.0.0.5 client.example - jane"})
    void a_log_is_billed_to_nobody_if_two_addresses_could_be_the_client(String start) throws IOException {
        String line = GOOD.replace("83.149.9.216 - -", start) + "\n";
        assertThat(read(line + line)).hasSize(2).hasOnlyElementsOfType(Malformed.class);
    }

    @Test
    void a_virtual_host_that_is_an_address_is_passed_over_if_the_format_is_told() throws IOException {
        Path log = file(GOOD.replace("83.149.9.216", "10.0.0.5 client.example") + "\n");
        AccessLogFormat told = AccessLogFormat.of("%v %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"");
        assertThat(clients(readAll(AccessLog.of(log, told)))).containsExactly("client.example");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2001:db8::1 | 2001:DB8::1 2001:0db8::0001 2001:db8:0:0:0:0:0:1 [2001:db8::1]",
                "10.1.1.1 | ::ffff:10.1.1.1 ::FFFF:0a01:0101",
                "2001:db8:0:1:1:1:1:1 | 2001:db8::1:1:1:1:1",
                "2001:0:0:1::1 | 2001::1:0:0:0:1",
                "1:0:0:2::3 | 1:0:0:2:0:0:0:3",
                "1::2:0:0:3:4 | 1:0:0:2:0:0:3:4",
                "::1 | 0:0:0:0:0:0:0:1",
                ":: | 0::0",
                "1:: | 1:0:0:0:0:0:0:0",
                "fe80::1%eth0 | FE80:0::1%eth0"
            })
    void one_address_is_one_buyer_however_it_is_written(String buyer, String spellings) throws IOException {
        for (String spelling : spellings.strip().split(" ")) {
            assertThat(clients(read(GOOD.replace("83.149.9.216", spelling) + "\n")))
                    .as(spelling)
                    .containsExactly(buyer.strip());
        }
    }

    @Test
    void a_line_counts_if_only_what_is_not_billed_was_cut() throws IOException {
        int whole = GOOD.indexOf("203023 ") + "203023 ".length();
        for (int end = whole; end < GOOD.length(); end++) {
            assertThat(read(GOOD + "\n" + GOOD.substring(0, end) + "\n"))
                    .as(GOOD.substring(0, end))
                    .hasOnlyElementsOfType(Request.class);
        }
        for (int end = 1; end < whole; end++) {
            assertThat(read(GOOD + "\n" + GOOD.substring(0, end) + "\n").get(1))
                    .as(GOOD.substring(0, end))
                    .isInstanceOf(Malformed.class);
        }
    }

    @Test
    void a_size_at_the_end_of_a_file_without_line_end_is_not_guessed() throws IOException {
        String common = GOOD.substring(0, GOOD.indexOf(" \"http"));
        List<TrafficLine> lines = read(common + "\n" + common);
        assertThat(lines.get(0)).isInstanceOf(Request.class);
        assertThat(refusal(lines.get(1))).contains("may have been cut");
    }

    @Test
    void what_copytruncate_leaves_is_refused_by_line() throws IOException {
        List<TrafficLine> lines = read("\0".repeat(40) + GOOD + "\n" + GOOD + "\n");
        assertThat(refusal(lines.get(0))).contains("control character (0x00)");
        assertThat(lines.get(1)).isInstanceOf(Request.class);
    }

    @Test
    void a_name_beyond_ascii_is_one_buyer_under_its_own_name() throws IOException {
        String utf8 = new String("café.example".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(clients(read(
                        GOOD.replace("83.149.9.216", utf8) + "\n" + GOOD.replace("83.149.9.216", "caf\u00e9.example"))))
                .containsExactly("café.example", "caf\\xe9.example");
    }

    @Test
    void a_gzip_file_and_a_byte_order_mark_are_read() throws IOException {
        String marked = "\u00ef\u00bb\u00bf" + GOOD + "\n" + GOOD + "\n";
        assertThat(clients(read(marked))).containsExactly("83.149.9.216", "83.149.9.216");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (int member = 0; member < 2; member++) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(marked.substring(3 * member).getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(readAll(AccessLog.of(file(packed.toByteArray())))).hasSize(4).hasOnlyElementsOfType(Request.class);

        byte[] cut = Arrays.copyOf(packed.toByteArray(), packed.size() - 20);
        assertThatThrownBy(() -> readAll(AccessLog.of(file(cut))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("gzip file that ends too early");
    }

    @Test
    void no_line_behind_the_end_of_a_gzip_member_is_passed_over() throws IOException {
        byte[] member = packed(GOOD + "\n");
        byte[] plain = (GOOD + "\n").getBytes(StandardCharsets.ISO_8859_1);
        for (byte[] behind : List.of(plain, Arrays.copyOf(member, 6), Arrays.copyOf(member, 1))) {
            Path file = file(joined(member, behind));
            assertThatThrownBy(() -> readAll(AccessLog.of(file)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("access.log is a damaged gzip file", "something behind its end");
        }
    }

    @Test
    void gzip_members_of_any_length_are_read_to_the_last_line() throws IOException {
        for (int length = 0; length < 600; length += 7) {
            byte[] members = joined(packed(random(length) + "\n"), packed(GOOD + "\n"));
            assertThat(readAll(AccessLog.of(file(members))))
                    .as("%d characters", length)
                    .hasSize(2);
        }
    }

    @Test
    void a_gzip_file_that_was_damaged_says_so() throws IOException {
        byte[] damaged = packed(GOOD + "\n");
        damaged[damaged.length - 6] ^= 1;
        Path file = file(damaged);
        assertThatThrownBy(() -> readAll(AccessLog.of(file))).hasMessageContaining("access.log is a damaged gzip file");
    }

    private static String random(int length) {
        return new Random(length)
                .ints(length, '0', 'z')
                .mapToObj(c -> String.valueOf((char) c))
                .collect(Collectors.joining());
    }

    private static byte[] packed(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        return packed.toByteArray();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    @Test
    void a_file_that_is_no_text_is_refused_by_what_it_is() throws IOException {
        for (java.nio.charset.Charset utf16 :
                List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            Path file = file((GOOD + "\n").getBytes(utf16));
            assertThatThrownBy(() -> AccessLog.of(file)).hasMessageContaining("UTF-16", "iconv");
        }
        Path zip = file("PK\3\4rest");
        assertThatThrownBy(() -> AccessLog.of(zip)).hasMessageContainingAll("zip archive", "unpack");
        Path tar = file("access.log" + "\0".repeat(247) + "ustar\00000" + "\0".repeat(247) + GOOD + "\n");
        assertThatThrownBy(() -> AccessLog.of(tar)).hasMessageContainingAll("tar archive", "unpack");
    }

    @Test
    void a_log_in_another_notation_is_refused_by_its_name() throws IOException {
        Path json = file("{\"remote_addr\":\"10.1.1.1\",\"status\":200}\n");
        assertThatThrownBy(() -> AccessLog.of(json)).hasMessageContainingAll("is JSON", "combined", "--log-format");
        Path iis = file("#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n");
        assertThatThrownBy(() -> AccessLog.of(iis)).hasMessageContaining("W3C extended format");
        Path fields = file("#Fields: date time c-ip sc-bytes\n2015-05-17 10:05:03 10.1.1.1 100\n");
        assertThatThrownBy(() -> AccessLog.of(fields)).hasMessageContaining("W3C extended format");
    }

    @Test
    void a_log_that_a_told_format_makes_look_like_json_is_read() throws IOException {
        Path log = file("{\"client\":\"10.1.1.1\",\"time\":\"[17/May/2015:10:05:03 +0000]\",\"bytes\":\"7\"}\n");
        AccessLogFormat told = AccessLogFormat.of("{\"client\":\"%h\",\"time\":\"%t\",\"bytes\":\"%b\"}");
        try (Traffic.Reading reading = AccessLog.of(log, told).open()) {
            assertThat(reading.next()).isInstanceOf(TrafficLine.Request.class);
        }
    }

    @Test
    void a_file_with_bare_carriage_returns_says_so() throws IOException {
        assertThat(read(GOOD + "\r" + GOOD + "\r")).singleElement().satisfies(line -> assertThat(refusal(line))
                .contains("carriage return"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%h %t %B | 10.1.1.1 [17/May/2015:10:05:03 +0000] 7",
                "%{X-Forwarded-For}i %a %l %u %t \"%r\" %>s %b %D | 1.1.1.1, 2.2.2.2 10.1.1.1 - - [17/May/2015:10:05:03 +0000] \"GET /\" 200 7 91",
                "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent | 10.1.1.1 - - [17/May/2015:10:05:03 +0000] \"GET /\" 200 7",
                "[$time_local] ${remote_addr} $bytes_sent \"$http_x\" | [17/May/2015:10:05:03 +0000] 10.1.1.1 7 \"x y\""
            })
    void any_other_format_can_be_named_as_the_server_names_it(String format, String line) throws IOException {
        AccessLogFormat named = AccessLogFormat.of(format.strip());
        assertThat(readAll(AccessLog.of(file(line.strip() + "\n"), named)))
                .containsExactly(new Request(1, "line-1", "10.1.1.1", Instant.parse("2015-05-17T10:05:03Z"), 7, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "combine | no log format",
                "%l %u %t %b | names the client",
                "%h %b | names the time",
                "%h %t \"%r\" | names the size",
                "%h %a %t %b | 2 times",
                "%h %{%d/%b}t %b | only %t"
            })
    void a_format_that_cannot_bill_is_refused(String format, String why) {
        assertThatThrownBy(() -> AccessLogFormat.of(format.strip()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why.strip());
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
                "17/May/2015 | 17/May/0015 | outside the years 1970 to 9999",
                "17/May/2015:10:05:03 +0000 | 01/Jan/1970:00:30:00 +0100 | outside the years 1970 to 9999",
                "17/May/2015:10:05:03 +0000 | 31/Dec/9999:23:59:59 -0100 | outside the years 1970 to 9999",
                "203023 | 12x | the size is neither",
                "203023 | -5 | the size is neither",
                "203023 | 9999999999999999999 | the size is neither",
                " 200 |  2000 | the status is not three digits",
                "[17 | 17 | no time in [brackets]",
                "+0000] | +0000 | closing bracket",
                "HTTP/1.1\" | HTTP/1.1 | behind the request",
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
