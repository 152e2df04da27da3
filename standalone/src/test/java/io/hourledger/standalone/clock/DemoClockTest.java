package io.hourledger.standalone.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class DemoClockTest {

    private static final Instant TEN = Instant.parse("2015-05-17T10:00:00Z");
    private static final HourSpeed RATE = HourSpeed.ofDemo(1);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);

    private DemoClock clockFrom(Instant from, Reservation reservation) {
        return new DemoClock(from, RATE, reservation, nanos::get);
    }

    private void pass(Duration machineTime) {
        nanos.addAndGet(machineTime.toNanos());
    }

    @Test
    void stands_still_until_it_is_started() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        clock.allowUpTo(Instant.MAX);
        pass(Duration.ofSeconds(100));
        assertThat(clock.instant()).isEqualTo(TEN);
    }

    @Test
    void an_hour_takes_a_second_of_which_the_first_quarter_takes_most() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        clock.allowUpTo(Instant.MAX);
        clock.start();

        pass(Duration.ofMillis(600));
        assertThat(clock.instant()).isBefore(TEN.plus(Duration.ofMinutes(15)));
        pass(Duration.ofMillis(400));
        assertThat(clock.instant()).isBetween(TEN.plusSeconds(3_599), TEN.plusSeconds(3_600));
        pass(Duration.ofSeconds(1));
        assertThat(clock.instant()).isBetween(TEN.plusSeconds(7_199), TEN.plusSeconds(7_200));
    }

    @Test
    void what_the_database_read_a_moment_ago_is_now_and_what_differs_from_the_machine_differs_here() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        clock.allowUpTo(TEN.plus(Duration.ofHours(10)));
        clock.start();
        pass(Duration.ofMillis(2_400));
        Instant shown = clock.instant();
        Instant machine = Clock.systemUTC().instant();

        assertThat(clock.at(machine)).isEqualTo(shown);
        assertThat(clock.at(machine.minusSeconds(10))).isBefore(shown.minus(Duration.ofHours(2)));
        assertThat(clock.at(machine.plusSeconds(10))).isAfter(shown.plus(Duration.ofHours(1)));
        assertThat(clock.at(machine.plusSeconds(1_000))).isEqualTo(TEN.plus(Duration.ofHours(10)));
    }

    @Test
    void never_passes_what_was_not_allowed_and_does_not_catch_up_for_waiting() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        Instant limit = TEN.plusSeconds(60);
        clock.allowUpTo(limit);
        clock.start();

        pass(Duration.ofSeconds(100));
        assertThat(clock.instant()).isEqualTo(limit);

        clock.allowUpTo(Instant.MAX);
        assertThat(clock.instant()).isEqualTo(limit);
        pass(Duration.ofMillis(1));
        assertThat(clock.instant()).isBetween(limit, limit.plusSeconds(2));
    }

    @Test
    void waits_for_services_that_are_slow_and_says_for_how_long() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        Instant deadline = TEN.plusSeconds(600);
        clock.allowUpTo(Instant.MAX);
        clock.letServicesWorkUntil(deadline);
        clock.start();

        pass(Duration.ofSeconds(2));
        assertThat(clock.instant()).isEqualTo(deadline);
        pass(Duration.ofSeconds(7));
        assertThat(clock.instant()).isEqualTo(deadline);
        assertThat(clock.waitedForServices()).isEqualTo(Duration.ofSeconds(7));

        clock.letServicesWorkUntil(deadline.plusSeconds(3_600));
        assertThat(clock.instant()).isEqualTo(deadline);
        pass(Duration.ofMillis(100));
        assertThat(clock.instant()).isAfter(deadline).isBefore(deadline.plusSeconds(900));
        assertThat(clock.waitedForServices()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void a_deadline_that_time_has_passed_already_holds_it_where_it_is() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        clock.allowUpTo(Instant.MAX);
        clock.letServicesWorkUntil(TEN.minusSeconds(60));
        clock.start();
        pass(Duration.ofSeconds(7));
        assertThat(clock.instant()).isEqualTo(TEN);
    }

    @Test
    void passes_over_time_as_far_as_its_limits_let_it_and_reserves_that_first() {
        List<Instant> reserved = new ArrayList<>();
        DemoClock clock = clockFrom(TEN, reserved::add);
        clock.allowUpTo(TEN.plus(Duration.ofDays(1)));
        clock.start();

        clock.passOverTo(TEN.minusSeconds(1));
        assertThat(clock.instant()).isEqualTo(TEN);
        clock.passOverTo(TEN.plus(Duration.ofHours(2)));
        assertThat(clock.instant()).isEqualTo(TEN.plus(Duration.ofHours(2)));
        clock.passOverTo(TEN.plus(Duration.ofDays(400)));
        assertThat(clock.instant()).isEqualTo(TEN.plus(Duration.ofDays(1)));
        assertThat(reserved.get(reserved.size() - 1)).isAfterOrEqualTo(clock.instant());
    }

    @Test
    void waiting_at_a_limit_is_not_caught_up_even_if_nobody_looked_meanwhile() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        clock.allowUpTo(TEN.plusSeconds(60));
        clock.start();

        pass(Duration.ofSeconds(100));
        clock.allowUpTo(Instant.MAX);
        assertThat(clock.instant()).isEqualTo(TEN.plusSeconds(60));
    }

    @Test
    void a_time_is_shown_only_after_it_was_reserved() {
        List<Instant> reserved = new ArrayList<>();
        DemoClock clock = clockFrom(TEN, reserved::add);
        clock.allowUpTo(TEN.plus(Duration.ofHours(30)));
        clock.start();

        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            pass(Duration.ofMillis(random.nextInt(30)));
            Instant shown = clock.instant();
            assertThat(shown).isBeforeOrEqualTo(reserved.get(reserved.size() - 1));
        }
        assertThat(reserved).isSorted();
        assertThat(reserved.get(reserved.size() - 1)).isEqualTo(TEN.plus(Duration.ofHours(30)));
    }

    @Test
    void a_clock_built_again_after_a_crash_does_not_go_back_nor_past_its_limit(@TempDir Path folder) {
        Random random = new Random(2);
        Instant last = TEN;
        for (int life = 0; life < 30; life++) {
            ClockFile file = new ClockFile(folder.resolve("clock"));
            DemoClock clock = clockFrom(file.reserved().orElse(TEN), file);
            assertThat(clock.instant()).isAfterOrEqualTo(last);
            Instant limit = last.plusSeconds(500);
            clock.allowUpTo(limit);
            clock.start();
            pass(Duration.ofMillis(random.nextInt(2_000)));
            last = clock.instant();
            assertThat(last).isBeforeOrEqualTo(limit);
            pass(Duration.ofHours(1)); // the machine goes on while the demo is down
        }
        assertThat(last).isAfter(TEN);
    }

    @Test
    void a_crash_skips_no_more_than_a_quarter_of_a_second_worth_of_time(@TempDir Path folder) {
        ClockFile file = new ClockFile(folder.resolve("clock"));
        DemoClock clock = clockFrom(TEN, file);
        clock.allowUpTo(Instant.MAX);
        clock.start();
        pass(Duration.ofMillis(1_234));
        Instant shown = clock.instant();

        Instant afterCrash = clockFrom(file.reserved().orElseThrow(), file).instant();
        assertThat(afterCrash).isBetween(shown, RATE.after(shown, Duration.ofMillis(250)));
    }

    @Test
    void after_the_demo_it_goes_on_with_the_machine() {
        DemoClock clock = clockFrom(TEN, Reservation.NONE);
        clock.start();
        Instant machine = Instant.parse("2026-11-24T13:00:00Z");
        clock.goOnInRealTime(machine);
        pass(Duration.ofSeconds(7));
        assertThat(clock.instant()).isEqualTo(machine.plusSeconds(7));
    }

    @Test
    void a_log_from_the_future_does_not_send_the_clock_back() {
        Instant future = Instant.parse("2126-01-01T00:00:00Z");
        DemoClock clock = clockFrom(future, Reservation.NONE);
        clock.start();
        clock.goOnInRealTime(Instant.parse("2026-11-24T13:00:00Z"));
        pass(Duration.ofSeconds(7));
        assertThat(clock.instant()).isEqualTo(future.plusSeconds(7));
    }

    @Test
    void twice_the_speed_is_half_the_time() {
        HourSpeed rate = HourSpeed.ofDemo(2);
        assertThat(rate.after(TEN, Duration.ofMillis(500))).isBetween(TEN.plusSeconds(3_599), TEN.plusSeconds(3_600));
    }
}
