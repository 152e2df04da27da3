package io.hourledger.service;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.service.RequestBodies.GivenUp;
import io.hourledger.service.RequestBodies.Limits;
import io.hourledger.service.RequestBodies.Outcome;
import io.hourledger.service.RequestBodies.Reason;
import io.hourledger.service.RequestBodies.Whole;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/** A service that reads bodies at one address and refuses them unread at another, spoken to byte by byte. */
@Tag("servers")
class RequestBodiesTest {

    private static final int MOST = 20_000;
    private static final String READ = "POST /read HTTP/1.1\r\nHost: a\r\n";
    private static final String REFUSED = "POST /refused HTTP/1.1\r\nHost: a\r\n";
    private static final String END = "\r\n";
    private static final Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    private static final int MORE_THAN_PLATFORM_THREADS = 230;
    private static final Semaphore waiting = new Semaphore(0);
    private static final Semaphore waitsEnd = new Semaphore(0);
    private static final Semaphore slowAnswers = new Semaphore(0);
    private static final Semaphore slowAnswersEnd = new Semaphore(0);

    private static ServletWebServerApplicationContext service;

    @ServiceDefaults
    @Import(Page.class)
    static class OnePage {}

    @RestController
    static class Page {

        private final RequestBodies bodies;

        Page(RequestBodies bodies) {
            this.bodies = bodies;
        }

        /** Gives up with a status after which Tomcat itself would go on with the connection. */
        @PostMapping("/read")
        DeferredResult<ResponseEntity<String>> read(HttpServletRequest request) throws IOException {
            DeferredResult<ResponseEntity<String>> result = new DeferredResult<>(0L);
            Limits limits = new Limits(MOST, Duration.ofSeconds(3));
            bodies.read(request, limits, bytes -> true, outcome -> {
                outcomes.add(outcome);
                result.setResult(
                        outcome instanceof Whole whole
                                ? ResponseEntity.ok("took " + whole.bytes().length)
                                : ResponseEntity.unprocessableContent().body("gave up"));
            });
            return result;
        }

        /** Takes very long to follow what became of the body, as when it writes to a client that does not read. */
        @PostMapping("/slow-answer")
        DeferredResult<ResponseEntity<String>> answerSlowly(HttpServletRequest request) throws IOException {
            DeferredResult<ResponseEntity<String>> result = new DeferredResult<>(0L);
            bodies.read(request, new Limits(MOST, Duration.ofMillis(100)), bytes -> true, outcome -> {
                slowAnswers.release();
                slowAnswersEnd.acquireUninterruptibly();
                result.setResult(ResponseEntity.ok("at last"));
            });
            return result;
        }

        @PostMapping("/wait")
        String waitForTheEnd() throws InterruptedException {
            waiting.release();
            waitsEnd.acquire();
            return "waited";
        }

        @PostMapping("/refused")
        ResponseEntity<String> refuse() {
            return ResponseEntity.status(401).body("refused");
        }
    }

