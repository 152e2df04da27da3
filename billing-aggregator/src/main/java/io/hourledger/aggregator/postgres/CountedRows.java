package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Names rows in which checkpoints have left ids of one hour, to be moved together. A checkpoint ends at its offset, and which ids it counted in an
 * hour follows from where it began. So a row of the same key and length has the same ids.
 *
 * @param rows in the order of their offsets
 */
record CountedRows(int partition, OffsetDateTime hour, List<Row> rows) {

    /** With more ids, rows are moved in several transactions; one row alone may have more, as its checkpoint had. */
    static final int MOST_IDS = 480_000;

    private static final String ROWS =
            """
            select hour, next_offset, octet_length(ids)
              from aggregator.counted_ids
             where partition = ? and hour <= ? and next_offset <= ?
             order by hour, next_offset""";

    private static final String DROP =
            """
            delete from aggregator.counted_ids
             where partition = ? and hour = ? and next_offset = any (?)
            returning next_offset, octet_length(ids)""";

    /** The ids that one checkpoint left. */
    record Row(long nextOffset, int bytes) {}

    /**
     * All rows of some hours in groups, each of which one transaction may move.
     *
     * @param through the last hour
     * @param position checkpoints behind this offset are left out
     */
    static List<CountedRows> of(Connection connection, int partition, OffsetDateTime through, long position)
            throws SQLException {
        Groups groups = new Groups(partition);
        try (PreparedStatement select = connection.prepareStatement(ROWS)) {
            select.setInt(1, partition);
            select.setObject(2, through);
            select.setLong(3, position);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    groups.add(row.getObject(1, OffsetDateTime.class), new Row(row.getLong(2), row.getInt(3)));
                }
            }
        }
        return groups.all;
    }

    private static final class Groups {
        private final List<CountedRows> all = new ArrayList<>();
        private final int partition;
        private long bytes;

        Groups(int partition) {
            this.partition = partition;
        }

        void add(OffsetDateTime hour, Row row) {
            bytes += row.bytes;
            boolean fits = !all.isEmpty()
                    && all.getLast().hour.equals(hour)
                    && bytes <= (long) MOST_IDS * SortedIds.BYTES_OF_ID;
            if (!fits) {
                all.add(new CountedRows(partition, hour, new ArrayList<>()));
                bytes = row.bytes;
            }
            all.getLast().rows.add(row);
        }
    }

    int ids() {
        return (int) (rows.stream().mapToLong(Row::bytes).sum() / SortedIds.BYTES_OF_ID);
    }

    /**
     * Deletes them.
     *
     * @throws StoreUnavailableException if they are not all there any more, so that the transaction is undone
     */
    void drop(Connection connection) throws SQLException {
        List<Row> dropped = new ArrayList<>();
        try (PreparedStatement delete = connection.prepareStatement(DROP)) {
            delete.setInt(1, partition);
            delete.setObject(2, hour);
            delete.setArray(
                    3,
                    connection.createArrayOf(
                            "bigint", rows.stream().map(Row::nextOffset).toArray()));
            try (ResultSet row = delete.executeQuery()) {
                while (row.next()) {
                    dropped.add(new Row(row.getLong(1), row.getInt(2)));
                }
            }
        }
        if (dropped.size() != rows.size() || !dropped.containsAll(rows)) {
            throw new StoreUnavailableException("somebody else moves ids of hour " + hour + " of partition " + partition
                    + "; nothing was written, and the next try goes on from there");
        }
    }
}
