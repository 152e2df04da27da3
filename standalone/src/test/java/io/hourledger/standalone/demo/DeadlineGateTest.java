package io.hourledger.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.standalone.clock.DemoClock;
import io.hourledger.standalone.clock.HourSpeed;
import io.hourledger.standalone.clock.Reservation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("fast")
@Timeout(60)
class DeadlineGateTest {

    private static final UsageHour TEN = UsageHour.of(Instant.parse("2015-05-17T10:00:00Z"));
    private static final UsageHour NEXT = UsageHour.ofNumber(TEN.number() + 1);
    private static final UsageHour YEARS_LATER = UsageHour.ofNumber(TEN.number() + 400_000);

    private final DemoClock clock =
            new DemoClock(TEN.start(), HourSpeed.ofDemo(10_000), Reservation.NONE, System::nanoTime);
    private final AtomicReference<UsageHour> doneThrough = new AtomicReference<>(UsageHour.ofNumber(TEN.number() - 1));
    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Future<?> gateFor(UsageHour... hours) {
        TreeSet<UsageHour> all = new TreeSet<>(List.of(hours));
        DeadlineGate gate = new DeadlineGate(all, clock, hour -> hour.compareTo(doneThrough.get()) <= 0);
        Future<?> running = threads.submit(() -> {
            gate.run();
            return null;
        });
        clock.allowUpTo(Instant.MAX);
        return running;
    }

    @Test
    void time_waits_before_the_deadline_for_services_that_are_slow() {
        Future<?> gate = gateFor(TEN, NEXT);
        clock.letServicesWorkUntil(TEN.end().plus(DeadlineGate.WAITS_AT));
        clock.start();

        await().until(() -> clock.waitedForServices().compareTo(Duration.ofMillis(50)) > 0);
        assertThat(clock.instant()).isEqualTo(TEN.end().plus(Duration.ofMinutes(14)));
        assertThat(gate).isNotDone();

        doneThrough.set(TEN);
        await().until(() -> clock.instant().equals(NEXT.end().plus(Duration.ofMinutes(14))));
    }

    @Test
    void time_goes_on_freely_when_the_last_hour_is_done() throws Exception {
        Future<?> gate = gateFor(TEN);
        clock.start();
        doneThrough.set(TEN);
        gate.get();
        await().until(() -> clock.instant().isAfter(TEN.end().plus(Duration.ofHours(3))));
    }

    @Test
    void hours_without_traffic_are_passed_over() {
        gateFor(TEN, YEARS_LATER);
        clock.start();
        doneThrough.set(TEN);
        await().until(() -> clock.instant().equals(YEARS_LATER.end().plus(Duration.ofMinutes(14))));
    }

    @Test
    void nothing_is_passed_over_that_the_feeder_has_not_told() {
        DeadlineGate gate = new DeadlineGate(new TreeSet<>(List.of(YEARS_LATER)), clock, hour -> false);
        clock.allowUpTo(NEXT.start());
        clock.start();
        threads.submit(() -> {
            gate.run();
            return null;
        });
        await().until(() -> clock.instant().equals(NEXT.start()));
        clock.allowUpTo(YEARS_LATER.start());
        await().until(() -> clock.instant().equals(YEARS_LATER.start()));
    }
}
