package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.pusher.push.Pace.Permit;
import io.hourledger.pusher.push.Pace.Wait;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Elapsed time is the machine's: what must come is awaited, and what must not come soon lies an hour off. */
class PaceTest {

    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration TOOK = Duration.ofMillis(3);
    private static final int CALLS_THAT_OPEN = 5;

    private static PaceSettings settings(Duration raiseEvery, Duration firstPause, Duration longestHalfOpen) {
        return new PaceSettings(1000, 10, raiseEvery, Duration.ZERO, AN_HOUR, firstPause, AN_HOUR, longestHalfOpen);
    }

    private static Permit permit(Pace pace) {
        return (Permit) await().until(pace::acquire, Permit.class::isInstance);
    }

    private static void open(Pace pace) {
        for (int i = 0; i < CALLS_THAT_OPEN; i++) {
            try (Permit permit = permit(pace)) {
                permit.struggled(TOOK, "no answer", null);
            }
        }
    }

    @Test
    void a_throttle_halves_the_rate_and_never_below_the_slowest() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        throttle(pace);
        assertThat(pace.callsPerSecond()).isEqualTo(500);
        for (int i = 0; i < 10; i++) {
            throttle(pace);
        }
        assertThat(pace.callsPerSecond()).isEqualTo(10);
    }

    @Test
    void the_rate_rises_again_up_to_the_ceiling_and_no_further() {
        Pace pace = new Pace(settings(SOON, SOON, AN_HOUR));
        for (int i = 0; i < 10; i++) {
            throttle(pace);
        }
        await().until(() -> {
            permit(pace).close();
            return pace.callsPerSecond() >= 1000;
        });
        permit(pace).close();
        assertThat(pace.callsPerSecond()).isEqualTo(1000);
    }

    @Test
    void the_rate_stays_low_until_it_was_borne_for_a_while() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        throttle(pace);
        permit(pace).close();
        assertThat(pace.callsPerSecond()).isEqualTo(500);
    }

    @Test
    void no_call_goes_before_the_pause_is_over_that_was_asked_for() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        try (Permit permit = permit(pace)) {
            permit.throttled(TOOK, AN_HOUR);
        }
        assertThat(pace.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.pause())
                .isGreaterThan(Duration.ofMinutes(30)));
        pace.askNow();
        permit(pace).close();
    }

    @Test
    void a_new_owner_has_no_permit_and_waits_one_window() {
        Pace pace = new Pace(new PaceSettings(1000, 10, AN_HOUR, AN_HOUR, AN_HOUR, SOON, AN_HOUR, AN_HOUR));
        permit(pace).close();
        pace.startEmpty();
        assertThat(pace.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.pause())
                .isGreaterThan(Duration.ofMinutes(30)));
    }

    @Test
    void what_was_not_used_is_there_for_the_next_call() {
        Pace pace = new Pace(new PaceSettings(0.001, 0.0001, AN_HOUR, SOON, AN_HOUR, SOON, AN_HOUR, AN_HOUR));
        permit(pace).close();
        permit(pace).unused();
        permit(pace).answered(TOOK);
        assertThat(pace.acquire()).isInstanceOf(Wait.class);
    }

    @Test
    void too_many_calls_without_a_clear_answer_open_the_breaker() {
        Pace pace = new Pace(settings(AN_HOUR, AN_HOUR, AN_HOUR));
        open(pace);
        assertThat(pace.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.why())
                .contains("circuit breaker"));
    }

    @Test
    void answers_that_are_clear_keep_the_breaker_closed() {
        Pace pace = new Pace(settings(AN_HOUR, AN_HOUR, AN_HOUR));
        for (int i = 0; i < 4 * CALLS_THAT_OPEN; i++) {
            try (Permit permit = permit(pace)) {
                permit.answered(TOOK);
            }
        }
        permit(pace).close();
    }

    @Test
    void a_half_open_breaker_lets_one_call_through_and_closes_when_it_is_accepted() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        open(pace);
        Permit probe = permit(pace);
        assertThat(pace.acquire()).isInstanceOf(Wait.class);
        probe.accepted(TOOK);
        Permit one = permit(pace);
        permit(pace).close();
        one.close();
    }

    @Test
    void a_half_open_breaker_opens_again_when_its_probe_gets_no_clear_answer() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        open(pace);
        permit(pace).struggled(TOOK, "no answer", null);
        permit(pace).accepted(TOOK);
    }

    /** Whatever broke between taking the permit and the answer. */
    @Test
    void a_half_open_breaker_gets_its_slot_back_when_its_permit_is_closed() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        open(pace);
        for (int i = 0; i < 3; i++) {
            try (Permit probe = permit(pace)) {
                assertThat(pace.acquire()).isInstanceOf(Wait.class);
            }
        }
        permit(pace).unused();
        permit(pace).accepted(TOOK);
    }

    @Test
    void a_new_owner_does_not_wait_for_a_probe_of_its_former_self() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        open(pace);
        try (Permit probe = permit(pace)) {
            pace.startEmpty();
        }
        permit(pace).accepted(TOOK);
    }

    @Test
    void a_half_open_breaker_does_not_wait_for_ever_for_its_probe() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, Duration.ofMillis(50)));
        open(pace);
        Permit neverEnded = permit(pace);
        permit(pace).accepted(TOOK);
        neverEnded.close();
    }

    @Test
    void a_permit_has_one_outcome() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        Permit permit = permit(pace);
        permit.answered(TOOK);
        assertThatThrownBy(() -> permit.accepted(TOOK)).isInstanceOf(IllegalStateException.class);
        permit.close();
    }

    @Test
    void while_nothing_is_allowed_to_us_calls_only_ask_until_one_is_accepted() {
        Pace pace = new Pace(settings(AN_HOUR, SOON, AN_HOUR));
        permit(pace).stopped(TOOK);
        assertThat(pace.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.pause())
                .isGreaterThan(Duration.ofMinutes(30)));
        pace.askNow();
        Permit probe = permit(pace);
        assertThat(probe.isProbe()).isTrue();
        probe.accepted(TOOK);
        Permit next = permit(pace);
        assertThat(next.isProbe()).isFalse();
        next.close();
    }

    private static void throttle(Pace pace) {
        try (Permit permit = permit(pace)) {
            permit.throttled(TOOK, null);
        }
        pace.askNow();
    }
}
