package io.hourledger.pusher.push;

import io.hourledger.pusher.marketplace.PushAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;

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
    static final String DEADLINE_LEFT = "push.deadline.left";
    static final String RECORDS_OVERDUE = "push.records.overdue";
    static final String RECORDS_FROZEN = "push.records.frozen";
    static final String QUEUE_DRAIN_TIME = "push.queue.drain.time";
    static final String RECORDS_NEEDING_REVIEW = "push.records.needing.review";
    static final String REVIEW_OLDEST_AGE = "push.records.needing.review.oldest.age";
    static final String REVIEW_AMOUNT = "push.records.needing.review.amount";
    static final String CALLS_PER_SECOND = "push.rate.calls.per.second";
    static final String ATTEMPTS_NOT_SETTLED = "push.attempts.not.settled";
    static final String STOPPED = "push.stopped";
    static final String SUSPENDED = "push.suspended";
    static final String SUPERSEDED = "push.superseded";
    static final String IN_SHADOW = "push.in.shadow";
    static final String LAST_ACCEPTED_AGE = "push.last.accepted.age";
    static final String QUEUE_SEEN_AGE = "push.queue.seen.age";
    static final String STALLED = "push.stalled";
    static final String LEASE_HELD = "push.lease.held";

    /** The words of {@link PushAnswer} and {@link PushOutcome}: there with 0 from the start, or a rate would miss the first of each. */
    static final List<String> ANSWERS = List.of(
            "accepted",
            "some-abnormal",
            "refused",
            "too-many",
            "not-allowed",
            "key-refused",
            "throttled",
            "unclear",
            "not-made",
            "not-sent");

    static final List<String> OUTCOMES = List.of("reported", "reported-as-duplicate", "refused", "unknown", "again");

    private final MeterRegistry registry;
    private final Counter reported;
    private final Counter notSettled;
    private final DistributionSummary callRecords;
    private final Timer callTime;
    private final Timer settleTime;

    PushMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.reported = Counter.builder(RECORDS_REPORTED)
                .description("records that the marketplace accepted")
                .register(registry);
        this.notSettled = Counter.builder(ATTEMPTS_NOT_SETTLED)
                .description("times that the outcomes of an attempt could not be stored")
                .register(registry);
        this.callRecords = DistributionSummary.builder(CALL_RECORDS)
                .description("records in one call")
                .register(registry);
        this.callTime = Timer.builder(CALL_TIME)
                .description("from the sending of a call to the end of its answer")
                .register(registry);
        this.settleTime = Timer.builder(SETTLE_TIME)
                .description("how long it took to store the outcomes of a call")
                .register(registry);
        ANSWERS.forEach(this::answers);
        OUTCOMES.forEach(this::outcomes);
    }

    private Counter answers(String word) {
        return Counter.builder(CALL_ANSWERS)
                .description("calls by what the marketplace answered")
                .tag("answer", word)
                .register(registry);
    }

    private Counter outcomes(String word) {
        return Counter.builder(RECORD_OUTCOMES)
                .description("records by what one attempt came to")
                .tag("outcome", word)
                .register(registry);
    }

    void answer(String word, int records, Duration took) {
        answers(word).increment();
        callRecords.record(records);
        callTime.record(took);
    }

    void outcomes(Iterable<PushOutcome> outcomes) {
        for (PushOutcome outcome : outcomes) {
            outcomes(outcome.word()).increment();
            if (outcome instanceof PushOutcome.Reported) {
                reported.increment();
            }
        }
    }

    /** An attempt could not be settled and is left aside. */
    void notSettled() {
        notSettled.increment();
    }

    void settled(Duration took) {
        settleTime.record(took);
    }
}
