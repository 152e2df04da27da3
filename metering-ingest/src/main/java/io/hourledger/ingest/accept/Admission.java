package io.hourledger.ingest.accept;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Bounds the bodies that are here, by bytes, and the requests that wait for the log, by number. Bytes count when they have come, not when
 * they are announced, so that a slow sender takes no more than it sent. A sender holds at most as much as is left for the others, so nobody
 * can shut the others out: alone it holds half of all, beside another that wants as much a third. Safe for many threads.
 */
final class Admission {

    private static final int NO_BOUND = Integer.MAX_VALUE;

    private final Share requests;
    private final Share bytes;
    private final ConcurrentMap<String, Held> heldBySender = new ConcurrentHashMap<>();

    Admission(int maxRequests, int maxBytes) {
        this.requests = new Share(maxRequests);
        this.bytes = new Share(maxBytes);
    }

    /** Whether there was room. */
    enum Room {
        TAKEN,
        /** The sender holds its share already. */
        SENDER_HAS_ITS_SHARE,
        /** This request alone is larger than what the sender may hold, so it never fits. */
        REQUEST_EXCEEDS_SHARE,
        /** All senders together hold all there is. */
        FULL
    }

    /**
     * Whether a request of this sender need not be read because it could not enter now.
     *
     * @param percent of all bytes, what the sender may hold; 0 for no bound of its own
     */
    Room room(String sender, int percent) {
        Held held = heldBySender.getOrDefault(sender, Held.NOTHING);
        Room room = requests.room(held.requests(), 1, NO_BOUND);
        return room == Room.TAKEN ? bytes.room(held.bytes(), 1, mostBytes(percent)) : room;
    }

    /** For one request of this sender; holds nothing yet. */
    Ticket ticket(String sender, int percent) {
        return new Ticket(sender, mostBytes(percent));
    }

    /** What a sender with this share may hold at the same time. */
    int mostBytes(int percent) {
        return Math.max(1, bytes.part(percent));
    }

    int requestsInFlight() {
        return requests.taken();
    }

    int bytesInFlight() {
        return bytes.taken();
    }

    /** What the requests of one sender hold. */
    private record Held(int requests, int bytes) {
        static final Held NOTHING = new Held(0, 0);

        boolean isNothing() {
            return requests == 0 && bytes == 0;
        }
    }

    /** Something that there is so much of. */
    private static final class Share {
        private final int most;
        private int taken;

        Share(int most) {
            this.most = most;
        }

        /** Whether somebody who holds some of it may have more. */
        synchronized Room room(int held, int more, int bound) {
            int free = most - taken;
            if (more > free) {
                return Room.FULL;
            }
            if (held + more > bound) {
                return Room.SENDER_HAS_ITS_SHARE;
            }
            return held + more <= free - more || held == 0 ? Room.TAKEN : Room.SENDER_HAS_ITS_SHARE;
        }

        int part(int percent) {
            return percent == 0 ? NO_BOUND : (int) ((long) most * percent / 100);
        }

        synchronized Room take(int held, int more, int bound) {
            Room room = room(held, more, bound);
            taken += room == Room.TAKEN ? more : 0;
            return room;
        }

        synchronized void giveBack(int given) {
            taken -= given;
        }

        synchronized int taken() {
            return taken;
        }
    }

    /** Held by one request. It never waits, and once it has left it takes nothing more. */
    final class Ticket {
        private final String sender;
        private final int mostBytes;
        private int heldBytes;
        private boolean entered;
        private boolean left;
        private Room last = Room.TAKEN;

        private Ticket(String sender, int mostBytes) {
            this.sender = sender;
            this.mostBytes = mostBytes;
        }

        /** Takes room for more of the body; false if there is none. */
        synchronized boolean grow(int more) {
            if (left) {
                return false;
            }
            if (heldBytes + more > mostBytes) {
                last = Room.REQUEST_EXCEEDS_SHARE;
                return false;
            }
            heldBySender.compute(sender, (name, before) -> {
                Held held = before == null ? Held.NOTHING : before;
                last = bytes.take(held.bytes(), more, mostBytes);
                return last == Room.TAKEN ? new Held(held.requests(), held.bytes() + more) : before;
            });
            heldBytes += last == Room.TAKEN ? more : 0;
            return last == Room.TAKEN;
        }

        /** Gives back some of what was taken for the body. */
        synchronized void shrink(int less) {
            if (!left) {
                heldBytes -= less;
                heldBySender.computeIfPresent(sender, (name, held) -> {
                    Held rest = new Held(held.requests(), held.bytes() - less);
                    return rest.isNothing() ? null : rest;
                });
                bytes.giveBack(less);
            }
        }

        /** Takes one of the places of those that wait for the log; false if there is none. */
        synchronized boolean enter() {
            if (!entered && !left) {
                heldBySender.compute(sender, (name, before) -> {
                    Held held = before == null ? Held.NOTHING : before;
                    last = requests.take(held.requests(), 1, NO_BOUND);
                    return last == Room.TAKEN ? new Held(held.requests() + 1, held.bytes()) : before;
                });
                entered = last == Room.TAKEN;
            }
            return entered;
        }

        /** Why there was no room when it was asked for last. */
        synchronized Room last() {
            return last;
        }

        /** Gives back all; leaving twice is leaving once. */
        synchronized void leave() {
            if (!left) {
                left = true;
                int places = entered ? 1 : 0;
                heldBySender.computeIfPresent(sender, (name, held) -> {
                    Held rest = new Held(held.requests() - places, held.bytes() - heldBytes);
                    return rest.isNothing() ? null : rest;
                });
                bytes.giveBack(heldBytes);
                requests.giveBack(places);
            }
        }
    }
}
