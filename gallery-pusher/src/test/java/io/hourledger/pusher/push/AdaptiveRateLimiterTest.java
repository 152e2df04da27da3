package io.hourledger.pusher.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hourledger.pusher.push.AdaptiveRateLimiter.Permit;
import io.hourledger.pusher.push.AdaptiveRateLimiter.Wait;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Elapsed time is the machine's: what must come is awaited, and what must not come soon lies an hour off. */
@Tag("fast")
class AdaptiveRateLimiterTest {

    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration TOOK = Duration.ofMillis(3);
    private static final int CALLS_THAT_OPEN = 5;

    private static RateLimitSettings settings(Duration raiseEvery, Duration firstPause, Duration longestHalfOpen) {
        return new RateLimitSettings(
                1000, 10, raiseEvery, Duration.ZERO, AN_HOUR, firstPause, AN_HOUR, longestHalfOpen);
    }

    private static Permit permit(AdaptiveRateLimiter rate) {
        return (Permit) await().until(rate::acquire, Permit.class::isInstance);
    }

    private static void open(AdaptiveRateLimiter rate) {
        for (int i = 0; i < CALLS_THAT_OPEN; i++) {
            try (Permit permit = permit(rate)) {
                permit.struggled(TOOK, "no answer", null);
            }
        }
    }

    @Test
    void a_throttle_halves_the_rate_and_never_below_the_slowest() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        throttle(rate);
        assertThat(rate.callsPerSecond()).isEqualTo(500);
        for (int i = 0; i < 10; i++) {
            throttle(rate);
        }
        assertThat(rate.callsPerSecond()).isEqualTo(10);
    }

    @Test
    void the_rate_rises_again_up_to_the_ceiling_and_no_further() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(SOON, SOON, AN_HOUR));
        for (int i = 0; i < 10; i++) {
            throttle(rate);
        }
        await().until(() -> {
            permit(rate).close();
            return rate.callsPerSecond() >= 1000;
        });
        permit(rate).close();
        assertThat(rate.callsPerSecond()).isEqualTo(1000);
    }

    @Test
    void the_rate_stays_low_until_it_was_borne_for_a_while() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        throttle(rate);
        permit(rate).close();
        assertThat(rate.callsPerSecond()).isEqualTo(500);
    }

    @Test
    void no_call_goes_before_the_pause_is_over_that_was_asked_for() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        try (Permit permit = permit(rate)) {
            permit.throttled(TOOK, AN_HOUR);
        }
        assertThat(rate.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.pause())
                .isGreaterThan(Duration.ofMinutes(30)));
        rate.askNow();
        permit(rate).close();
    }

    @Test
    void a_new_owner_has_no_permit_and_waits_one_window() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(
                new RateLimitSettings(1000, 10, AN_HOUR, AN_HOUR, AN_HOUR, SOON, AN_HOUR, AN_HOUR));
        permit(rate).close();
        rate.startEmpty();
        assertThat(rate.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.pause())
                .isGreaterThan(Duration.ofMinutes(30)));
    }

    @Test
    void what_was_not_used_is_there_for_the_next_call() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(
                new RateLimitSettings(0.001, 0.0001, AN_HOUR, SOON, AN_HOUR, SOON, AN_HOUR, AN_HOUR));
        permit(rate).close();
        permit(rate).unused();
        permit(rate).answered(TOOK);
        assertThat(rate.acquire()).isInstanceOf(Wait.class);
    }

    @Test
    void too_many_calls_without_a_clear_answer_open_the_breaker() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, AN_HOUR, AN_HOUR));
        open(rate);
        assertThat(rate.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.why())
                .contains("circuit breaker"));
    }

    @Test
    void answers_that_are_clear_keep_the_breaker_closed() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, AN_HOUR, AN_HOUR));
        for (int i = 0; i < 4 * CALLS_THAT_OPEN; i++) {
            try (Permit permit = permit(rate)) {
                permit.answered(TOOK);
            }
        }
        permit(rate).close();
    }

    @Test
    void a_half_open_breaker_lets_one_call_through_and_closes_when_it_is_accepted() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        open(rate);
        Permit probe = permit(rate);
        assertThat(rate.acquire()).isInstanceOf(Wait.class);
        probe.accepted(TOOK);
        Permit one = permit(rate);
        permit(rate).close();
        one.close();
    }

    @Test
    void a_half_open_breaker_opens_again_when_its_probe_gets_no_clear_answer() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        open(rate);
        permit(rate).struggled(TOOK, "no answer", null);
        permit(rate).accepted(TOOK);
    }

    /** Whatever broke between taking the permit and the answer. */
    @Test
    void a_half_open_breaker_gets_its_slot_back_when_its_permit_is_closed() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        open(rate);
        for (int i = 0; i < 3; i++) {
            try (Permit probe = permit(rate)) {
                assertThat(rate.acquire()).isInstanceOf(Wait.class);
            }
        }
        permit(rate).unused();
        permit(rate).accepted(TOOK);
    }

    @Test
    void a_new_owner_does_not_wait_for_a_probe_of_its_former_self() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        open(rate);
        try (Permit probe = permit(rate)) {
            rate.startEmpty();
        }
        permit(rate).accepted(TOOK);
    }

    @Test
    void a_half_open_breaker_does_not_wait_for_ever_for_its_probe() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, Duration.ofMillis(50)));
        open(rate);
        Permit neverEnded = permit(rate);
        permit(rate).accepted(TOOK);
        neverEnded.close();
    }

    @Test
    void a_permit_has_one_outcome() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        Permit permit = permit(rate);
        permit.answered(TOOK);
        assertThatThrownBy(() -> permit.accepted(TOOK)).isInstanceOf(IllegalStateException.class);
        permit.close();
    }

    @Test
    void while_nothing_is_allowed_to_us_calls_only_ask_until_one_is_accepted() {
        AdaptiveRateLimiter rate = new AdaptiveRateLimiter(settings(AN_HOUR, SOON, AN_HOUR));
        permit(rate).stopped(TOOK);
        assertThat(rate.acquire()).isInstanceOfSatisfying(Wait.class, wait -> assertThat(wait.pause())
                .isGreaterThan(Duration.ofMinutes(30)));
        rate.askNow();
        Permit probe = permit(rate);
        assertThat(probe.isProbe()).isTrue();
        probe.accepted(TOOK);
        Permit next = permit(rate);
        assertThat(next.isProbe()).isFalse();
        next.close();
    }

    private static void throttle(AdaptiveRateLimiter rate) {
        try (Permit permit = permit(rate)) {
            permit.throttled(TOOK, null);
        }
        rate.askNow();
    }
}
