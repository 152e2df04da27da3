package io.hourledger.pusher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.SlowClients;
import io.hourledger.embedded.TestClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** More slow callers than the server has threads, of every kind; the marketplace's calls and probes must not notice. */
@Tag("servers")
class SlowCallersTest {

    private static final int MORE_THAN_THREADS = 230;
    private static final String HOST = " HTTP/1.1\r\nHost: a\r\n";
    private static final String CALL = "POST /callbacks/koogallery?signature=a&timestamp=1&nonce=b" + HOST;
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
    private static final String LENGTH = "Content-Length: 60000\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String EXPECT = "Expect: 100-continue\r\n";
    private static final String END = "\r\n";
    private static final String QUERY = "{\"activity\":\"queryInstance\",\"instanceId\":\"nobody\"}";

    private static GalleryStub gallery;
    private static RunningPusher pusher;

    enum Kind {
        SENDS_NOTHING("", ""),
        HALF_A_REQUEST_LINE("POST /callbacks", "/"),
        SLOW_HEADERS(CALL + "X-Slow: ", "x"),
        SLOW_BODY(CALL + LENGTH + END, " "),
        SLOW_CHUNKS(CALL + CHUNKED + END, "1\r\n \r\n"),
        SLOW_FORM(CALL + FORM + LENGTH + END, "a"),
        NO_PARAMETERS("POST /callbacks/koogallery" + HOST + FORM + LENGTH + END, "a"),
        TOO_LONG(CALL + "Content-Length: 9000000\r\n" + END, " "),
        EXPECTS(CALL + LENGTH + EXPECT + END, ""),
        PIPELINED(CALL + "Content-Length: 2" + END + END + "{}" + CALL + LENGTH + END, " "),
        OTHER_PATH("POST /other" + HOST + LENGTH + END, " "),
        OTHER_METHOD("PUT /callbacks/koogallery" + HOST + FORM + LENGTH + END, "a"),
        FIRST_GENERATION("GET /callbacks/koogallery?authToken=a&timeStamp=1" + HOST + LENGTH + END, " "),
        OPERATOR_PATH("POST /operator/pusher/hold" + HOST + LENGTH + END, " "),
        PROBE("GET /livez" + HOST + LENGTH + END, " ");

        private final String opening;
        private final String drip;

        Kind(String opening, String drip) {
            this.opening = opening;
            this.drip = drip;
        }
    }

    @BeforeAll
    static void start() {
        gallery = new GalleryStub();
        pusher = new RunningPusher(gallery, new TestClock(Instant.parse("2026-11-24T09:00:00Z")));
    }

    @AfterAll
    static void stop() {
        pusher.close();
        gallery.close();
    }

    @ParameterizedTest
    @EnumSource
    void slow_callers_keep_nobody_else_waiting(Kind kind) throws Exception {
        try (SlowClients attack = SlowClients.attack(pusher.port(), MORE_THAN_THREADS, kind.opening, kind.drip)) {
            for (int i = 0; i < 5; i++) {
                assertThat(pusher.get("/livez").statusCode()).isEqualTo(200);
                answered();
            }
            assertThat(attack.goesOn()).isTrue();
        }
    }

    /** A machine that has other work, too, may miss the 4.5 s of a call; the marketplace calls again then. */
    private static void answered() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        pusher.call(QUERY).get("resultCode").asString())
                .isEqualTo("000003"));
    }

    @Test
    void a_call_whose_body_does_not_come_is_given_up_and_counted() throws Exception {
        try (SlowClients attack = SlowClients.attack(pusher.port(), 1, CALL + LENGTH + END, "")) {
            await().atMost(Duration.ofMinutes(1)).until(() -> attack.thrownOut() > 0);
        }

        assertThat(pusher.get("/actuator/prometheus").body())
                .contains("# HELP callback_requests_refused_total calls that were not believed")
                .containsPattern("callback_requests_refused_total\\{.*reason=\"too_slow\"");
    }
}
