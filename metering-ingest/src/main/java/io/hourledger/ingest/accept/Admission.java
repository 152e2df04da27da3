package io.hourledger.ingest.accept;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** Bounds the requests that are being read or wait for the log, by number and by bytes. Safe for many threads. */
final class Admission {

    private final int maxRequests;
    private final int maxBytes;
    private final Semaphore requests;
    private final Semaphore bytes;

    Admission(int maxRequests, int maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
        this.requests = new Semaphore(maxRequests);
        this.bytes = new Semaphore(maxBytes);
    }

    /** Empty when a bound is reached; never waits. */
    Optional<Ticket> tryEnter(int bodyBytes) {
        if (!requests.tryAcquire()) {
            return Optional.empty();
        }
        if (!bytes.tryAcquire(bodyBytes)) {
            requests.release();
            return Optional.empty();
        }
        return Optional.of(new Ticket(bodyBytes));
    }

    int requestsInFlight() {
        return maxRequests - requests.availablePermits();
    }

    int bytesInFlight() {
        return maxBytes - bytes.availablePermits();
    }

    /** Held by one request; leaving twice is leaving once. */
    final class Ticket {
        private final int bodyBytes;
        private final AtomicBoolean left = new AtomicBoolean();

        private Ticket(int bodyBytes) {
            this.bodyBytes = bodyBytes;
        }

        void leave() {
            if (left.compareAndSet(false, true)) {
                bytes.release(bodyBytes);
                requests.release();
            }
        }
    }
}
