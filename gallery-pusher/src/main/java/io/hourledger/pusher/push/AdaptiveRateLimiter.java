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
final class AdaptiveRateLimiter {

    private static final Logger LOG = LoggerFactory.getLogger(AdaptiveRateLimiter.class);

    /** Calls are spread evenly, so that any second has at most one more than the rate. */
    private static final int PERMITS_A_PERIOD = 1;

    /** How soon to ask again while the circuit breaker lets nothing through. */
    private static final Duration WHILE_OPEN = Duration.ofMillis(100);

    private final RateLimitSettings settings;
    private final CircuitBreaker breaker;
    private double rate;
    private RateLimiter limiter;
    private @Nullable RateLimiter spareOf;
    private long notBeforeNanos;
    private long lastChangeNanos;
    private int throttlesInARow;
    private boolean asking;

    /** From the call on that opened the circuit breaker until one closes it: so the log has a line for each outage. */
    private boolean away;

    /** What {@link #acquire} gives. */
    sealed interface Acquired permits Permit, Wait {}

    /**
     * No call may go now.
     *
     * @param pause how long to wait before asking again
     * @param why for a person
     */
    record Wait(Duration pause, String why) implements Acquired {}

    AdaptiveRateLimiter(RateLimitSettings settings) {
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
                        .maxWaitDurationInHalfOpenState(settings.longestHalfOpen())
                        .build());
    }

    /**
     * Allows one call. It ends with exactly one outcome; closed without one, it counts as not used and is given back, so nothing that
     * breaks between taking and using it can keep the circuit breaker's place.
     */
    final class Permit implements Acquired, AutoCloseable {

        private final RateLimiter from;
        private final boolean probe;
        private boolean ended;

        private Permit(RateLimiter from, boolean probe) {
            this.from = from;
            this.probe = probe;
        }

        /** Whether the call only asks if the marketplace accepts something from us; then it carries one record. */
        boolean isProbe() {
            return probe;
        }

        /** The call was accepted: way, key and rate are good. */
        void accepted(Duration took) {
            end(() -> AdaptiveRateLimiter.this.accepted(took));
        }

        /** An answer that says nothing about way, key or rate, such as a refused record. */
        void answered(Duration took) {
            end(() -> succeeded(took));
        }

        /**
         * Too fast.
         *
         * @param asked the pause that the marketplace asked for; null if it named none
         */
        void throttled(Duration took, @Nullable Duration asked) {
            end(() -> AdaptiveRateLimiter.this.throttled(took, asked));
        }

        /**
         * No clear answer, or none.
         *
         * @param asked the pause that the marketplace asked for; null if it named none
         */
        void struggled(Duration took, String why, @Nullable Duration asked) {
            end(() -> AdaptiveRateLimiter.this.struggled(took, why, asked));
        }

        /** Our key or our right to call may be at fault: calls only ask until one is accepted. */
        void notAllowed(Duration took) {
            end(() -> AdaptiveRateLimiter.this.notAllowed(took));
        }

        /** Our key or our right to call is at fault: the next call only asks, and after a long pause. */
        void stopped(Duration took) {
            end(() -> AdaptiveRateLimiter.this.stopped(took));
        }

        /** The call was not made after all. */
        void unused() {
            end(() -> giveBack(from));
        }

        private void end(Runnable outcome) {
            synchronized (AdaptiveRateLimiter.this) {
                if (ended) {
                    throw new IllegalStateException("a permit has one outcome");
                }
                ended = true;
                outcome.run();
            }
        }

        @Override
        public void close() {
            synchronized (AdaptiveRateLimiter.this) {
                if (!ended) {
                    unused();
                }
            }
        }
    }

    /** A new owner does not know what the old one used up: it starts with nothing and waits one window. */
    synchronized void startEmpty() {
        limiter = limiter(rate);
        limiter.drainPermissions();
        pause(settings.window());
    }

    /** A {@link Permit} if a call may go now, else how long to {@link Wait}. Whoever gets a permit closes it. */
    synchronized Acquired acquire() {
        long pause = notBeforeNanos - System.nanoTime();
        if (pause > 0) {
            return new Wait(Duration.ofNanos(pause), "a pause, asked for by the marketplace or by a new start");
        }
        raiseIfBorne();
        if (!breaker.tryAcquirePermission()) {
            return new Wait(WHILE_OPEN, "the circuit breaker: too many calls got no clear answer");
        }
        boolean given = false;
        try {
            given = takeSpare() || limiter.acquirePermission();
        } finally {
            if (!given) {
                breaker.releasePermission();
            }
        }
        return given
                ? new Permit(limiter, asking || breaker.getState() == CircuitBreaker.State.HALF_OPEN)
                : new Wait(Duration.ofNanos((long) (1e9 / rate / 10)), "the rate");
    }

    /** What was not used of the present rate goes to the next call; one only, so a second has at most one call more. */
    private boolean takeSpare() {
        boolean spare = spareOf == limiter;
        spareOf = null;
        return spare;
    }

    private void giveBack(RateLimiter from) {
        breaker.releasePermission();
        spareOf = from;
    }

    private void succeeded(Duration took) {
        breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
        if (away && breaker.getState() == CircuitBreaker.State.CLOSED) {
            away = false;
            LOG.atInfo().log("the marketplace answers clearly again");
        }
    }

    private void accepted(Duration took) {
        succeeded(took);
        throttlesInARow = 0;
        if (asking) {
            asking = false;
            LOG.atInfo().log("the marketplace accepts our calls again");
        }
    }

    private void throttled(Duration took, @Nullable Duration asked) {
        succeeded(took);
        setRate(Math.max(settings.slowest(), rate / 2));
        throttlesInARow++;
        pause(asked != null ? asked : growing(throttlesInARow));
        LOG.atWarn().addKeyValue("callsPerSecond", rate).log("throttled by the marketplace");
    }

    private void struggled(Duration took, String why, @Nullable Duration asked) {
        breaker.onError(took.toNanos(), TimeUnit.NANOSECONDS, new GalleryTrouble(why));
        if (!away && breaker.getState() == CircuitBreaker.State.OPEN) {
            away = true;
            LOG.atWarn()
                    .addKeyValue("why", why)
                    .log("the marketplace gives no clear answer; it is asked now and then until it does");
        }
        if (asked != null) {
            pause(asked);
        }
    }

    private void notAllowed(Duration took) {
        succeeded(took);
        asking = true;
    }

    private void stopped(Duration took) {
        notAllowed(took);
        pause(settings.probeEvery());
    }

    /** A person mended the key: ask at once. */
    synchronized void askNow() {
        notBeforeNanos = System.nanoTime();
    }

    synchronized double callsPerSecond() {
        return rate;
    }

    /** To be measured. */
    CircuitBreaker breaker() {
        return breaker;
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
