package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ingest.RunningIngest.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One event a line, taken as it comes. */
@Tag("servers")
class UsageLinesTest {

    private static final String LINES = "application/x-ndjson";
    private static final int MAX_BODY = 100 * 1024;
    private static final int MOST_EVENTS = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String BLANKS = " ".repeat(30_000);

    private static RunningIngest ingest;

    @BeforeAll
    static void start() {
        ingest = RunningIngest.start(
                "hourledger.ingest.max-body=" + MAX_BODY + "B",
                "hourledger.ingest.max-batch-events=" + MOST_EVENTS,
                "hourledger.ingest.body.timeout=PT5M");
    }

    @AfterAll
    static void stop() {
        ingest.close();
    }

    @Test
    void an_event_is_in_the_log_before_the_body_ends() throws IOException {
        try (Socket sender = open("Transfer-Encoding: chunked")) {
            chunk(sender, event("early") + "\n" + event("half").substring(0, 40));
            Awaitility.await().atMost(PATIENCE).until(() -> ingest.loggedEvents()
                    .contains(event("early")));

            chunk(sender, event("half").substring(40));
            sender.getOutputStream().write("0\r\n\r\n".getBytes(UTF_8));

            assertThat(answerOf(sender)).startsWith("HTTP/1.1 202").contains("\"accepted\":2");
        }
    }

    /** 60 MB here, of which never much more than a megabyte is in memory. */
    @Test
    void a_body_of_any_size_takes_the_same_memory() throws IOException {
        int largest = 0;
        try (Socket sender = open("Transfer-Encoding: chunked")) {
            for (int i = 0; i < MOST_EVENTS; i++) {
                chunk(sender, event("large-" + i).replace(",\"data\"", BLANKS + ",\"data\"") + "\n");
                if (i % 100 == 0) {
                    largest = Math.max(largest, bytesInFlight());
                }
            }
            sender.getOutputStream().write("0\r\n\r\n".getBytes(UTF_8));
            assertThat(answerOf(sender)).startsWith("HTTP/1.1 202").contains("\"accepted\":" + MOST_EVENTS);
        }
        assertThat(largest).isBetween(1, 2 << 20);
        Awaitility.await().atMost(PATIENCE).until(() -> bytesInFlight() == 0);
    }

    @Test
    void a_length_beyond_that_of_other_bodies_may_be_announced() {
        String body =
                IntStream.range(0, 1_000).mapToObj(i -> event("announced-" + i)).collect(Collectors.joining("\n"));
        assertThat(body.length()).isGreaterThan(MAX_BODY);

        Answer answer = ingest.post(LINES, body);

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(1_000);
    }

    @Test
    void each_line_has_the_answer_that_it_would_have_in_a_batch() {
        List<String> events = List.of(
                event("same"),
                event("same"),
                "{\"half",
                event(""),
                event("old").replace("2026", "2025"),
                event("foreign").replace("/shop", "/other"),
                "[]",
                "x".repeat(70_000),
                event("last"));

        Answer lines = ingest.post(LINES, String.join("\n", events));

        assertThat(lines.status()).isEqualTo(400);
        assertThat(withoutPlaces(lines)).isEqualTo(withoutPlaces(ingest.batch(batched(events))));
        assertThat(lines.json().at("/items/8/line").asInt()).isEqualTo(9);
    }

    @Test
    void of_too_many_lines_those_that_are_taken_are_told() {
        String body = IntStream.range(0, MOST_EVENTS + 1)
                .mapToObj(i -> event("many-" + i))
                .collect(Collectors.joining("\n"));

        Answer answer = ingest.post(LINES, body);

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text("/code")).isEqualTo("too_many_events");
        assertThat(answer.json().at("/accepted").asInt()).isEqualTo(MOST_EVENTS);
        assertThat(ingest.one(event("after-many")).status()).isEqualTo(202);
    }

    @Test
    void of_a_body_that_stops_coming_the_lines_that_came_are_told() throws IOException {
        try (Socket sender = open("Content-Length: 10000")) {
            sender.getOutputStream().write((event("came") + "\n{").getBytes(UTF_8));

            assertThat(answerOf(sender)).startsWith("HTTP/1.1 408").contains("body_too_slow", "\"accepted\":1");
        }
    }

    /** The server itself gives up a connection on which nothing comes, before the body's deadline. */
    @Test
    void a_body_that_stops_coming_before_its_deadline_is_answered_as_too_slow() throws IOException {
        try (Socket sender = open("application/cloudevents+json", "Content-Length: 10000")) {
            sender.getOutputStream().write("{".getBytes(UTF_8));

            assertThat(answerOf(sender)).startsWith("HTTP/1.1 408").contains("body_too_slow");
        }
    }

    /** An item of an array cannot be cut off, so in the batch it is whole and malformed. */
    private static List<String> batched(List<String> events) {
        return events.stream()
                .map(event -> event.equals("{\"half") ? "half" : event)
                .toList();
    }

    private static String withoutPlaces(Answer answer) {
        JsonNode json = answer.json();
        for (JsonNode item : json.get("items")) {
            ((ObjectNode) item).remove(List.of("line", "receipt", "detail"));
        }
        return json.toString();
    }

    private static int bytesInFlight() {
        Matcher gauge = Pattern.compile("usage_bytes_in_flight_bytes\\{?[^ ]* ([0-9.E]+)")
                .matcher(ingest.get("/actuator/prometheus").body());
        assertThat(gauge.find()).isTrue();
        return (int) Double.parseDouble(gauge.group(1));
    }

    private static Socket open(String delimited) throws IOException {
        return open(LINES, delimited);
    }

    private static Socket open(String contentType, String delimited) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port());
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        socket.getOutputStream()
                .write(("POST /v1/usage-events HTTP/1.1\r\nHost: a\r\nContent-Type: " + contentType
                                + "\r\nAuthorization: Bearer " + RunningIngest.KEY
                                + "\r\nPrefer: return=minimal\r\n" + delimited + "\r\n\r\n")
                        .getBytes(UTF_8));
        return socket;
    }

    private static void chunk(Socket sender, String text) throws IOException {
        OutputStream out = sender.getOutputStream();
        byte[] bytes = text.getBytes(UTF_8);
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(UTF_8));
        out.write(bytes);
        out.write("\r\n".getBytes(UTF_8));
        out.flush();
    }

    private static String answerOf(Socket client) throws IOException {
        StringBuilder answer = new StringBuilder();
        byte[] piece = new byte[4096];
        while (answer.indexOf("]}") < 0 && !answer.toString().endsWith("\"}")) {
            int read = client.getInputStream().read(piece);
            if (read < 0) {
                break;
            }
            answer.append(new String(piece, 0, read, UTF_8));
        }
        return answer.toString();
    }
}
