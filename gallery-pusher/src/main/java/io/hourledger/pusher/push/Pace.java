package io.hourledger.pusher.push;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the next call may go: never faster than the ceiling, slower after a throttle, not at all while the marketplace asked for a pause,
 * while the way to it is broken, or while it accepts nothing from us. All of it is elapsed time, so the machine's.
 */
final class Pace {

    private static final Logger LOG = LoggerFactory.getLogger(Pace.class);

    /** Calls are spread evenly, so that any second has at most one more than the rate. */
    private static final int PERMITS_A_PERIOD = 1;

    private final PaceSettings settings;
    private final CircuitBreaker breaker;
    private double rate;
    private RateLimiter limiter;
    private long notBeforeNanos;
    private long lastChangeNanos;
    private int throttlesInARow;
    private boolean stopped;

    Pace(PaceSettings settings) {
        this.settings = settings;
        this.rate = settings.ceiling();
        this.limiter = limiter(rate);
        this.lastChangeNanos = System.nanoTime();
        this.notBeforeNanos = System.nanoTime();
        this.breaker = CircuitBreaker.of(
                "gallery-calls",
                CircuitBreakerConfig.custom()
                        .slidingWindow(10, 5, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(60)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .waitIntervalFunctionInOpenState(IntervalFunction.ofExponentialBackoff(
                                settings.firstPause(), 2.0, settings.longestPause()))
                        .build());
    }

    /** A new owner does not know what the old one used up: it starts with nothing and waits one window. */
    synchronized void startEmpty() {
        limiter = limiter(rate);
        limiter.drainPermissions();
        pause(settings.window());
    }

    /** Zero if a call may go now, and then it counts; else how long to wait before asking again. */
    synchronized Duration acquire() {
        long pause = notBeforeNanos - System.nanoTime();
        if (pause > 0) {
            return Duration.ofNanos(pause);
        }
        raiseIfBorne();
        if (!breaker.tryAcquirePermission()) {
            return Duration.ofMillis(100);
        }
        if (!limiter.acquirePermission()) {
            breaker.releasePermission();
            return Duration.ofNanos((long) (1e9 / rate / 10));
        }
        return Duration.ZERO;
    }

    /** A call that was acquired is not made after all. */
    synchronized void unused() {
        breaker.releasePermission();
    }

    synchronized void accepted(Duration took) {
        breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
        throttlesInARow = 0;
        if (stopped) {
            stopped = false;
            LOG.atInfo().log("the marketplace accepts our calls again");
        }
    }

    /** An answer that says nothing about the way or the rate, such as a refused record. */
    synchronized void answered(Duration took) {
        breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
    }

    synchronized void throttled(Duration took, @Nullable Duration asked) {
        breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
        setRate(Math.max(settings.slowest(), rate / 2));
        throttlesInARow++;
        pause(asked != null ? asked : growing(throttlesInARow));
        LOG.atWarn().addKeyValue("callsPerSecond", rate).log("throttled by the marketplace");
    }

    synchronized void struggled(Duration took, String why, @Nullable Duration asked) {
        breaker.onError(took.toNanos(), TimeUnit.NANOSECONDS, new GalleryTrouble(why));
        if (asked != null) {
            pause(asked);
        }
    }

    synchronized void stopped(Duration took) {
        breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
        stopped = true;
        pause(settings.probeEvery());
    }

    /** A person mended the key: ask at once. */
    synchronized void askNow() {
        notBeforeNanos = System.nanoTime();
    }

    /** Whether nothing is accepted from us; then a call carries one record, only to ask. */
    synchronized boolean isStopped() {
        return stopped;
    }

    synchronized double callsPerSecond() {
        return rate;
    }

    private void pause(Duration pause) {
        long until = System.nanoTime() + pause.toNanos();
        if (until - notBeforeNanos > 0) {
            notBeforeNanos = until;
        }
    }

    private Duration growing(int times) {
        long millis = settings.firstPause().toMillis() << Math.min(16, times - 1);
        return millis > settings.longestPause().toMillis() ? settings.longestPause() : Duration.ofMillis(millis);
    }

    private void raiseIfBorne() {
        boolean borne =
                System.nanoTime() - lastChangeNanos > settings.raiseEvery().toNanos();
        if (borne && rate < settings.ceiling()) {
            setRate(Math.min(settings.ceiling(), rate + settings.ceiling() / 10));
        }
    }

    private void setRate(double newRate) {
        lastChangeNanos = System.nanoTime();
        if (newRate != rate) {
            rate = newRate;
            limiter = limiter(newRate);
            limiter.drainPermissions();
        }
    }

    private static RateLimiter limiter(double callsPerSecond) {
        return RateLimiter.of(
                "gallery-calls",
                RateLimiterConfig.custom()
                        .limitForPeriod(PERMITS_A_PERIOD)
                        .limitRefreshPeriod(Duration.ofNanos((long) (1e9 / callsPerSecond)))
                        .timeoutDuration(Duration.ZERO)
                        .build());
    }

    /** What the circuit breaker counts. */
    private static final class GalleryTrouble extends RuntimeException {
        GalleryTrouble(String why) {
            super(why, null, false, false);
        }
    }
}
