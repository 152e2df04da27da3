package io.hourledger.ingest;

import static io.hourledger.ingest.RunningIngest.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hourledger.embedded.SlowClients;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** More slow clients than the server has threads, of every kind; honest senders and probes must not notice. */
@Tag("servers")
@ExtendWith(OutputCaptureExtension.class)
class SlowClientsTest {

    private static final int MORE_THAN_THREADS = 230;
    private static final String POST = "POST /v1/usage-events HTTP/1.1\r\nHost: a\r\n";
    private static final String JSON = "Content-Type: application/cloudevents+json\r\n";
    private static final String KEY = "Authorization: Bearer " + RunningIngest.KEY + "\r\n";
    private static final String LENGTH = "Content-Length: 3000000\r\n";
    private static final String TOO_LONG = "Content-Length: 15000000\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String EXPECT = "Expect: 100-continue\r\n";
    private static final String END = "\r\n";

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static RunningIngest ingest;

    enum Kind {
        SENDS_NOTHING("", ""),
        HALF_A_REQUEST_LINE("POST /v1", "/"),
        SLOW_HEADERS(POST + "X-Slow: ", "x"),
        NO_KEY(POST + JSON + TOO_LONG + END, " "),
        NO_KEY_CHUNKED(POST + JSON + CHUNKED + END, "1\r\n \r\n"),
        NO_KEY_EXPECTS(POST + JSON + LENGTH + EXPECT + END, ""),
        NO_KEY_OTHER_PATH("POST /other HTTP/1.1\r\nHost: a\r\n" + TOO_LONG + END, " "),
        NO_KEY_OTHER_METHOD("PATCH /v1/usage-events HTTP/1.1\r\nHost: a\r\n" + TOO_LONG + END, " "),
        NO_KEY_FORM(
                "PUT /v1/usage-events HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + LENGTH + END,
                "a"),
        NO_KEY_PROBE("GET /livez HTTP/1.1\r\nHost: a\r\n" + LENGTH + END, " "),
        NO_KEY_PIPELINED(POST + JSON + "Content-Length: 2" + END + END + "{}" + POST + JSON + TOO_LONG + END, " "),
        KEY_SLOW(POST + JSON + KEY + LENGTH + END, " "),
        KEY_CHUNKED(POST + JSON + KEY + CHUNKED + END, "1\r\n \r\n"),
        KEY_EXPECTS(POST + JSON + KEY + LENGTH + EXPECT + END, ""),
        KEY_TOO_LONG(POST + JSON + KEY + TOO_LONG + END, " "),
        KEY_WRONG_TYPE(POST + KEY + LENGTH + END, " ");

        private final String opening;
        private final String drip;

        Kind(String opening, String drip) {
            this.opening = opening;
            this.drip = drip;
        }
    }

    @BeforeAll
    static void start() {
        ingest = RunningIngest.start("hourledger.ingest.body.timeout=PT5S");
    }

    @AfterAll
    static void stop() {
        ingest.close();
    }

    @ParameterizedTest
    @EnumSource
    void slow_clients_keep_nobody_else_waiting(Kind kind) {
        try (SlowClients attack = SlowClients.attack(ingest.port(), MORE_THAN_THREADS, kind.opening, kind.drip)) {
            for (int i = 0; i < 5; i++) {
                assertThat(ingest.get("/livez").status()).isEqualTo(200);
                assertThat(ingest.get("/readyz").status()).isEqualTo(200);
                assertThat(ingest.one(event(kind + "-" + i)).status()).isEqualTo(202);
            }
            assertThat(attack.goesOn()).isTrue();
        }
    }

    @Test
    void a_slow_but_honest_sender_is_served_among_slow_clients() throws IOException {
        byte[] event = event("slow-but-honest").getBytes(UTF_8);
        try (SlowClients attack =
                        SlowClients.attack(ingest.port(), MORE_THAN_THREADS, POST + JSON + TOO_LONG + END, " ");
                Socket sender = connected()) {
            OutputStream line = sender.getOutputStream();
            line.write((POST + JSON + KEY + "Content-Length: " + event.length + END + END).getBytes(UTF_8));
            for (byte next : event) {
                line.write(next);
                line.flush();
                assertThat(attack.goesOn()).isTrue();
            }
            assertThat(answerOf(sender)).startsWith("HTTP/1.1 202");
        }
    }

