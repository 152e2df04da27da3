package io.hourledger.pusher.notice;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.hourledger.pusher.notice.DeliveryQueue.Claim;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one endpoint its notices, each instance's in their order, again and again until they are taken. It has threads, a queue and a circuit breaker
 * of its own, so an endpoint that hangs holds up nothing but itself.
 */
final class WebhookDelivery implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookDelivery.class);

    private static final int CALLS_AT_ONCE = 4;
    private static final int FAILURES_THAT_PAUSE = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration IDLE = Duration.ofMillis(100);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
    /** What is stored after the answer came. */
    private static final Duration TO_STORE = Duration.ofSeconds(20);

    private final WebhookEndpoint endpoint;
    private final DeliveryQueue queue;
    private final WebhookClient client;
    private final NoticeSettings.Retry retry;
    private final NoticeMetrics metrics;
    private final BooleanSupplier allowed;
    private final IntervalFunction backOff;
    private final CircuitBreaker breaker;
    private final Semaphore callsLeft = new Semaphore(CALLS_AT_ONCE);
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread dispatcher;
    private volatile boolean mayBeMarkedFailing = true;

    /**
     * @param allowed whether anything may be sent: not on a database that another one has superseded
     */
    WebhookDelivery(
            WebhookEndpoint endpoint,
            DeliveryQueue queue,
            WebhookClient client,
            NoticeSettings.Retry retry,
            NoticeMetrics metrics,
            BooleanSupplier allowed) {
        this.endpoint = endpoint;
        this.queue = queue;
        this.client = client;
        this.retry = retry;
        this.metrics = metrics;
        this.allowed = allowed;
        this.backOff =
                IntervalFunction.ofExponentialRandomBackoff(retry.firstBackOff(), 2.0, 0.2, retry.longestBackOff());
        this.breaker = CircuitBreaker.of(
                "webhook-" + endpoint.name(),
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                FAILURES_THAT_PAUSE,
                                FAILURES_THAT_PAUSE,
                                CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(100)
                        .waitIntervalFunctionInOpenState(
                                IntervalFunction.ofExponentialBackoff(FIRST_PAUSE, 2.0, LONGEST_PAUSE))
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .maxWaitDurationInHalfOpenState(retry.answerTimeout().plus(TO_STORE))
                        .build());
        this.dispatcher =
                Thread.ofPlatform().daemon().name("webhook-" + endpoint.name()).unstarted(this::run);
    }

    void start() {
        queue.forgetOldTries(retry.giveUpAfter());
        dispatcher.start();
    }

    /** Gives up what is too old; called now and then. */
    void giveUpOld() {
        mayBeMarkedFailing = true;
        int given = queue.giveUp(retry.giveUpAfter());
        if (given > 0) {
            LOG.atError()
                    .addKeyValue("endpoint", endpoint.name())
                    .addKeyValue("notices", given)
                    .log("an endpoint did not take notices in time; a person must send them again");
        }
    }

    private void run() {
        while (stopped.getCount() > 0) {
            Duration pause;
            try {
                pause = dispatch() ? Duration.ZERO : IDLE;
            } catch (InterruptedException stop) {
                return;
            } catch (RuntimeException | Error failed) { // an Error would end the endpoint's delivery without a word
                LOG.atError()
                        .addKeyValue("endpoint", endpoint.name())
                        .setCause(failed)
                        .log("notices of an endpoint could not be claimed; they are again in a second");
                pause = AFTER_A_FAILURE;
            }
            if (!pause.isZero() && isStoppedWithin(pause)) {
                return;
            }
        }
    }

    private boolean isStoppedWithin(Duration pause) {
        try {
            return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stop) {
            return true;
        }
    }

    /** Begins one call; false if none is due, or none may be made now. */
    private boolean dispatch() throws InterruptedException {
        if (!allowed.getAsBoolean()) {
            return false;
        }
        callsLeft.acquire();
        boolean begun = false;
        try {
            begun = breaker.tryAcquirePermission() && begin();
        } finally {
            if (!begun) {
                callsLeft.release();
            }
        }
        return begun;
    }

    private boolean begin() {
        Duration length = retry.answerTimeout().plus(TO_STORE);
        boolean begun = false;
        try {
            Optional<Claim> claim = queue.claim(length);
            if (claim.isPresent()) {
                calls.execute(() -> deliver(claim.get()));
                begun = true;
            }
        } finally {
            if (!begun) {
                breaker.releasePermission();
            }
        }
        return begun;
    }

    private void deliver(Claim claim) {
        long began = System.nanoTime();
        boolean told = false;
        try {
            DeliveryOutcome outcome = endpoint.takes(claim.type())
                    ? client.send(endpoint, claim.id(), claim.body())
                    : new DeliveryOutcome.Delivered(); // by settings of before: it takes such notices no more
            tellBreaker(outcome, System.nanoTime() - began);
            told = true;
            metrics.tried(endpoint.name(), outcome);
            store(claim, outcome);
        } catch (RuntimeException | Error failed) {
            // the claim runs out, and the notice is tried again
            LOG.atError()
                    .addKeyValue("endpoint", endpoint.name())
                    .addKeyValue("notice", claim.id())
                    .setCause(failed)
                    .log("what came of a notice was not stored; it is sent again");
        } finally {
            if (!told) {
                breaker.releasePermission();
            }
            callsLeft.release();
        }
    }

    private void tellBreaker(DeliveryOutcome outcome, long nanos) {
        switch (outcome) {
            case DeliveryOutcome.Delivered _, DeliveryOutcome.NotTaken _ ->
                breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
            case DeliveryOutcome.EndpointFails(String why) ->
                breaker.onError(nanos, TimeUnit.NANOSECONDS, new IllegalStateException(why));
        }
    }

    private void store(Claim claim, DeliveryOutcome outcome) {
        switch (outcome) {
            case DeliveryOutcome.Delivered _ -> {
                queue.delivered(claim);
                works();
            }
            case DeliveryOutcome.NotTaken(String why) -> {
                queue.failed(claim, why, backOffOf(claim));
                works();
            }
            case DeliveryOutcome.EndpointFails(String why) -> {
                mayBeMarkedFailing = true;
                queue.failed(claim, why, backOffOf(claim));
                queue.endpointFails(true);
            }
        }
    }

    private void works() {
        if (mayBeMarkedFailing) {
            mayBeMarkedFailing = false;
            queue.endpointFails(false);
        }
    }

    private Duration backOffOf(Claim claim) {
        return Duration.ofMillis(backOff.apply(claim.tries()));
    }

    @Override
    public void close() {
        stopped.countDown();
        dispatcher.interrupt();
        try {
            dispatcher.join(STOP_LIMIT);
            calls.shutdown();
            if (!calls.awaitTermination(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                calls.shutdownNow();
            }
        } catch (InterruptedException stop) {
            calls.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
