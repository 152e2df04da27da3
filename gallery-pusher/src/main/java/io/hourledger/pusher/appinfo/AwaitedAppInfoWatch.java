package io.hourledger.pusher.appinfo;

import io.hourledger.ledger.store.IndexScansOnly;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks how long instances have waited for their app, and lets the template end what has waited long enough. */
final class AwaitedAppInfoWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AwaitedAppInfoWatch.class);
    private static final int A_TURN = 1000;
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final AwaitedAppInfo awaited;
    private final DataSource database;
    private final Clock businessTime;
    private final long started = System.nanoTime();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "awaited-app-info");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable Seen seen;

    /** What the last look saw. */
    private record Seen(long count, @Nullable Instant oldest, long at) {}

    AwaitedAppInfoWatch(AwaitedAppInfo awaited, DataSource database, Clock businessTime, MeterRegistry registry) {
        this.awaited = awaited;
        this.database = database;
        this.businessTime = businessTime;
        Gauge.builder("app.info.awaited", this, AwaitedAppInfoWatch::count)
                .description("new instances whose app has not said where its buyer logs in; the marketplace waits")
                .baseUnit("instances")
                .register(registry);
        Gauge.builder("app.info.awaited.age", this, AwaitedAppInfoWatch::ageInSeconds)
                .description("how long the instance has waited for its app that has waited longest, in business time")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("app.info.look.age", this, AwaitedAppInfoWatch::lookAgeInSeconds)
                .description("how long ago it was looked which instances wait for their app")
                .baseUnit("seconds")
                .register(registry);
    }

    void start() {
        var unused = timer.scheduleWithFixedDelay(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** One look. */
    void look() {
        try {
            IndexScansOnly.in(database, () -> {
                int ended = awaited.endOverdue(businessTime.instant(), A_TURN);
                if (ended > 0) {
                    LOG.atWarn().addKeyValue("instances", ended).log("instances wait for their app no longer");
                }
                seen = new Seen(awaited.count(), awaited.oldest().orElse(null), System.nanoTime());
                return ended;
            });
        } catch (RuntimeException broken) {
            LOG.atError()
                    .setCause(broken)
                    .log("instances that wait for their app could not be looked at; they are soon");
        }
    }

    private double count() {
        Seen last = seen;
        return last == null ? Double.NaN : last.count();
    }

    /** It grows while nobody looks, too. */
    private double ageInSeconds() {
        Seen last = seen;
        return last == null || last.oldest() == null
                ? 0
                : Duration.between(last.oldest(), businessTime.instant()).toMillis() / 1000.0;
    }

    private double lookAgeInSeconds() {
        Seen last = seen;
        return Duration.ofNanos(System.nanoTime() - (last == null ? started : last.at()))
                        .toMillis()
                / 1000.0;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
