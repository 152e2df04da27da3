package io.hourledger.pusher.push;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Takes a usage record off the queue before it is sent, if it is certain that no call has carried it to the marketplace. Joins the caller's
 * transaction, in which the ledger is told.
 */
public final class Withdrawal {

    /** Every stored attempt holds its account's lease for share, so none is stored beside. */
    private static final String NO_ATTEMPT_BESIDE = "select account from pusher.lease order by account for update";

    /** Locked, since a person's word after a restore changes it, too. */
    private static final String ARRIVAL = "select arrival from pusher.work where metering_sn = :sn for update";

    private static final String IN_A_CALL =
            "select exists (select from pusher.attempt where settled_at is null and :sn = any (metering_sns))";

    /**
     * By the owner of the lease of the record's account, so not before the database was restored: each owner begins with a number of its own. What
     * another account has compared says nothing of this one's calls.
     */
    private static final String COMPARED =
            """
            select exists (select from pusher.lease join pusher.journal_position compared using (account)
                            where lease.account = (select account from pusher.work where metering_sn = :sn)
                              and lease.until > clock_timestamp() and compared.compared_epoch = lease.epoch)""";

    private static final String SENT_BY_LOST_DATABASE =
            """
            select exists (select from pusher.sent_by_lost_database before
                            where before.metering_sn = :sn and before.done is distinct from 'goes-again')""";

    private final JdbcClient jdbc;
    private final PushSuspension suspension;

    public Withdrawal(JdbcClient jdbc) {
        this.jdbc = jdbc;
        this.suspension = new PushSuspension(jdbc);
    }

    /** Takes the record off the queue; else gives a sentence that tells why it cannot be. */
    public Optional<String> takeOff(String meteringSn) {
        jdbc.sql(NO_ATTEMPT_BESIDE).query().listOfRows();
        String arrival = jdbc.sql(ARRIVAL)
                .param("sn", meteringSn)
                .query(String.class)
                .optional()
                .orElse(null);
        if (arrival == null) {
            return takeOutOfShadow(meteringSn);
        }
        if (!isTrue(COMPARED, meteringSn)) {
            return Optional.of(
                    "no pusher of its account that runs has compared this database with what was sent; start it and ask again");
        }
        if (suspension.open().isPresent()) {
            return Optional.of(
                    "pushing is suspended, so it may have been sent before a restore; reconcile and resume first");
        }
        if (isTrue(SENT_BY_LOST_DATABASE, meteringSn)) {
            return Optional.of("it was sent before the database was restored; say by reconcile what came of it");
        }
        if (isTrue(IN_A_CALL, meteringSn)) {
            return Optional.of("it is in a call that is under way; ask again when its outcome is known");
        }
        if (DeliveryCertainty.ofStored(arrival) != DeliveryCertainty.NEVER) {
            return Optional.of("an earlier call may have carried it to the marketplace; wait for its outcome");
        }
        jdbc.sql("delete from pusher.work where metering_sn = :sn")
                .param("sn", meteringSn)
                .update();
        return Optional.empty();
    }

    /** No call can have carried it, but for one of a later state of a restored database. */
    private Optional<String> takeOutOfShadow(String meteringSn) {
        if (suspension.open().isPresent() || isTrue(SENT_BY_LOST_DATABASE, meteringSn)) {
            return Optional.of("it is not on the pusher's queue, and the database was restored; reconcile first");
        }
        int taken = jdbc.sql("delete from pusher.shadow_record where metering_sn = :sn")
                .param("sn", meteringSn)
                .update();
        return taken == 1 ? Optional.empty() : Optional.of("it is not on the pusher's queue");
    }

    private boolean isTrue(String question, String meteringSn) {
        return jdbc.sql(question).param("sn", meteringSn).query(Boolean.class).single();
    }
}
