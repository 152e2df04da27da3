package io.hourledger.service;

import io.hourledger.contracts.time.BusinessTime;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Compares this process's clock with the database's, in business time, and raises the alarm when they differ by more than {@link
 * BusinessTime#AGREED_WITHIN}: {@code hourledger.clock.difference}, a detail of the health, and one line in the log. Which of the two is wrong it
 * cannot know.
 */
public final class ClockWatch implements HealthIndicator, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ClockWatch.class);

    private static final Duration EVERY = Duration.ofSeconds(10);

    private final Clock clock;
    private final DataSource database;
    private final ScheduledExecutorService thread;
    private final long startedNanos = System.nanoTime();
    private volatile @Nullable Reading last;

    private ClockWatch(Clock clock, DataSource database, MeterRegistry metrics) {
        this.clock = clock;
        this.database = database;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread watching = new Thread(task, "clock-watch");
            watching.setDaemon(true);
            return watching;
        });
        Gauge.builder("hourledger.clock.difference", this, ClockWatch::differenceSeconds)
                .description("how far the database's clock is ahead of this process's; negative if it is behind, NaN"
                        + " before they were compared")
                .baseUnit("seconds")
                .register(metrics);
        Gauge.builder("hourledger.clock.compared.age", this, ClockWatch::secondsSinceCompared)
                .description("machine time since the clocks were compared last, or since the start")
                .baseUnit("seconds")
                .register(metrics);
    }

    /** Compares every ten seconds from now on. */
    public static ClockWatch start(Clock clock, DataSource database, MeterRegistry metrics) {
        ClockWatch watch = new ClockWatch(clock, database, metrics);
        @SuppressWarnings("unused") // ends with the thread
        Future<?> looking =
                watch.thread.scheduleWithFixedDelay(watch::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return watch;
    }

    /**
     * Both clocks, read at the same time as nearly as can be.
     *
     * @param difference how far the database's clock lies outside of the time that its answer has taken here
     */
    private record Reading(Instant processTime, Instant databaseTime, Duration difference, long atNanos) {

        static Reading of(Instant before, Instant databaseTime, Instant after) {
            Duration behind = Duration.between(before, databaseTime);
            Duration ahead = Duration.between(after, databaseTime);
            Duration difference = behind.isNegative() ? behind : ahead.isNegative() ? Duration.ZERO : ahead;
            return new Reading(before, databaseTime, difference, System.nanoTime());
        }

        boolean differs() {
            return difference.abs().compareTo(BusinessTime.AGREED_WITHIN) > 0;
        }
    }

    private void look() {
        try {
            Instant before = clock.instant();
            Instant databaseTime = BusinessTime.of(clock).at(databaseTime());
            Reading now = Reading.of(before, databaseTime, clock.instant());
            Reading earlier = last;
            last = now;
            sayChange(earlier != null && earlier.differs(), now);
        } catch (SQLException noAnswer) {
            log.atWarn().setCause(noAnswer).log("the database's clock cannot be read now");
        } catch (Throwable bug) {
            log.atError().setCause(bug).log("the clocks cannot be compared");
        }
    }

    private Instant databaseTime() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("select clock_timestamp()")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    private static void sayChange(boolean differedBefore, Reading now) {
        if (now.differs() && !differedBefore) {
            log.atError()
                    .addKeyValue("processTime", now.processTime)
                    .addKeyValue("databaseTime", now.databaseTime)
                    .log("this process's clock and the database's differ: set right the one that is wrong");
        } else if (differedBefore && !now.differs()) {
            log.atInfo().log("this process's clock and the database's agree again");
        }
    }

    private double differenceSeconds() {
        Reading now = last;
        return now == null ? Double.NaN : now.difference.toMillis() / 1000.0;
    }

    private double secondsSinceCompared() {
        Reading now = last;
        return (System.nanoTime() - (now == null ? startedNanos : now.atNanos)) / 1e9;
    }

    /** Up all the same: a service that is started again has the same clock. */
    @Override
    public Health health() {
        Reading now = last;
        if (now == null) {
            return Health.unknown().withDetail("clock", "not compared yet").build();
        }
        String found = now.differs()
                ? "this process has " + now.processTime + " and the database " + now.databaseTime
                        + ": set right the one that is wrong"
                : "agrees with the database's within " + BusinessTime.AGREED_WITHIN.toSeconds() + " s";
        long age = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - now.atNanos);
        return Health.up()
                .withDetail("clock", found)
                .withDetail("comparedSecondsAgo", age)
                .build();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
