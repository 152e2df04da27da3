package io.hourledger.ledger.installation;

import io.hourledger.contracts.instance.DecidedBy;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One of the databases that an installation has had, as the journal tells it.
 *
 * @param number rises within the installation; the one with the largest is in force
 * @param draw what the database has drawn
 * @param timeline of its PostgreSQL
 * @param drawnAt the database's time
 * @param host where it was journaled
 * @param by the person who decided it; null if no person did
 */
public record Incarnation(
        long number,
        UUID draw,
        String timeline,
        DrawReason reason,
        Instant drawnAt,
        String host,
        @Nullable DecidedBy by) {}
