package io.hourledger.ledger.seal;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** The events behind the last seal: whoever holds the database could still cut them off unseen. */
public final class UnsealedEvents {

    private static final String BEHIND =
            """
            select instance_id, sequence_number, event_type
            from ledger.event
            order by transaction_id, position
            offset ?
            limit ?
            """;

    private final JdbcTemplate jdbc;

    public UnsealedEvents(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param sealed how many events the last seal covers
     * @return the names of the first events behind them, in the order of the feed
     */
    public List<String> first(long sealed, int most) {
        return jdbc.query(
                BEHIND,
                (row, number) -> row.getString(1) + " event " + row.getLong(2) + " (" + row.getString(3) + ")",
                sealed,
                most);
    }
}
