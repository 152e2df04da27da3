package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosableHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Seals the closed hours of one partition, the oldest first, in its caller's transaction. */
final class HourSeals {

    private static final String NEXT_TO_SEAL =
            """
            select hour, recorded_at, cutoff
              from aggregator.hour_cutoff
             where partition = ? and closed_at is not null and sealed_at is null
             order by hour
             limit 1
               for update""";

    private static final String SEALED =
            """
            update aggregator.hour_cutoff set sealed_at = ? where partition = ? and hour = ?""";

    private final Connection connection;
    private final int partition;

    HourSeals(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /** Empty if there is none to seal. */
    Optional<ClosableHour> sealNext(Instant at) throws SQLException {
        Optional<ClosableHour> next = next();
        if (next.isPresent()) {
            OffsetDateTime hour = timestamp(next.get().hour().start());
            new SortedBlocks(connection, partition).seal(hour, sealedThrough());
            mark(hour, at);
        }
        return next;
    }

    private Optional<ClosableHour> next() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(NEXT_TO_SEAL)) {
            select.setInt(1, partition);
            return PostgresClosingStore.overHour(partition, select);
        }
    }

    private @Nullable OffsetDateTime sealedThrough() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(PostgresClosingStore.SEALED_THROUGH)) {
            select.setInt(1, partition);
            Instant hour = PostgresClosingStore.momentOf(select);
            return hour == null ? null : timestamp(hour);
        }
    }

    private void mark(OffsetDateTime hour, Instant at) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(SEALED)) {
            update.setObject(1, timestamp(at));
            update.setInt(2, partition);
            update.setObject(3, hour);
            update.executeUpdate();
        }
    }
}
