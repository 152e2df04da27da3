package io.hourledger.cli.ledger;

import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** A stack that was killed may have left projections behind its events. While it runs it sees to that itself. */
public final class UpToDate {

    private static final long GLANCE_NANOS = Duration.ofMillis(20).toNanos();

    /** So long without one step forward, and something is in the way. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

    private static final String BEHIND =
            """
            select count(*)
            from ledger.event
            where (transaction_id, position) > (
                select coalesce(max(transaction_id::text::numeric)::text::xid8, '0'::xid8), coalesce(max(position), 0)
                from ledger.reader
                where name = ?)
            """;

    private static final String LAST_EVENT =
            """
            select transaction_id::text as transaction_id, position
            from ledger.event
            order by ledger.event.transaction_id desc, ledger.event.position desc
            limit 1
            """;

    private static final String IS_SHOWN =
            """
            select exists (
                select 1 from ledger.reader where name = ? and (transaction_id, position) >= (?::xid8, ?::bigint))
            """;

    private UpToDate() {}

    /** Waits until the tables show all events, if the stack rests: then nobody else brings them there. */
    public static void bring(LedgerDatabase.Open ledger, PrintWriter err) {
        if (!ledger.stackRests()) {
            return;
        }
        long behind = behind(ledger);
        if (behind == 0) {
            return;
        }
        err.printf("the stack stopped before it had shown %,d events in its tables; they are shown now%n", behind);
        err.flush();
        try (PostgresLedgerFeed feed = new PostgresLedgerFeed(ledger.jdbc(), ledger.transactions(), new EventJson());
                LedgerProjections projections = new LedgerProjections(ledger.jdbc(), feed)) {
            projections.start();
            await(ledger, projections, behind);
        }
    }

    private static void await(LedgerDatabase.Open ledger, LedgerProjections projections, long behindAtFirst) {
        long behind = behindAtFirst;
        long sinceNanos = System.nanoTime();
        while (!projections.caughtUp()) {
            // elapsed time: how often it is looked whether it is done
            LockSupport.parkNanos(GLANCE_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("stopped while the tables were brought up to date");
            }
            if (System.nanoTime() - sinceNanos > PATIENCE_NANOS) {
                long now = behind(ledger);
                if (now >= behind) {
                    throw new IllegalStateException("the tables cannot be brought up to date: they stay " + now
                            + " events behind, and the log above says why; ./metering ledger replay makes them anew");
                }
                behind = now;
                sinceNanos = System.nanoTime();
            }
        }
    }

    private static long behind(LedgerDatabase.Open ledger) {
        return Objects.requireNonNull(ledger.jdbc().queryForObject(BEHIND, Long.class, LedgerProjections.READER));
    }

    /** Waits until a running stack has shown all events of now, but not for ever: whoever asks then sees what there is. */
    static void awaitShown(LedgerDatabase.Open ledger) {
        if (ledger.stackRests()) {
            return;
        }
        List<Map<String, Object>> last = ledger.jdbc().queryForList(LAST_EVENT);
        long sinceNanos = System.nanoTime();
        while (!last.isEmpty()
                && !isShown(ledger, last.get(0))
                && System.nanoTime() - sinceNanos < PATIENCE_NANOS
                && !Thread.currentThread().isInterrupted()) {
            // elapsed time, as above
            LockSupport.parkNanos(GLANCE_NANOS);
        }
    }

    private static boolean isShown(LedgerDatabase.Open ledger, Map<String, Object> event) {
        return Boolean.TRUE.equals(ledger.jdbc()
                .queryForObject(
                        IS_SHOWN,
                        Boolean.class,
                        LedgerProjections.READER,
                        event.get("transaction_id"),
                        event.get("position")));
    }
}
