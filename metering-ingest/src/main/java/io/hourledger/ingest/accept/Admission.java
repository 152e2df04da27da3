package io.hourledger.ingest.accept;

import java.util.concurrent.Semaphore;

/**
 * Bounds the bodies that are here, by bytes, and the requests that wait for the log, by number. Bytes count when they have come, not when
 * they are announced, so that a slow sender takes no more than it sent. Safe for many threads.
 */
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

    /** Whether a request need not be read because it could not enter now. */
    boolean full() {
        return requests.availablePermits() <= 0 || bytes.availablePermits() <= 0;
    }

    /** For one request; holds nothing yet. */
    Ticket ticket() {
        return new Ticket();
    }

    int requestsInFlight() {
        return maxRequests - requests.availablePermits();
    }

    int bytesInFlight() {
        return maxBytes - bytes.availablePermits();
    }

    /** Held by one request. It never waits, and once it has left it takes nothing more. */
    final class Ticket {
        private int heldBytes;
        private boolean entered;
        private boolean left;

        private Ticket() {}

        /** Takes room for more of the body; false if there is none. */
        synchronized boolean grow(int more) {
            if (left || !bytes.tryAcquire(more)) {
                return false;
            }
            heldBytes += more;
            return true;
        }

        /** Takes one of the places of those that wait for the log; false if there is none. */
        synchronized boolean enter() {
            entered = entered || (!left && requests.tryAcquire());
            return entered;
        }

        /** Gives back all; leaving twice is leaving once. */
        synchronized void leave() {
            if (!left) {
                left = true;
                bytes.release(heldBytes);
                requests.release(entered ? 1 : 0);
            }
        }
    }
}
