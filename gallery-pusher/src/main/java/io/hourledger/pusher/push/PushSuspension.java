package io.hourledger.pusher.push;

import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Stops pushing until a person lifts it. A suspension of all accounts says that the database may know less than the marketplace; at most one is
 * open, and it ends by reconciling. A suspension of one account is a person's word, and says nothing of the database.
 */
final class PushSuspension {

    private static final String ITSELF = "gallery-pusher";

    private static final String SUSPEND =
            "insert into pusher.push_suspension (who, why) values (:who, :why) on conflict ((true)) where resumed_at is null do nothing";

    private final JdbcClient jdbc;

    PushSuspension(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Suspends all accounts, unless they are suspended already. QueueWatch says so, as of every suspension. */
    void suspend(String why) {
        jdbc.sql(SUSPEND).param("who", ITSELF).param("why", why).update();
    }

    /** The suspension of all accounts that is not lifted. */
    OptionalLong open() {
        return jdbc.sql("select id from pusher.push_suspension where resumed_at is null")
                .query(Long.class)
                .optional()
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    /** Who has suspended an account alone, and why; empty if nobody has. */
    Optional<String> ofAccount(String account) {
        return jdbc.sql(
                        """
                        select who || ': ' || why from pusher.account_suspension
                         where account = :account and resumed_at is null""")
                .param("account", account)
                .query(String.class)
                .optional();
    }
}
