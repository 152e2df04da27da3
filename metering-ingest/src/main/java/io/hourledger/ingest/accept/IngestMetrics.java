package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;

/** What ingest counts; all tags come from closed sets. The counters say what senders were told, event by event. */
final class IngestMetrics {

    static final String ACCEPTED = "usage.events.accepted";
    static final String REJECTED = "usage.events.rejected";
    static final String UNAVAILABLE = "usage.events.unavailable";
    static final String REFUSED_REQUESTS = "usage.requests.refused";
    static final String REQUESTS_IN_FLIGHT = "usage.requests.in.flight";
    static final String BYTES_IN_FLIGHT = "usage.bytes.in.flight";
    static final String ANSWER_TIME = "usage.answer.time";

    private static final String CODE = "code";

    private final MeterRegistry registry;
    private final Counter accepted;
    private final Timer answerTime;

    IngestMetrics(MeterRegistry registry, Admission admission) {
        this.registry = registry;
        this.accepted = Counter.builder(ACCEPTED)
                .description("events that the log has acknowledged")
                .register(registry);
        this.answerTime = Timer.builder(ANSWER_TIME)
                .description("from the hand-over of a request's events to its answer")
                .publishPercentileHistogram()
                .register(registry);
        Gauge.builder(REQUESTS_IN_FLIGHT, admission, Admission::requestsInFlight)
                .description("requests being read or waiting for the log")
                .register(registry);
        Gauge.builder(BYTES_IN_FLIGHT, admission, Admission::bytesInFlight)
                .description("bodies of the requests in flight")
                .baseUnit("bytes")
                .register(registry);
    }

    void answered(List<ItemAnswer> answers, Duration elapsed) {
        int acceptedNow = 0;
        for (ItemAnswer answer : answers) {
            if (answer.status() == Status.ACCEPTED) {
                acceptedNow++;
            } else {
                String name = answer.status() == Status.REJECTED ? REJECTED : UNAVAILABLE;
                registry.counter(name, CODE, answer.code()).increment();
            }
        }
        accepted.increment(acceptedNow);
        answerTime.record(elapsed);
    }

    void requestRefused(String code) {
        registry.counter(REFUSED_REQUESTS, CODE, code).increment();
    }
}
