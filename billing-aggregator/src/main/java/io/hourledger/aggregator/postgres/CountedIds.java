package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.ids.IdBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Reads and sorts the ids of {@link CountedRows}. Each transaction reads a few megabytes, and one that stands still holds nothing. */
final class CountedIds {

    private static final int ROWS_AT_ONCE = 64;
    private static final int FIRST_BYTES = 1 << 16;
    private static final int MORE_BYTES = 1 << 20;

    private static final String FIRST =
            """
            select substring(ids from 1 for %d)
              from aggregator.counted_ids
             where partition = ? and hour = ? and next_offset = any (?)"""
                    .formatted(FIRST_BYTES);

    /** A checkpoint's ids are one value of up to 16 MB. */
    private static final String MORE =
            """
            select substring(ids from ? for %d) from aggregator.counted_ids where partition = ? and hour = ? and next_offset = ?"""
                    .formatted(MORE_BYTES);

    private final Transactions transactions;
    private final CountedRows source;
    private final long[] highs;
    private final long[] rests;
    private int count;

    private CountedIds(Transactions transactions, CountedRows source) {
        this.transactions = transactions;
        this.source = source;
        this.highs = new long[source.ids()];
        this.rests = new long[source.ids()];
    }

    /** All of them if the rows are still there afterwards. */
    static SortedIds sorted(Transactions transactions, CountedRows source) {
        CountedIds read = new CountedIds(transactions, source);
        read.read();
        return SortedIds.of(read.highs, read.rests, read.count);
    }

    private void read() {
        List<CountedRows.Row> rows = source.rows();
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            List<CountedRows.Row> some = rows.subList(from, Math.min(from + ROWS_AT_ONCE, rows.size()));
            transactions.run("read ids", connection -> readFirst(connection, some));
        }
        for (CountedRows.Row row : rows) {
            for (int from = FIRST_BYTES; from < row.bytes(); from += MORE_BYTES) {
                int first = from + 1;
                transactions.run("read more ids", connection -> readMore(connection, row, first));
            }
        }
    }

    private CountedIds readFirst(Connection connection, List<CountedRows.Row> rows) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(FIRST)) {
            select.setInt(1, source.partition());
            select.setObject(2, source.hour());
            select.setArray(
                    3,
                    connection.createArrayOf(
                            "bigint",
                            rows.stream().map(CountedRows.Row::nextOffset).toArray()));
            return add(select);
        }
    }

    private CountedIds readMore(Connection connection, CountedRows.Row row, int first) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(MORE)) {
            select.setInt(1, first);
            select.setInt(2, source.partition());
            select.setObject(3, source.hour());
            select.setLong(4, row.nextOffset());
            return add(select);
        }
    }

    private CountedIds add(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                byte[] ids = row.getBytes(1);
                for (int at = 0; at < ids.length && count < highs.length; at += SortedIds.BYTES_OF_ID) {
                    highs[count] = IdBuffer.highAt(ids, at);
                    rests[count++] = SortedIds.restAt(ids, at);
                }
            }
        }
        return this;
    }
}
