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

    private static final String ARRIVAL = "select arrival from pusher.work where metering_sn = :sn";

    private static final String IN_A_CALL =
            "select exists (select from pusher.attempt where settled_at is null and :sn = any (metering_sns))";

    private final JdbcClient jdbc;

    public Withdrawal(JdbcClient jdbc) {
        this.jdbc = jdbc;
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
            return Optional.of("it is not on the pusher's queue");
        }
        if (jdbc.sql(IN_A_CALL).param("sn", meteringSn).query(Boolean.class).single()) {
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
}