    /** A client that is reset while it writes never reads why. */
    @Test
    void a_client_that_was_refused_while_it_sends_may_send_on_and_reads_its_answer() throws IOException {
        try (Socket client = connected()) {
            OutputStream line = client.getOutputStream();
            line.write((POST + JSON + KEY + TOO_LONG + END).getBytes(UTF_8));

            assertThat(answerOf(client)).startsWith("HTTP/1.1 413").contains("body_too_large");
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            Awaitility.await()
                    .during(Duration.ofMillis(1500))
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> !isResetBy(line, 1000));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100_000})
    void a_client_that_never_stops_sending_after_its_refusal_is_reset(int bytesATime) throws IOException {
        try (Socket client = connected()) {
            OutputStream line = client.getOutputStream();
            line.write((POST + JSON + KEY + TOO_LONG + END).getBytes(UTF_8));

            Awaitility.await().atMost(PATIENCE).until(() -> isResetBy(line, bytesATime));
        }
    }

    private static boolean isResetBy(OutputStream line, int bytes) {
        try {
            line.write(new byte[bytes]);
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void a_body_of_malformed_chunks_is_never_answered_as_a_success() throws IOException {
        try (Socket client = connected()) {
            client.getOutputStream()
                    .write((POST + JSON + KEY + CHUNKED + END + "3\r\nabc\r\nno chunk\r\n").getBytes(UTF_8));
            assertThat(answerOf(client)).doesNotContain("HTTP/1.1 2");
        }
    }

    private static String codeOf(ILoggingEvent line) {
        return line.getKeyValuePairs().stream()
                .filter(pair -> pair.key.equals("code"))
                .map(pair -> String.valueOf(pair.value))
                .findFirst()
                .orElse("");
    }

    /** The log line is written with the answer. */
    @Test
    void a_refusal_after_the_headers_is_written_by_a_thread_of_its_own() {
        String slow = POST + JSON + KEY + "Content-Length: 100000\r\n" + END;
        String broken = POST + JSON + KEY + "Content-Encoding: gzip\r\nContent-Length: 2\r\n" + END + "{}";
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("io.hourledger.ingest.accept");
        lines.start();
        logger.addAppender(lines);
        try (SlowClients slowBody = SlowClients.attack(ingest.port(), 1, slow, " ");
                SlowClients brokenBody = SlowClients.attack(ingest.port(), 1, broken, " ")) {
            Awaitility.await().atMost(PATIENCE).until(() -> slowBody.thrownOut() > 0 && brokenBody.thrownOut() > 0);
            logger.detachAppender(
                    lines); // before these clients go away, which the server itself hears in its own thread
        } finally {
            logger.detachAppender(lines);
        }

        assertThat(List.copyOf(lines.list))
                .filteredOn(line -> codeOf(line).startsWith("body_"))
                .hasSizeGreaterThanOrEqualTo(2)
                .extracting(ILoggingEvent::getThreadName)
                .allMatch(name -> name.startsWith("answer-") || name.startsWith("deadline-"));
    }

    @Test
    void a_body_that_does_not_come_is_given_up_and_counted() {
        String opening = POST + JSON + KEY + "Content-Length: 100000\r\n" + END;
        try (SlowClients attack = SlowClients.attack(ingest.port(), 1, opening, " ")) {
            Awaitility.await().atMost(PATIENCE).until(() -> attack.thrownOut() > 0);
        }

        assertThat(ingest.get("/actuator/prometheus").body())
                .contains("# HELP usage_requests_refused_total requests refused as a whole")
                .containsPattern("usage_requests_refused_total\\{.*code=\"body_too_slow\"");
    }

    @Test
    void senders_without_a_key_do_not_fill_the_log(CapturedOutput output) {
        String opening = POST + JSON + "Content-Length: 2\r\n" + END + "{}";
        try (SlowClients attack = SlowClients.attack(ingest.port(), 50, opening, "")) {
            Awaitility.await().atMost(PATIENCE).until(() -> attack.thrownOut() > 100);
        }

        assertThat(output.getOut().split("without a known API key", -1)).hasSizeLessThan(10);
    }

    @Test
    void a_client_that_goes_away_is_not_our_mistake(CapturedOutput output) throws IOException {
        try (Socket client = connected()) {
            client.getOutputStream()
                    .write((POST + JSON + KEY + "Content-Length: 9" + END + END + "1234").getBytes(UTF_8));
        }

        Awaitility.await().atMost(PATIENCE).until(() -> ingest.get("/actuator/prometheus")
                .body()
                .matches("(?s).*usage_requests_refused_total\\{[^}]*code=\"body_broken\".*"));
        assertThat(output.getAll()).doesNotContain("request broken");
    }

    private static Socket connected() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        return socket;
    }

    private static String answerOf(Socket client) throws IOException {
        StringBuilder answer = new StringBuilder();
        byte[] piece = new byte[4096];
        while (answer.indexOf("}") < 0) {
            int read = client.getInputStream().read(piece);
            if (read < 0) {
                break;
            }
            answer.append(new String(piece, 0, read, UTF_8));
        }
        return answer.toString();
    }
}