    @BeforeAll
    static void start() {
        service = (ServletWebServerApplicationContext) ServiceApplication.plain(OnePage.class, "none")
                .properties("server.port=0")
                .run();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void forget() {
        outcomes.clear();
    }

    @Test
    void a_body_that_comes_in_pieces_is_read_whole() throws IOException {
        try (Client client = new Client()) {
            client.send(READ + "Content-Length: 15000" + END + END);
            client.send("a".repeat(4096));
            client.send("b".repeat(10_904));
            assertThat(client.hears("took 15000")).startsWith("HTTP/1.1 200");

            client.send(READ + "Transfer-Encoding: chunked" + END + END + "2");
            client.send("710\r\n" + "c".repeat(10_000) + "\r");
            client.send("\n1\r\nd\r\n0");
            client.send("\r\n\r\n");
            assertThat(client.hears("took 10001")).contains("HTTP/1.1 200");
        }
    }

    @Test
    void requests_that_wait_leave_threads_for_all_others() throws Exception {
        List<Client> waiters = new ArrayList<>();
        try (Client client = new Client()) {
            for (int i = 0; i < MORE_THAN_PLATFORM_THREADS; i++) {
                Client waiter = new Client();
                waiters.add(waiter);
                waiter.send("POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0" + END + END);
            }
            assertThat(waiting.tryAcquire(MORE_THAN_PLATFORM_THREADS, 30, TimeUnit.SECONDS))
                    .as("all of them wait at once")
                    .isTrue();

            client.send(READ + "Content-Length: 1" + END + END + "x");
            assertThat(client.hears("took 1")).startsWith("HTTP/1.1 200");
        } finally {
            waitsEnd.release(MORE_THAN_PLATFORM_THREADS);
            for (Client waiter : waiters) {
                waiter.close();
            }
        }
    }

    @Test
    void a_connection_whose_body_was_read_is_used_again() throws IOException {
        try (Client client = new Client()) {
            for (int i = 0; i < 3; i++) {
                client.send(READ + "Content-Length: " + i + END + END + "x".repeat(i));
                assertThat(client.hears("took " + i)).startsWith("HTTP/1.1 200");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10000", "Transfer-Encoding: chunked"})
    void a_body_that_does_not_come_in_time_is_given_up(String delimited) throws IOException {
        try (Client client = new Client()) {
            client.send(READ + delimited + END + END + "1\r\n");
            assertThat(client.hearsToTheEnd()).startsWith("HTTP/1.1 422").endsWith("gave up");
            assertThat(outcomes).containsExactly(new GivenUp(Reason.TOO_SLOW));
        }
    }

    @Test
    void who_takes_long_to_answer_after_a_deadline_keeps_no_other_deadline_waiting() throws Exception {
        String unfinished = "Content-Length: 10000" + END + END + "1";
        try (Client slow = new Client();
                Client other = new Client()) {
            slow.send("POST /slow-answer HTTP/1.1\r\nHost: a\r\n" + unfinished);
            assertThat(slowAnswers.tryAcquire(30, TimeUnit.SECONDS)).isTrue();

            other.send(READ + unfinished);
            assertThat(other.hearsToTheEnd()).startsWith("HTTP/1.1 422").endsWith("gave up");
        } finally {
            slowAnswersEnd.release();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 30000", "Transfer-Encoding: chunked"})
    void a_body_that_is_too_large_is_not_read_to_its_end(String delimited) throws IOException {
        try (Client client = new Client()) {
            client.send(READ + delimited + END + END + "4e21\r\n" + "x".repeat(MOST) + "x");
            assertThat(client.hearsToTheEnd()).startsWith("HTTP/1.1 422").endsWith("gave up");
            assertThat(outcomes).containsExactly(new GivenUp(Reason.TOO_LARGE));
        }
    }

    @Test
    void a_body_of_malformed_chunks_is_given_up() throws IOException {
        try (Client client = new Client()) {
            client.send(READ + "Transfer-Encoding: chunked" + END + END + "3\r\nabc\r\nno chunk\r\n");
            assertThat(client.hearsToTheEnd()).doesNotContain("HTTP/1.1 2");
            assertThat(outcomes).containsExactly(new GivenUp(Reason.BROKEN_OFF));
        }
    }

    @Test
    void a_client_that_goes_away_in_its_body_is_noticed() throws IOException {
        try (Client client = new Client()) {
            client.send(READ + "Content-Length: 9" + END + END + "1234");
        }
        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(outcomes)
                .containsExactly(new GivenUp(Reason.BROKEN_OFF)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 15000000\r\n\r\n",
                "Content-Length: 15000000\r\n\r\nsome of it",
                "Transfer-Encoding: chunked\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n5",
                "Content-Length: 15000000\r\nExpect: 100-continue\r\n\r\n",
            })
    void who_is_refused_hears_so_at_once_and_the_connection_ends(String rest) throws IOException {
        try (Client client = new Client()) {
            client.send(REFUSED + rest);
            assertThat(client.hearsToTheEnd())
                    .startsWith("HTTP/1.1 401")
                    .contains("Connection: close")
                    .doesNotContain("100")
                    .endsWith("refused");
        }
    }

    @Test
    void what_follows_a_body_that_nobody_read_is_not_served() throws IOException {
        String next = READ + "Content-Length: 0" + END + END;
        try (Client client = new Client()) {
            client.send("PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: 3" + END + END + "abc" + next);
            assertThat(client.hearsToTheEnd()).startsWith("HTTP/1.1 405").doesNotContain("took");
        }
        try (Client client = new Client()) {
            client.send(READ + "Content-Length: 30000" + END + END + "x".repeat(30_000) + next);
            assertThat(client.hearsToTheEnd()).startsWith("HTTP/1.1 422").doesNotContain("took");
        }
    }

    @Test
    void who_asks_before_sending_a_body_is_answered() throws IOException {
        try (Client client = new Client()) {
            client.send(READ + "Content-Length: 5\r\nExpect: 100-continue" + END + END);
            assertThat(client.hears("100")).startsWith("HTTP/1.1 100");
            client.send("12345");
            assertThat(client.hears("took 5")).contains("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE"})
    void a_form_is_not_waited_for(String method) throws IOException {
        try (Client client = new Client()) {
            client.send(method + " /read HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n"
                    + "Content-Type: application/x-www-form-urlencoded" + END + END + "a=");
            assertThat(client.hearsToTheEnd()).startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void headers_that_never_end_end_the_connection() throws IOException {
        try (Client client = new Client()) {
            client.send("GET /read HTTP/1.1\r\nX-Slow: ");
            Awaitility.await()
                    .atMost(BoundedHttpProtocol.HEADERS_WITHIN.multipliedBy(6))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(
                            () -> assertThatThrownBy(() -> client.send("x")).isInstanceOf(SocketException.class));
        }
    }

    private static final class Client implements AutoCloseable {

        private static final int PATIENCE_MILLIS = 30_000;
        private final Socket socket;

        Client() throws IOException {
            socket = new Socket(
                    InetAddress.getLoopbackAddress(), service.getWebServer().getPort());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
        }

        void send(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }

        /** Reads until this was heard. */
        String hears(String end) throws IOException {
            StringBuilder result = new StringBuilder();
            while (result.indexOf(end) < 0) {
                int next = socket.getInputStream().read();
                assertThat(next).as(result.toString()).isNotNegative();
                result.append((char) next);
            }
            return result.toString();
        }

        /** Reads until the server ends the connection, by closing or by a reset. */
        String hearsToTheEnd() throws IOException {
            StringBuilder result = new StringBuilder();
            try {
                int next = socket.getInputStream().read();
                while (next >= 0) {
                    result.append((char) next);
                    next = socket.getInputStream().read();
                }
            } catch (SocketException reset) {
                assertThat(result).isNotEmpty();
            }
            return result.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
