package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads the ids of an {@link IdSource} in pieces of a few megabytes, each in a transaction of its own. A reader that stands still
 * holds nothing. Whether all of them were there is asked of the source afterwards.
 */
final class IdPieces {

    private static final int ROWS_AT_ONCE = 64;
    private static final int BLOCKS_AT_ONCE = 1_000;
    private static final int FIRST_BYTES = 1 << 16;
    private static final int SLICE_BYTES = 1 << 20;

    private static final String CHECKPOINTS =
            """
            select next_offset, octet_length(ids), substring(ids from 1 for %d)
              from aggregator.counted_ids
             where partition = ? and hour = ? and next_offset = any (?)"""
                    .formatted(FIRST_BYTES);

    /** A checkpoint's ids are one value of up to 16 MB. */
    private static final String SLICE =
            """
            select substring(ids from ? for %d) from aggregator.counted_ids where partition = ? and hour = ? and next_offset = ?"""
                    .formatted(SLICE_BYTES);

    private static final String RUN =
            """
            select first_high, ids
              from aggregator.ids_on_disk
             where partition = ? and hour = ? and run = ? and first_high >= ?
             order by first_high
             limit %d"""
                    .formatted(BLOCKS_AT_ONCE);

    private final Transactions transactions;
    private final IdSource source;

    IdPieces(Transactions transactions, IdSource source) {
        this.transactions = transactions;
        this.source = source;
    }

    /**
     * Sorts those ids whose hash, taken as a fraction of all hashes, lies in {@code [part, part + 1) / parts}: an hour with more than can be sorted at
     * once is read again for each part of it.
     */
    SortedIds sorted(int part, int parts) {
        PartOfIds collected = new PartOfIds((int) (source.ids() / parts), part, parts);
        read(collected::add);
        return SortedIds.of(collected.highs, collected.rests, collected.count);
    }

    private void read(Consumer<byte[]> taker) {
        List<Long> checkpoints = source.checkpoints();
        for (int from = 0; from < checkpoints.size(); from += ROWS_AT_ONCE) {
            List<Long> some = checkpoints.subList(from, Math.min(from + ROWS_AT_ONCE, checkpoints.size()));
            List<LongRow> longRows = transactions.run("read ids", connection -> firstBytes(connection, some, taker));
            longRows.forEach(row -> readRest(row, taker));
        }
        source.runs().forEach(run -> readRun(run, taker));
    }

    /** A row of which only the first bytes were read. */
    private record LongRow(long nextOffset, int bytes) {}

    private List<LongRow> firstBytes(Connection connection, List<Long> checkpoints, Consumer<byte[]> taker)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(CHECKPOINTS)) {
            select.setInt(1, source.scope().partition());
            select.setObject(2, source.scope().hour());
            select.setArray(3, connection.createArrayOf("bigint", checkpoints.toArray()));
            List<LongRow> longRows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    taker.accept(row.getBytes(3));
                    if (row.getInt(2) > FIRST_BYTES) {
                        longRows.add(new LongRow(row.getLong(1), row.getInt(2)));
                    }
                }
            }
            return longRows;
        }
    }

    private void readRest(LongRow longRow, Consumer<byte[]> taker) {
        for (int from = FIRST_BYTES; from < longRow.bytes; from += SLICE_BYTES) {
            int first = from + 1;
            transactions.run("read a slice of ids", connection -> {
                try (PreparedStatement select = connection.prepareStatement(SLICE)) {
                    select.setInt(1, first);
                    select.setInt(2, source.scope().partition());
                    select.setObject(3, source.scope().hour());
                    select.setLong(4, longRow.nextOffset);
                    return takeAll(select, taker);
                }
            });
        }
    }

    private static int takeAll(PreparedStatement select, Consumer<byte[]> taker) throws SQLException {
        int rows = 0;
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                taker.accept(row.getBytes(1));
                rows++;
            }
        }
        return rows;
    }

    private void readRun(long run, Consumer<byte[]> taker) {
        List<Long> highs = new ArrayList<>(List.of(Long.MIN_VALUE));
        while (!highs.isEmpty()) {
            long from = highs.getLast();
            highs.clear();
            transactions.run("read ids of a run", connection -> readRun(connection, run, from, highs, taker));
        }
    }

    /** Leaves in {@code next} where to go on, or nothing. */
    private int readRun(Connection connection, long run, long from, List<Long> next, Consumer<byte[]> taker)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(RUN)) {
            select.setInt(1, source.scope().partition());
            select.setObject(2, source.scope().hour());
            select.setLong(3, run);
            select.setLong(4, from);
            int rows = 0;
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    if (++rows == BLOCKS_AT_ONCE) {
                        next.add(row.getLong(1));
                        break;
                    }
                    taker.accept(row.getBytes(2));
                }
            }
            return rows;
        }
    }

    /** Ids whose hash, taken as a fraction of all hashes, lies in {@code [part, part + 1) / parts}. */
    private static final class PartOfIds {
        private final int part;
        private final int parts;
        private long[] highs;
        private long[] rests;
        private int count;

        PartOfIds(int expected, int part, int parts) {
            this.part = part;
            this.parts = parts;
            int room = expected + expected / 64 + 1024;
            this.highs = new long[room];
            this.rests = new long[room];
        }

        void add(byte[] ids) {
            for (int at = 0; at < ids.length; at += EventIdentity.BYTES) {
                long high = IdBuffer.highAt(ids, at);
                long ascending = (high ^ Long.MIN_VALUE) >>> Integer.SIZE;
                if ((ascending * parts) >>> Integer.SIZE == part) {
                    if (count == highs.length) {
                        highs = Arrays.copyOf(highs, count + count / 4);
                        rests = Arrays.copyOf(rests, count + count / 4);
                    }
                    highs[count] = high;
                    rests[count++] = SortedIds.restAt(ids, at);
                }
            }
        }
    }
}
