package io.hourledger.pusher.push;

import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetricsPublisher;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** Registers the pusher's gauges. Each is judged from outside the threads that push, so none reads 0 because a thread is dead. */
final class PushGauges {

    private static final String SECONDS = "seconds";

    private PushGauges() {}

    static void ofQueue(MeterRegistry registry, QueueWatch watch) {
        queueSize(registry, watch, "in-time", QueueWatch.View::inTime);
        queueSize(registry, watch, "late", QueueWatch.View::late);
        Gauge.builder(PushMetrics.OLDEST_UNREPORTED_AGE, watch, QueueWatch::oldestAgeSeconds)
                .description(
                        "business time since the hour ended with which the marketplace collects the first record that"
                                + " waits; 0 if none does, and the time since the last look if nobody could look lately")
                .baseUnit(SECONDS)
                .register(registry);
        Gauge.builder(PushMetrics.SUSPENDED, watch, w -> w.seen(view -> view.suspendedBecause() == null ? 0 : 1))
                .description("1 while pushing is suspended by a person or after a restore")
                .register(registry);
    }

    static void ofIncarnation(MeterRegistry registry, SentCallJournal journal) {
        Gauge.builder(PushMetrics.SUPERSEDED, journal, j -> j.isSuperseded() ? 1 : 0)
                .description("1 while another database pushes in place of this one, until a person decides")
                .register(registry);
    }

    static void ofDeadlines(MeterRegistry registry, QueueWatch watch, Pusher pusher, AdaptiveRateLimiter rate) {
        left(registry, watch, "collection", QueueWatch::secondsToCollection);
        left(registry, watch, "delay", QueueWatch::secondsToDelay);
        left(registry, watch, "age-limit", QueueWatch::secondsToAgeLimit);
        overdue(registry, watch, "delay", view -> view.overdue().delayed());
        overdue(registry, watch, "age-alarm", view -> view.overdue().aged());
        frozen(registry, watch, "any", view -> view.frozen().records());
        frozen(registry, watch, "age-alarm", view -> view.frozen().aged());
        Gauge.builder(
                        PushMetrics.QUEUE_DRAIN_TIME,
                        watch,
                        w -> w.seen(view -> calls(view, pusher)) / rate.callsPerSecond())
                .description("how long all that waits would take at the present rate and size of calls")
                .baseUnit(SECONDS)
                .register(registry);
    }

    private static void left(
            MeterRegistry registry, QueueWatch watch, String deadline, ToDoubleFunction<QueueWatch> seconds) {
        Gauge.builder(PushMetrics.DEADLINE_LEFT, watch, seconds)
                .tag("deadline", deadline)
                .description(
                        "business time until the first record on the queue misses a deadline; below zero if one did")
                .baseUnit(SECONDS)
                .register(registry);
    }

    private static void overdue(
            MeterRegistry registry, QueueWatch watch, String deadline, ToDoubleFunction<QueueWatch.View> records) {
        Gauge.builder(PushMetrics.RECORDS_OVERDUE, watch, w -> w.seen(records))
                .tag("deadline", deadline)
                .description("records that missed a deadline and wait for no frozen instance, counted up to 10,000")
                .register(registry);
    }

    private static void frozen(
            MeterRegistry registry, QueueWatch watch, String age, ToDoubleFunction<QueueWatch.View> records) {
        Gauge.builder(PushMetrics.RECORDS_FROZEN, watch, w -> w.seen(records))
                .tag("age", age)
                .description("records that wait until their instance is frozen no more, counted up to 10,000")
                .register(registry);
    }

    private static double calls(QueueWatch.View view, Pusher pusher) {
        return Math.ceil((view.inTime() + view.late()) / (double) pusher.mostRecordsInACall());
    }

    private static void queueSize(
            MeterRegistry registry, QueueWatch watch, String lane, ToDoubleFunction<QueueWatch.View> size) {
        Gauge.builder(PushMetrics.QUEUE_SIZE, watch, w -> w.seen(size))
                .description("records waiting to be pushed, counted up to 10,000 and estimated beyond")
                .tag("lane", lane)
                .register(registry);
    }

    static void ofStalls(MeterRegistry registry, StallWatch watch) {
        Gauge.builder(PushMetrics.STALLED, watch, w -> w.stall().isPresent() ? 1 : 0)
                .description("1 while records are due, or may be, and no call was accepted for stalled-after")
                .register(registry);
        Gauge.builder(PushMetrics.LAST_ACCEPTED_AGE, watch, StallWatch::secondsSinceAccepted)
                .description(
                        "machine time since this process's last accepted call, or its start if none was accepted yet")
                .baseUnit(SECONDS)
                .register(registry);
        Gauge.builder(PushMetrics.QUEUE_SEEN_AGE, watch, StallWatch::secondsSinceSeen)
                .description("machine time since it was last seen whether the queue holds records that are due")
                .baseUnit(SECONDS)
                .register(registry);
    }

    static void ofCalls(MeterRegistry registry, Pusher pusher, AdaptiveRateLimiter rate, SellerLease lease) {
        Gauge.builder(PushMetrics.CALLS_PER_SECOND, rate, AdaptiveRateLimiter::callsPerSecond)
                .description("the rate of calls that is allowed now; throttling lowers it, time raises it")
                .register(registry);
        Gauge.builder(PushMetrics.STOPPED, pusher, p -> p.stop().isPresent() ? 1 : 0)
                .description("1 while the marketplace accepts nothing from us, because of our key or our rights")
                .register(registry);
        Gauge.builder(PushMetrics.LEASE_HELD, lease, l -> l.current().isPresent() ? 1 : 0)
                .description("1 while this process has the account's lease, so that it may push")
                .register(registry);
        new TaggedCircuitBreakerMetricsPublisher(registry).publishMetrics(rate.breaker());
    }
}
