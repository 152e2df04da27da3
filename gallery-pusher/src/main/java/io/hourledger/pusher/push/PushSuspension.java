package io.hourledger.pusher.push;

import java.util.OptionalLong;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Stops all pushing until a person lifts it. At most one suspension is open. */
final class PushSuspension {

    private static final String ITSELF = "gallery-pusher";

    private static final String SUSPEND =
            "insert into pusher.push_suspension (who, why) values (:who, :why) on conflict ((true)) where resumed_at is null do nothing";

    private final JdbcClient jdbc;

    PushSuspension(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Suspends pushing, unless it is suspended already. QueueWatch says so, as of every suspension. */
    void suspend(String why) {
        jdbc.sql(SUSPEND).param("who", ITSELF).param("why", why).update();
    }

    /** The one that is not lifted. */
    OptionalLong open() {
        return jdbc.sql("select id from pusher.push_suspension where resumed_at is null")
                .query(Long.class)
                .optional()
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }
}
