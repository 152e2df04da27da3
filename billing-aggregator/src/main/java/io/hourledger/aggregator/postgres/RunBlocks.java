package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.ids.IdBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Names those blocks of an hour's runs that sort first, to be moved together. The number of a run is drawn at random and a run only loses ids from its
 * front. So a block of the same run and first hash has the same ids.
 *
 * @param blocks in the order of their first hashes
 * @param end ids whose hash sorts before this one are all in these blocks, and others are not moved; {@link Long#MAX_VALUE} if these are all blocks
 */
record RunBlocks(int partition, OffsetDateTime hour, List<RunBlock> blocks, long end) {

    private static final String FIRST =
            """
            select run, first_high, ids
              from aggregator.ids_on_disk
             where partition = ? and hour = ?
             order by first_high, run
             limit ?""";

    private static final String DROP =
            """
            delete from aggregator.ids_on_disk where partition = ? and hour = ? and run = ? and first_high = any (?)""";

    /** One block of a run. */
    record RunBlock(long run, SortedIds.Block block) {}

    static RunBlocks first(Connection connection, int partition, OffsetDateTime hour, int most) throws SQLException {
        List<RunBlock> blocks = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(FIRST)) {
            select.setInt(1, partition);
            select.setObject(2, hour);
            select.setInt(3, most + 1);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    blocks.add(new RunBlock(row.getLong(1), new SortedIds.Block(row.getLong(2), row.getBytes(3))));
                }
            }
        }
        if (blocks.size() <= most) {
            return new RunBlocks(partition, hour, blocks, Long.MAX_VALUE);
        }
        long next = blocks.removeLast().block.firstHigh();
        return new RunBlocks(
                partition, hour, blocks, Math.max(next, blocks.getFirst().block.firstHigh() + 1));
    }

    boolean areNone() {
        return blocks.isEmpty();
    }

    private boolean isMoved(byte[] ids, int at) {
        return end == Long.MAX_VALUE || IdBuffer.highAt(ids, at) < end;
    }

    /** What is moved. */
    SortedIds moved() {
        int most = blocks.stream().mapToInt(one -> one.block.ids().length).sum() / SortedIds.BYTES_OF_ID;
        long[] highs = new long[most];
        long[] rests = new long[most];
        int count = 0;
        for (RunBlock one : blocks) {
            byte[] ids = one.block.ids();
            for (int at = 0; at < ids.length && isMoved(ids, at); at += SortedIds.BYTES_OF_ID) {
                highs[count] = IdBuffer.highAt(ids, at);
                rests[count++] = SortedIds.restAt(ids, at);
            }
        }
        return SortedIds.of(highs, rests, count);
    }

    /** By run, the blocks that are written in place of those that are moved in part only. */
    Map<Long, List<SortedIds.Block>> remainders() {
        Map<Long, List<SortedIds.Block>> remainders = new TreeMap<>();
        for (RunBlock one : blocks) {
            byte[] ids = one.block.ids();
            int from = 0;
            while (from < ids.length && isMoved(ids, from)) {
                from += SortedIds.BYTES_OF_ID;
            }
            if (from < ids.length) {
                remainders.computeIfAbsent(one.run, run -> new ArrayList<>()).add(SortedIds.Block.rest(ids, from));
            }
        }
        return remainders;
    }

    /**
     * Deletes them.
     *
     * @throws StoreUnavailableException if they are not all there any more, so that the transaction is undone
     */
    void drop(Connection connection) throws SQLException {
        Map<Long, List<Long>> highs = blocks.stream()
                .collect(Collectors.groupingBy(
                        RunBlock::run,
                        TreeMap::new,
                        Collectors.mapping(one -> one.block.firstHigh(), Collectors.toList())));
        int dropped = 0;
        try (PreparedStatement delete = connection.prepareStatement(DROP)) {
            delete.setInt(1, partition);
            delete.setObject(2, hour);
            for (Map.Entry<Long, List<Long>> run : highs.entrySet()) {
                delete.setLong(3, run.getKey());
                delete.setArray(
                        4, connection.createArrayOf("bigint", run.getValue().toArray()));
                dropped += delete.executeUpdate();
            }
        }
        if (dropped != blocks.size()) {
            throw new StoreUnavailableException("somebody else sorts ids of hour " + hour + " of partition " + partition
                    + "; nothing was written, and the next try goes on from there");
        }
    }
}
