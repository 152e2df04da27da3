package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/**
 * Holds each key to its own rate, by a token bucket that is one second deep. A request is taken whole and paid for afterwards, so that no
 * batch is larger than a bucket; the next request then waits for longer, but never for more than some seconds. Of several processes each
 * has buckets of its own. Time is elapsed time. Safe for many threads.
 */
final class KeyRates {

    private static final double NANOS_OF_A_SECOND = 1e9;

    /** Else one large batch would lock a slow key out for hours. */
    private static final int MOST_SECONDS_OF_DEBT = 10;

    private final LongSupplier nanoTime;
    private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();

    /** The time is elapsed time, as {@link System#nanoTime} tells it. */
    KeyRates(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** How long a key must wait before it may send again; zero if it may now. */
    Duration waitOf(ApiKey key) {
        int rate = key.limits().eventsPerSecond();
        return rate == 0 ? Duration.ZERO : bucket(key).waitAt(nanoTime.getAsLong(), rate);
    }

    /** Takes what was sent off the key's account. */
    void charge(ApiKey key, int events) {
        if (key.limits().eventsPerSecond() > 0) {
            bucket(key).charge(events);
        }
    }

    /** Gives back what was charged for events that were not kept: they are sent again. */
    void giveBack(ApiKey key, int events) {
        charge(key, -events);
    }

    private Bucket bucket(ApiKey key) {
        return buckets.computeIfAbsent(
                key.id(), id -> new Bucket(nanoTime.getAsLong(), key.limits().eventsPerSecond()));
    }

    /** Events that may be sent now; below zero if more were sent than that. */
    private static final class Bucket {

        private double events;
        private long filledAt;

        Bucket(long now, int rate) {
            this.filledAt = now;
            this.events = rate;
        }

        synchronized Duration waitAt(long now, int rate) {
            double owed = Math.max(events, -(double) MOST_SECONDS_OF_DEBT * rate);
            events = Math.min(rate, owed + (now - filledAt) / NANOS_OF_A_SECOND * rate);
            filledAt = now;
            return events >= 1 ? Duration.ZERO : Duration.ofNanos((long) ((1 - events) / rate * NANOS_OF_A_SECOND));
        }

        synchronized void charge(int sent) {
            events -= sent;
        }
    }
}
