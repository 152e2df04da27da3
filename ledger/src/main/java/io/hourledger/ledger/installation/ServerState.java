package io.hourledger.ledger.installation;

import java.time.Instant;

/**
 * Tells one life of a PostgreSQL server from another.
 *
 * @param timeline first eight digits of a name of its log, another one after a promotion or a recovery to a point in time
 * @param startedAt when its postmaster started
 */
record ServerState(String timeline, Instant startedAt) {

    boolean isOnTimelineOf(ServerState other) {
        return timeline.equals(other.timeline);
    }
}
