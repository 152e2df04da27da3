package io.hourledger.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.awaitility.Awaitility;

/** Waits for the sessions of a database. One that was closed lives on for a moment, and tells only at its end what it has read. */
public final class EndedSessions {

    private static final String OTHERS =
            """
            select exists (select from pg_stat_activity
                            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend')""";

    private EndedSessions() {}

    /** Returns once no other session is in the database. All pools on it must be closed, or have evicted their connections. */
    public static void await(DataSource unpooled) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !hasOthers(unpooled));
    }

    private static boolean hasOthers(DataSource unpooled) throws SQLException {
        try (Connection connection = unpooled.getConnection();
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(OTHERS)) {
            return row.next() && row.getBoolean(1);
        }
    }
}
