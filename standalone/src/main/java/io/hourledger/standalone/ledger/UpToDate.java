package io.hourledger.standalone.ledger;

import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** A house that was killed may have left projections behind its events. While it runs it sees to that itself. */
final class UpToDate {

    private static final long GLANCE_NANOS = Duration.ofMillis(20).toNanos();

    private static final String BEHIND =
            """
            select count(*)
            from ledger.event
            where (transaction_id, position) > (
                select coalesce(max(transaction_id::text::numeric)::text::xid8, '0'::xid8), coalesce(max(position), 0)
                from ledger.reader
                where name = ?)
            """;

    private UpToDate() {}

    static void bring(LedgerDatabase.Open ledger, PrintWriter err) {
        if (!ledger.houseRests()) {
            return;
        }
        long behind =
                Objects.requireNonNull(ledger.jdbc().queryForObject(BEHIND, Long.class, LedgerProjections.READER));
        if (behind == 0) {
            return;
        }
        err.printf("the house stopped before it had shown %,d events in its tables; they are shown now%n", behind);
        err.flush();
        try (PostgresLedgerFeed feed = new PostgresLedgerFeed(ledger.jdbc(), ledger.transactions(), new EventJson());
                LedgerProjections projections = new LedgerProjections(ledger.jdbc(), feed)) {
            projections.start();
            while (!projections.caughtUp()) {
                // elapsed time: how often it is looked whether it is done
                LockSupport.parkNanos(GLANCE_NANOS);
                if (Thread.currentThread().isInterrupted()) {
                    throw new IllegalStateException("stopped while the tables were brought up to date");
                }
            }
        }
    }
}
