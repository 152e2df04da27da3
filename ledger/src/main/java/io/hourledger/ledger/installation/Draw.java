package io.hourledger.ledger.installation;

import io.hourledger.contracts.instance.DecidedBy;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a database has drawn last.
 *
 * @param number the place of the incarnation among those of its installation, once it is journaled
 * @param server what the server looked like
 * @param drawnAt the database's time
 * @param by the person, if it was one
 * @param journaled whether the journal is known to have had it
 * @param previous what it had drawn before; null if nothing
 */
record Draw(
        UUID id,
        long number,
        DrawReason reason,
        ServerState server,
        Instant drawnAt,
        @Nullable DecidedBy by,
        boolean journaled,
        @Nullable UUID previous) {}
