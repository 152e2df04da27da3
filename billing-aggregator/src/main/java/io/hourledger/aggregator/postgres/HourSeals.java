package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.ids.EventIdentity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Seals the closed hours of one partition, the oldest first, and keeps the ids of late events few that lie beside the blocks of their hour. */
final class HourSeals {

    private static final String NEXT_TO_SEAL =
            """
            select hour, recorded_at, cutoff
              from aggregator.hour_cutoff
             where partition = ? and closed_at is not null and sealed_at is null
             order by hour
             limit 1""";

    private static final String POSITION =
            """
            select next_offset from aggregator.partition_position where partition = ?""";

    /** A look-up of late events reads all ids that lie beside blocks. */
    private static final int MOST_LATE_IDS = 50_000;

    /** Each tick looks at so many rows at most. */
    private static final int MOST_LATE_ROWS = 1_000;

    /** Runs of sealed hours are what a load, or a crash, has left. */
    private static final String HAS_MANY_LATE_IDS =
            """
            select exists (select from aggregator.ids_on_disk where partition = ? and hour <= ?)
                or (select count(*) = %1$d or sum(bytes) > %2$d
                      from (select octet_length(ids) as bytes
                              from aggregator.counted_ids
                             where partition = ? and hour <= ?
                             limit %1$d) as late)"""
                    .formatted(MOST_LATE_ROWS, MOST_LATE_IDS * EventIdentity.BYTES);

    /** Hours without a cutoff of their own are sealed with the next one that has one. */
    private static final String HOURS_IN_RUNS =
            """
            select distinct hour from aggregator.ids_on_disk where partition = ? and hour <= ? order by hour""";

    /** What was counted since it began are ids of late events, which a look-up finds where they are. */
    private static final String SEALED =
            """
            update aggregator.hour_cutoff
               set sealed_at = ?
             where partition = ? and hour = ? and closed_at is not null and sealed_at is null
               and not exists (select from aggregator.ids_on_disk where partition = ? and hour <= ?)
               and not exists (select from aggregator.counted_ids where partition = ? and hour <= ? and next_offset <= ?)""";

    private final Transactions transactions;
    private final int partition;

    HourSeals(Transactions transactions, int partition) {
        this.transactions = transactions;
        this.partition = partition;
    }

    /**
     * Empty if there is none to seal.
     *
     * @throws StoreUnavailableException if somebody else moves ids, or if some came back; the next try goes on from there
     */
    Optional<ClosableHour> sealNext(Instant at) {
        ToSort toSort = transactions.run("say which hour is to be sealed", this::toSort);
        toSort.through.ifPresent(through -> {
            SortedBlocks blocks = new SortedBlocks(transactions, partition);
            blocks.spill(through, toSort.position);
            transactions
                    .run("say which hours are in runs", connection -> hoursInRuns(connection, through))
                    .forEach(blocks::merge);
        });
        toSort.next.ifPresent(hour -> transactions.run("seal an hour", connection -> {
            seal(connection, timestamp(hour.hour().start()), toSort.position, at);
            return hour;
        }));
        return toSort.next;
    }

    /**
     * What is to be sorted into blocks.
     *
     * @param through the last hour; empty if there is nothing worth it
     * @param position whatever checkpoints have left of records before it can be seen
     */
    private record ToSort(Optional<ClosableHour> next, Optional<OffsetDateTime> through, long position) {}

    private ToSort toSort(Connection connection) throws SQLException {
        Optional<ClosableHour> next;
        try (PreparedStatement select = connection.prepareStatement(NEXT_TO_SEAL)) {
            select.setInt(1, partition);
            next = PostgresClosingStore.overHour(partition, select);
        }
        Optional<OffsetDateTime> through =
                next.isPresent() ? next.map(hour -> timestamp(hour.hour().start())) : sealedThrough(connection);
        boolean isWorthIt = next.isPresent() || (through.isPresent() && hasManyLateIds(connection, through.get()));
        return new ToSort(next, isWorthIt ? through : Optional.empty(), position(connection));
    }

    private Optional<OffsetDateTime> sealedThrough(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(PostgresClosingStore.SEALED_THROUGH)) {
            select.setInt(1, partition);
            return Optional.ofNullable(PostgresClosingStore.momentOf(select)).map(Columns::timestamp);
        }
    }

    private boolean hasManyLateIds(Connection connection, OffsetDateTime sealedThrough) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HAS_MANY_LATE_IDS)) {
            select.setInt(1, partition);
            select.setObject(2, sealedThrough);
            select.setInt(3, partition);
            select.setObject(4, sealedThrough);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private long position(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(POSITION)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    private List<OffsetDateTime> hoursInRuns(Connection connection, OffsetDateTime through) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HOURS_IN_RUNS)) {
            select.setInt(1, partition);
            select.setObject(2, through);
            List<OffsetDateTime> hours = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    hours.add(row.getObject(1, OffsetDateTime.class));
                }
            }
            return hours;
        }
    }

    /** Only if all that was counted up to the position is in blocks: a failover may have undone some of it. */
    private void seal(Connection connection, OffsetDateTime hour, long position, Instant at) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(SEALED)) {
            update.setObject(1, timestamp(at));
            update.setInt(2, partition);
            update.setObject(3, hour);
            update.setInt(4, partition);
            update.setObject(5, hour);
            update.setInt(6, partition);
            update.setObject(7, hour);
            update.setLong(8, position);
            if (update.executeUpdate() == 0) {
                throw new StoreUnavailableException(
                        "hour " + hour + " of partition " + partition
                                + " is not sealed: it is not closed, somebody else has sealed it, or ids are not in blocks yet");
            }
        }
    }
}
