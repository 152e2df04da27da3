package io.hourledger.console;

import static io.hourledger.console.GivenUsage.meter;
import static io.hourledger.console.GivenUsage.open;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("servers")
class SignInTest {

    private static RunningConsole console;

    @BeforeAll
    static void one_hour() {
        console = new RunningConsole();
        console.give(List.of(open("a", "buyer-a", "P-1"), meter("a", 1, "1")));
    }

    @AfterAll
    static void close() {
        console.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/finance?month=2026-01",
                "/finance/",
                "/statement?instance=a",
                "/changes",
                "/sign-in/../finance?month=2026-01",
                "/console.css/../finance",
                "/sign-in;x/finance",
                "/error",
                "/nowhere"
            })
    void without_a_token_nothing_is_seen(String path) {
        HttpResponse<String> response = console.get(path);
        assertThat(response.statusCode()).isIn(303, 400, 404);
        assertThat(response.body()).doesNotContain("buyer-a", "egress", "2026-01");
    }

    @Test
    void a_wrong_token_sees_nothing() {
        assertThat(console.get("/finance", "Authorization", "Bearer wrong").statusCode())
                .isEqualTo(401);
        HttpResponse<String> refused = console.post("/sign-in", Map.of("token", "wrong"));
        assertThat(refused.headers().firstValue("Location")).hasValue("/sign-in?refused=true");
        assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(console.get("/sign-in?refused=true").body()).contains("That token is not known here");
        assertThat(console.get("/finance", "Cookie", "console_session=wrong").statusCode())
                .isEqualTo(303);
    }

    @Test
    void a_token_gives_a_session_that_scripts_and_other_sites_cannot_use_and_that_can_be_ended() {
        HttpResponse<String> response = console.post("/sign-in", Map.of("token", RunningConsole.TOKEN));
        String cookie = response.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain(RunningConsole.TOKEN);
        String session = cookie.substring(0, cookie.indexOf(';'));
        assertThat(console.get("/finance?month=2026-01", "Cookie", session).body())
                .contains("buyer-a", "li.wei");
        console.post("/sign-out", Map.of(), "Cookie", session);
        assertThat(console.get("/finance", "Cookie", session).statusCode()).isEqualTo(303);
    }

    @Test
    void every_answer_forbids_foreign_scripts_frames_and_caches() {
        HttpResponse<String> response = console.get("/sign-in");
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @Test
    void the_console_cannot_write_into_the_database() {
        assertThat(console.writeRefusal()).contains("read-only transaction");
    }
}
