package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.EventType;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import io.hourledger.ledger.store.PostgresLedgerFeed.RangeReader;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * For a reader that wants to hear of few types of events: the others are passed over inside the database, and are not even read as JSON.
 */
final class EventsOfTypes implements RangeReader {

    private static final String EVENTS =
            """
            select instance_id, sequence_number, event_type, revision, payload::text
            from ledger.event
            where (transaction_id, position) >= (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)
              and event_type = any (?)
              and %s
            order by transaction_id, position
            """
                    .formatted(InstanceFilter.SQL);

    private final JdbcTemplate jdbc;
    private final EventJson json;
    private final String[] types;
    private final LedgerFeed.Reader reader;

    EventsOfTypes(
            JdbcTemplate jdbc,
            EventJson json,
            Collection<Class<? extends InstanceEvent>> types,
            LedgerFeed.Reader reader) {
        this.jdbc = jdbc;
        this.json = json;
        this.types = types.stream()
                .map(type -> Objects.requireNonNull(type.getAnnotation(EventType.class))
                        .value())
                .toArray(String[]::new);
        this.reader = reader;
    }

    @Override
    public void read(Range range) {
        if (Arrays.stream(types).noneMatch(range.types()::contains)) {
            return;
        }
        List<StoredEvent> events = jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(EVENTS);
                    statement.setString(1, range.first().transactionId());
                    statement.setLong(2, range.first().position());
                    statement.setString(3, range.last().transactionId());
                    statement.setLong(4, range.last().position());
                    statement.setArray(5, connection.createArrayOf("text", types));
                    statement.setArray(
                            6,
                            connection.createArrayOf("text", range.instances().ids()));
                    statement.setBoolean(7, range.instances().isIncluding());
                    return statement;
                },
                (row, number) -> new StoredEvent(
                        row.getLong(2),
                        json.read(row.getString(1), row.getString(3), row.getInt(4), row.getString(5))));
        if (!events.isEmpty()) {
            reader.read(events);
        }
    }
}
