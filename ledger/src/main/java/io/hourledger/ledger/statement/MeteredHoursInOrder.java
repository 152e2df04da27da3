package io.hourledger.ledger.statement;

import io.hourledger.contracts.instance.InstanceEvent.HourMetered;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventsOfHours;
import io.hourledger.ledger.store.UpcasterChain;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * All revisions of all hours, read from the events, one hour of one partition of the usage log at a time, sorted by partition and hour. All
 * of it is as of the moment it was opened; one hour is held in memory. Belongs to one thread.
 */
public final class MeteredHoursInOrder implements AutoCloseable {

    private static final int ROWS_A_FETCH = 5_000;

    private static final String HOURS =
            """
            select instance_id, revision, payload::text, (p ->> 'partition')::int as partition,
                (p ->> 'hour')::timestamptz as hour
            from (select instance_id, revision, payload, %s as p
                  from ledger.event
                  where event_type = 'hour-metered' and %s) e
            where (?::int is null or (p ->> 'partition')::int = ?)
              and (p ->> 'hour')::timestamptz >= ? and (p ->> 'hour')::timestamptz < ?
            order by partition, hour
            """
                    .formatted(UpcasterChain.presentPayloadSql(), EventsOfHours.SQL);

    private final EventJson events = new EventJson();
    private final Connection connection;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private @Nullable HourMetered next;

    private MeteredHoursInOrder(Connection connection, PreparedStatement statement, ResultSet rows) {
        this.connection = connection;
        this.statement = statement;
        this.rows = rows;
    }

    /** What one partition's hour came to, for each instance that used something. */
    public record OfHour(int partition, UsageHour hour, List<HourMetered> amounts) {}

    /**
     * @param partition only this one; null for all
     * @param from the first hour
     * @param until the hour behind the last
     */
    public static MeteredHoursInOrder open(
            DataSource database, @Nullable Integer partition, OffsetDateTime from, OffsetDateTime until) {
        try {
            Connection connection = database.getConnection();
            try {
                connection.setReadOnly(true);
                connection.setAutoCommit(false);
                byIndex(connection);
                PreparedStatement statement = connection.prepareStatement(HOURS);
                statement.setFetchSize(ROWS_A_FETCH);
                statement.setString(1, EventsOfHours.text(from.toInstant()));
                statement.setString(2, EventsOfHours.text(until.toInstant()));
                statement.setObject(3, partition, java.sql.Types.INTEGER);
                statement.setObject(4, partition, java.sql.Types.INTEGER);
                statement.setObject(5, from.withOffsetSameInstant(ZoneOffset.UTC));
                statement.setObject(6, until.withOffsetSameInstant(ZoneOffset.UTC));
                MeteredHoursInOrder hours = new MeteredHoursInOrder(connection, statement, statement.executeQuery());
                hours.advance();
                return hours;
            } catch (SQLException | RuntimeException failed) {
                connection.close();
                throw failed;
            }
        } catch (SQLException failed) {
            throw new IllegalStateException("the metered hours cannot be read: " + failed.getMessage(), failed);
        }
    }

    /** Whatever the statistics say: a month costs the same whatever else there is. */
    private static void byIndex(Connection connection) throws SQLException {
        try (java.sql.Statement set = connection.createStatement()) {
            set.execute("set local enable_seqscan = off");
        }
    }

    /** The next hour that has usage; empty at the end. */
    public Optional<OfHour> next() {
        HourMetered first = next;
        if (first == null) {
            return Optional.empty();
        }
        List<HourMetered> amounts = new ArrayList<>();
        try {
            HourMetered now = first;
            while (now != null
                    && now.log().partition() == first.log().partition()
                    && now.hour().equals(first.hour())) {
                amounts.add(now);
                advance();
                now = next;
            }
        } catch (SQLException failed) {
            throw new IllegalStateException("the metered hours cannot be read on: " + failed.getMessage(), failed);
        }
        return Optional.of(new OfHour(first.log().partition(), new UsageHour(first.hour()), amounts));
    }

    private void advance() throws SQLException {
        next = rows.next()
                ? (HourMetered) events.read(
                        Objects.requireNonNull(rows.getString(1)),
                        "hour-metered",
                        rows.getInt(2),
                        Objects.requireNonNull(rows.getString(3)))
                : null;
    }

    @Override
    public void close() {
        try (connection;
                statement;
                rows) {
            connection.rollback();
        } catch (SQLException failed) {
            throw new IllegalStateException("the reading of metered hours was not closed", failed);
        }
    }
}
