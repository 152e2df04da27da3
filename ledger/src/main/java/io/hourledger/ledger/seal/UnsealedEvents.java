package io.hourledger.ledger.seal;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/** The events behind the last seal: whoever holds the database could still cut them off unseen. */
public final class UnsealedEvents {

    /** From the end, so that it costs nothing of what was sealed. */
    private static final String BEHIND =
            """
            select instance_id, sequence_number, event_type
            from (select instance_id, sequence_number, event_type, transaction_id, position
                  from ledger.event
                  order by transaction_id desc, position desc
                  limit ?) newest
            order by transaction_id, position
            limit ?
            """;

    private final JdbcTemplate jdbc;

    public UnsealedEvents(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param notSealed how many events there are behind the last seal
     * @return the names of the first of them, in the order of the feed
     */
    public List<String> first(long notSealed, int most) {
        return jdbc.query(
                BEHIND,
                (row, number) -> row.getString(1) + " event " + row.getLong(2) + " (" + row.getString(3) + ")",
                notSealed,
                most);
    }
}
