package io.hourledger.pusher.push;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** The names of the pusher's metrics and the tags they may have. */
final class PushMetrics {

    static final String RECORDS_REPORTED = "push.records.reported";
    static final String RECORD_OUTCOMES = "push.record.outcomes";
    static final String CALL_ANSWERS = "push.call.answers";
    static final String CALL_RECORDS = "push.call.records";
    static final String CALL_TIME = "push.call.time";
    static final String SETTLE_TIME = "push.settle.time";
    static final String QUEUE_SIZE = "push.queue.size";
    static final String OLDEST_UNREPORTED_AGE = "push.oldest.unreported.age";
    static final String RECORDS_NEEDING_REVIEW = "push.records.needing.review";
    static final String CALLS_PER_SECOND = "push.rate.calls.per.second";
    static final String ATTEMPTS_NOT_SETTLED = "push.attempts.not.settled";
    static final String STOPPED = "push.stopped";
    static final String SUSPENDED = "push.suspended";
    static final String LAST_ACCEPTED_AGE = "push.last.accepted.age";
    static final String QUEUE_SEEN_AGE = "push.queue.seen.age";
    static final String STALLED = "push.stalled";
    static final String LEASE_HELD = "push.lease.held";

    private final MeterRegistry registry;
    private final Counter reported;
    private final DistributionSummary callRecords;
    private final Timer callTime;
    private final Timer settleTime;

    PushMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.reported = registry.counter(RECORDS_REPORTED);
        this.callRecords = registry.summary(CALL_RECORDS);
        this.callTime = registry.timer(CALL_TIME);
        this.settleTime = registry.timer(SETTLE_TIME);
    }

    void answer(String word, int records, Duration took) {
        registry.counter(CALL_ANSWERS, "answer", word).increment();
        callRecords.record(records);
        callTime.record(took);
    }

    void outcomes(Iterable<PushOutcome> outcomes) {
        for (PushOutcome outcome : outcomes) {
            registry.counter(RECORD_OUTCOMES, "outcome", outcome.word()).increment();
            if (outcome instanceof PushOutcome.Reported) {
                reported.increment();
            }
        }
    }

    /** An attempt could not be settled and is left aside. */
    void notSettled() {
        registry.counter(ATTEMPTS_NOT_SETTLED).increment();
    }

    void settled(Duration took) {
        settleTime.record(took);
    }
}
