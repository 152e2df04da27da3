package io.hourledger.pusher.push;

import io.hourledger.ledger.store.IndexScansOnly;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Tells whether pushing stands still: records are due, and the marketplace has accepted no call for too long. What it says is worked out
 * when it is asked, from elapsed time, so it stays true while a thread of the pusher hangs or is dead, and while the database is away.
 *
 * <p>A record is due from when it is on the queue: one that backs off was due before, and its wait does not make it less so. One that waits
 * until its instance is frozen no more is not due.
 */
final class StallWatch {

    private static final String ANYTHING_DUE =
            """
            select (%s or %s or %s or %s or %s)
               and not exists (select 1 from pusher.push_suspension where resumed_at is null)
               and not exists (select 1 from pusher.account_suspension where account = :account and resumed_at is null)"""
                    .formatted(
                            any("not backing_off and not part"),
                            any("not backing_off and part and suspect_set is null"),
                            any("not backing_off and suspect_set is not null"),
                            any("backing_off and " + PushQueue.IS_ASKED_FOR),
                            "exists (select 1 from ledger.outbox where account = :account)");

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Duration stalledAfter;
    private final String account;
    private final LongSupplier nanoTime;
    private final LongSupplier lastAcceptedNanos;
    private volatile long lookedNanos;
    private volatile long notDueNanos;

    /**
     * @param stalledAfter how long nothing may be accepted while records are due
     * @param nanoTime elapsed time, such as {@link System#nanoTime()}
     * @param lastAcceptedNanos when the last call was accepted, by the same; the start if none was
     */
    StallWatch(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Duration stalledAfter,
            String account,
            LongSupplier nanoTime,
            LongSupplier lastAcceptedNanos) {
        this.account = account;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.stalledAfter = stalledAfter;
        this.nanoTime = nanoTime;
        this.lastAcceptedNanos = lastAcceptedNanos;
        this.lookedNanos = nanoTime.getAsLong();
        this.notDueNanos = lookedNanos;
    }

    /**
     * How it stands still.
     *
     * @param seen whether records were seen that are due; else the queue could not be looked at, and nobody knows
     * @param since for how long nothing was accepted though records were due, or nobody could look
     */
    record Stall(boolean seen, Duration since) {}

    /**
     * Looks whether anything is due, from time to time.
     *
     * @param ours whether it is ours to push it, and not another pusher's
     */
    void look(boolean ours) {
        long began = nanoTime.getAsLong();
        boolean due = ours && anythingDue();
        if (!due) {
            notDueNanos = began;
        }
        lookedNanos = began;
    }

    private static String any(String which) {
        return """
               exists (select 1 from pusher.work
                        where account = :account and %s
                          and not exists (select 1 from pusher.sent_by_lost_database before
                                           where before.metering_sn = work.metering_sn
                                             and before.done is distinct from 'goes-again'))"""
                .formatted(which);
    }

    private boolean anythingDue() {
        return Boolean.TRUE.equals(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return jdbc.sql(ANYTHING_DUE)
                    .param("account", account)
                    .query(Boolean.class)
                    .single();
        }));
    }

    Optional<Stall> stall() {
        Duration unseen = since(lookedNanos);
        if (unseen.compareTo(stalledAfter) > 0) {
            return Optional.of(new Stall(false, unseen));
        }
        if (notDueNanos == lookedNanos) {
            return Optional.empty();
        }
        Duration due = since(notDueNanos);
        Duration notAccepted = since(lastAcceptedNanos.getAsLong());
        Duration quiet = due.compareTo(notAccepted) < 0 ? due : notAccepted;
        return quiet.compareTo(stalledAfter) > 0 ? Optional.of(new Stall(true, quiet)) : Optional.empty();
    }

    /** Machine seconds since the last accepted call, or since the start if none was accepted yet. */
    double secondsSinceAccepted() {
        return since(lastAcceptedNanos.getAsLong()).toMillis() / 1000.0;
    }

    /** Machine seconds since the queue was last seen. */
    double secondsSinceSeen() {
        return since(lookedNanos).toMillis() / 1000.0;
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(nanoTime.getAsLong() - nanos);
    }
}
