package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests byte by byte, in the spellings that clients in the field use. Each shows that one event is one event. */
@Tag("servers")
class RawRequestsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String BINARY_ATTRIBUTES =
            """
            ce-specversion: 1.0
            ce-type: web.egress
            ce-source: /shop
            ce-subject: i-1
            ce-time: 2026-11-24T13:04:59Z
            """;

    private static RunningIngest ingest;

    @BeforeAll
    static void start() {
        ingest = RunningIngest.start();
    }

    @AfterAll
    static void stop() {
        ingest.close();
    }

    @Test
    void chunks_are_one_body() throws IOException {
        String body = event("chunked");
        StringBuilder chunks = new StringBuilder();
        for (int at = 0; at < body.length(); at += 50) {
            String chunk = body.substring(at, Math.min(body.length(), at + 50));
            chunks.append(Integer.toHexString(chunk.length()))
                    .append("\r\n")
                    .append(chunk)
                    .append("\r\n");
        }

        String answer = talk(head("HTTP/1.1", "Transfer-Encoding: chunked\n") + chunks + "0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 202");
        assertThat(logged("chunked")).isEqualTo(1);
    }

    @Test
    void http_1_0_and_expect_are_served() throws IOException {
        assertThat(talk(whole("HTTP/1.0", "", event("http-1.0")))).startsWith("HTTP/1.1 202");
        assertThat(talk(whole("HTTP/1.1", "Expect: 100-continue\n", event("expects"))))
                .contains("HTTP/1.1 202");
        assertThat(logged("http-1.0") + logged("expects")).isEqualTo(2);
    }

    @Test
    void requests_in_a_row_on_one_connection_are_answered_in_order() throws IOException {
        String first =
                whole("HTTP/1.1", "", event("pipelined-1")).replace("Connection: close", "Connection: keep-alive");
        String refused = whole("HTTP/1.1", "", event("pipelined-2").replace("/shop", "/other"))
                .replace("Connection: close", "Connection: keep-alive");

        String answers = talk(first + refused + whole("HTTP/1.1", "", event("pipelined-3")));

        assertThat(answers.indexOf("202")).isLessThan(answers.indexOf("403"));
        assertThat(answers.lastIndexOf("202")).isGreaterThan(answers.indexOf("403"));
        assertThat(logged("pipelined-1") + logged("pipelined-3")).isEqualTo(2);
    }

    /** A sender at a high rate would else pay for a new connection with every hundredth event. */
    @Test
    void a_connection_serves_as_many_requests_as_its_sender_likes() throws IOException {
        String request = whole("HTTP/1.1", "", event("again and again"));
        String goesOn = request.replace("Connection: close", "Connection: keep-alive");

        String answers = talk(goesOn.repeat(150) + request);

        assertThat(answers.split("HTTP/1.1 202", -1)).hasSize(1 + 151);
    }

    @Test
    void a_body_shorter_than_it_says_is_never_accepted() throws IOException {
        String request = whole("HTTP/1.1", "", event("short"));
        String length = "Content-Length: " + event("short").length();

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port())) {
            String promisesMore =
                    request.replace(length, "Content-Length: " + (event("short").length() + 9));
            socket.getOutputStream().write(promisesMore.getBytes(ISO_8859_1));
        }

        assertThat(talk(whole("HTTP/1.1", "", event("after the short one")))).startsWith("HTTP/1.1 202");
        assertThat(logged("short")).isZero();
    }

    /** The attribute comes as the first column says, and reads as the second; without a second, the event is refused. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "b%20%e6%97%A5%25%22 | b 日%\\\"",
                "\"b \\\"q\\\" 32\"  | b \\\"q\\\" 32",
                "%62-33              | b-33",
                "b 38                | b 38",
                "%F0%9F%98%80        | 😀",
                "100%                |",
                "%c3%28              |",
                "%c0%af              |",
                "%ed%a0%bd%ed%b8%80  |",
                "caf\u00e9           |",
                "a%00b               |",
                "''                  |",
            })
    void binary_mode_decodes_as_the_binding_says_or_refuses(String header, String id) throws IOException {
        String body = "{\"bytes\":3}";
        String answer = talk(request(
                "HTTP/1.1",
                "Content-Type: application/json\n" + BINARY_ATTRIBUTES + "ce-id: " + header + "\n" + length(body),
                body));

        if (id == null) {
            assertThat(answer).startsWith("HTTP/1.1 400");
        } else {
            assertThat(answer).startsWith("HTTP/1.1 202");
            assertThat(ingest.loggedEvents())
                    .anySatisfy(event -> assertThat(event).contains("\"id\":\"" + id + "\""));
        }
    }

    @Test
    void header_names_have_no_case_and_the_body_wins_over_headers() throws IOException {
        String body = "{\"bytes\":3}";
        String mixedCase = "CE-ID: mixed-case\n"
                + BINARY_ATTRIBUTES.replace("ce-t", "Ce-T").replace("ce-s", "CE-S");
        assertThat(talk(request("HTTP/1.1", "content-TYPE: application/json\n" + mixedCase + length(body), body)))
                .startsWith("HTTP/1.1 202");

        assertThat(talk(whole("HTTP/1.1", "ce-id: other\n" + BINARY_ATTRIBUTES, event("in-the-body"))))
                .startsWith("HTTP/1.1 202");

        assertThat(logged("mixed-case") + logged("in-the-body")).isEqualTo(2);
        assertThat(logged("other")).isZero();
    }

    @Test
    void what_is_no_http_is_answered_as_a_problem() throws IOException {
        assertThat(talk("NONSENSE\r\n\r\n")).startsWith("HTTP/1.1 400").contains("application/problem+json");
        assertThat(talk(head("HTTP/1.1", "Transfer-Encoding: xchunked\n")))
                .startsWith("HTTP/1.1 501")
                .contains("application/problem+json");
    }

    private static String whole(String version, String headers, String body) {
        return request(version, "Content-Type: application/cloudevents+json\n" + headers + length(body), body);
    }

    private static String head(String version, String headers) {
        return request(version, "Content-Type: application/cloudevents+json\n" + headers, "");
    }

    private static String length(String body) {
        return "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\n";
    }

    private static String request(String version, String headers, String body) {
        String lines = "POST /v1/usage-events " + version + "\nHost: a\nConnection: close\nAuthorization: Bearer "
                + RunningIngest.KEY + "\n" + headers;
        return lines.replace("\n", "\r\n") + "\r\n" + body;
    }

    private static long logged(String id) {
        return ingest.loggedEvents().stream()
                .filter(event -> event.contains("\"id\":\"" + id + "\""))
                .count();
    }

    /** Sends all at once and reads to the end of the connection. */
    private static String talk(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port())) {
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
