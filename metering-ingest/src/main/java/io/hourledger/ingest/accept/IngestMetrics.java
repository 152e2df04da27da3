package io.hourledger.ingest.accept;

import io.hourledger.ingest.accept.ItemAnswer.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What ingest counts; all tags come from closed sets. The counters say what senders were told, event by event. They are there with 0 from the
 * start, or a rate would miss the first of each kind.
 */
final class IngestMetrics {

    static final String ACCEPTED = "usage.events.accepted";
    static final String REJECTED = "usage.events.rejected";
    static final String UNAVAILABLE = "usage.events.unavailable";
    static final String BY_KEY = "usage.key.events";
    static final String REFUSED_REQUESTS = "usage.requests.refused";
    static final String REQUESTS_IN_FLIGHT = "usage.requests.in.flight";
    static final String BYTES_IN_FLIGHT = "usage.bytes.in.flight";
    static final String ANSWER_TIME = "usage.answer.time";

    /** Keys with a series of their own; those that come after them share one. */
    private static final int MOST_KEYS = 100;

    private static final String OTHER_KEYS = "other keys";
    private static final String CODE = "code";
    private static final String REFUSED_DESCRIPTION = "requests refused as a whole";
    private static final String REFUSED_FOR_GOOD = "events refused for good";
    private static final String TO_SEND_AGAIN = "events that senders were told to send again";

    private final MeterRegistry registry;
    private final Counter accepted;
    private final Timer answerTime;
    private final ConcurrentMap<String, KeyCounters> byKey = new ConcurrentHashMap<>();

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
                .description("requests waiting for the log")
                .register(registry);
        Gauge.builder(BYTES_IN_FLIGHT, admission, Admission::bytesInFlight)
                .description("bodies of requests being read or waiting for the log")
                .baseUnit("bytes")
                .register(registry);
        Codes.OF_REJECTED_EVENTS.forEach(code -> counter(REJECTED, REFUSED_FOR_GOOD, code));
        Codes.OF_UNAVAILABLE_EVENTS.forEach(code -> counter(UNAVAILABLE, TO_SEND_AGAIN, code));
        Codes.OF_REFUSED_REQUESTS.forEach(code -> counter(REFUSED_REQUESTS, REFUSED_DESCRIPTION, code));
    }

    void answered(String key, List<ItemAnswer> answers, Duration elapsed) {
        int acceptedNow = 0;
        for (ItemAnswer answer : answers) {
            if (answer.status() == Status.ACCEPTED) {
                acceptedNow++;
            } else {
                boolean rejected = answer.status() == Status.REJECTED;
                counter(rejected ? REJECTED : UNAVAILABLE, rejected ? REFUSED_FOR_GOOD : TO_SEND_AGAIN, answer.code())
                        .increment();
            }
        }
        accepted.increment(acceptedNow);
        ofKey(key).count(acceptedNow, answers.size() - acceptedNow);
        answerTime.record(elapsed);
    }

    private KeyCounters ofKey(String key) {
        KeyCounters known = byKey.get(key);
        if (known != null) {
            return known;
        }
        String shown = byKey.size() < MOST_KEYS ? key : OTHER_KEYS;
        return byKey.computeIfAbsent(shown, name -> new KeyCounters(keyCounter(name, "yes"), keyCounter(name, "no")));
    }

    private Counter keyCounter(String key, String accepted) {
        return Counter.builder(BY_KEY)
                .description("events that were answered, by the name of the API key")
                .tag("key", key)
                .tag("accepted", accepted)
                .register(registry);
    }

    private record KeyCounters(Counter accepted, Counter others) {

        void count(int acceptedNow, int othersNow) {
            if (acceptedNow > 0) {
                accepted.increment(acceptedNow);
            }
            if (othersNow > 0) {
                others.increment(othersNow);
            }
        }
    }

    void requestRefused(String code) {
        counter(REFUSED_REQUESTS, REFUSED_DESCRIPTION, code).increment();
    }

    private Counter counter(String name, String description, String code) {
        return Counter.builder(name).description(description).tag(CODE, code).register(registry);
    }
}
