package io.hourledger.pusher.push;

import io.hourledger.ledger.store.IndexScansOnly;
import java.time.Duration;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Forgets old attempts. What came of their records stands in the ledger. An attempt stays while anything may ask for it: it is not settled, the
 * journal of sent calls may still be compared with it, or one of its records waits for an outcome or for a person. What is forgotten counts as
 * unknown, so a duplicate that the seller console lists after that is a person's to judge.
 */
final class AttemptRetention implements AutoCloseable {

    private static final Duration EVERY = Duration.ofHours(1);
    private static final int AT_ONCE = 200;

    private static final String FORGET_SOME =
            """
            delete from pusher.attempt
             where id in (
                select id from pusher.attempt old
                 where stored_at < clock_timestamp() - :seconds * interval '1 second'
                   and settled_at is not null
                   and (sent_place is null
                        or sent_place < (select next_place from pusher.journal_position position where position.account = old.account))
                   and not exists (select from pusher.work where metering_sn = any (old.metering_sns))
                   and not exists (select from pusher.record_needing_review where metering_sn = any (old.metering_sns))
                   and not exists (select from pusher.sent_by_lost_database where metering_sn = any (old.metering_sns))
                 order by stored_at limit :most)""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Duration retention;
    private final RepeatedSteps steps = new RepeatedSteps("attempt-retention", 1);

    /**
     * @param retention by the database's clock, from when the attempt was stored
     */
    AttemptRetention(JdbcClient jdbc, TransactionTemplate transaction, Duration retention) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.retention = retention;
    }

    void start() {
        steps.repeat("old attempts", this::forget, EVERY.toMillis());
    }

    /** In short transactions, which hold up no push. */
    void forget() {
        int forgotten;
        do {
            forgotten = Objects.requireNonNull(transaction.execute(tx -> forgetSome()));
        } while (forgotten == AT_ONCE);
    }

    private int forgetSome() {
        jdbc.sql(IndexScansOnly.SET).query().listOfRows();
        return jdbc.sql(FORGET_SOME)
                .param("seconds", retention.toSeconds())
                .param("most", AT_ONCE)
                .update();
    }

    @Override
    public void close() {
        steps.close();
    }
}
