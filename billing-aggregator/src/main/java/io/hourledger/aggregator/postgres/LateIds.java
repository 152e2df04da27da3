package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Ids of an hour that are not in its sorted blocks yet, in its caller's transaction. Those of late events lie where checkpoints have left them until
 * the next hour is sealed; then they join the blocks.
 */
final class LateIds {

    private static final String NOT_IN_BLOCKS =
            """
            select hour, ids from aggregator.counted_ids where partition = ? and hour = any (?)
             union all
            select hour, ids from aggregator.ids_on_disk where partition = ? and hour = any (?)""";

    /** The blocks that hold these ids, or would; none for an id that sorts before all blocks. */
    private static final String BLOCKS_FOR =
            """
            select distinct on (block.first_high) block.first_high, block.ids
              from unnest(?::bigint[]) as late (high)
             cross join lateral (
                   select first_high, ids
                     from aggregator.sorted_id_block
                    where partition = ? and hour = ? and first_high <= late.high
                    order by first_high desc
                    limit 1) as block""";

    private static final String LAST_BLOCK =
            """
            select ids from aggregator.sorted_id_block where partition = ? and hour = ? order by first_high desc limit 1""";

    private static final String DROP_BLOCKS =
            """
            delete from aggregator.sorted_id_block where partition = ? and hour = ? and first_high = any (?)""";

    /** A row is what one checkpoint has counted, up to 16 MB. */
    private static final int ROWS_AT_ONCE = 10;

    private final Connection connection;
    private final int partition;

    LateIds(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /** Looks for ids that were counted and are in no sorted block yet; for each of the wanted the content, or null. */
    List<Integer> find(List<WantedId> wanted) throws SQLException {
        Map<WantedId, Integer> found = new HashMap<>();
        Set<WantedId> asked = Set.copyOf(wanted);
        Object[] hours = wanted.stream()
                .map(id -> Columns.timestamp(id.hour().start()))
                .distinct()
                .toArray();
        try (PreparedStatement select = connection.prepareStatement(NOT_IN_BLOCKS)) {
            select.setInt(1, partition);
            select.setArray(2, connection.createArrayOf("timestamptz", hours));
            select.setInt(3, partition);
            select.setArray(4, connection.createArrayOf("timestamptz", hours));
            select.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    UsageHour hour = new UsageHour(Columns.instant(row, 1));
                    byte[] ids = row.getBytes(2);
                    for (int at = 0; at < ids.length; at += EventIdentity.BYTES) {
                        WantedId id = new WantedId(hour, IdBuffer.highAt(ids, at), IdBuffer.lowAt(ids, at));
                        if (asked.contains(id)) {
                            found.put(id, IdBuffer.contentAt(ids, at));
                        }
                    }
                }
            }
        }
        return wanted.stream().map(found::get).collect(Collectors.toCollection(ArrayList::new));
    }

    /** Whether an id with this hash, and so all after it, come behind those in the sorted blocks. */
    boolean sortBehindAll(OffsetDateTime hour, long high) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LAST_BLOCK)) {
            select.setInt(1, partition);
            select.setObject(2, hour);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return true;
                }
                byte[] last = row.getBytes(1);
                return IdBuffer.highAt(last, last.length - EventIdentity.BYTES) < high;
            }
        }
    }

    /**
     * Sorts ids into the blocks of their hour. Only the blocks that they belong to are read and written. Nobody else may add blocks meanwhile.
     *
     * @return all blocks that are to be written in place of those that were dropped
     */
    List<SortedIds.Block> merged(OffsetDateTime hour, SortedIds late) throws SQLException {
        if (sortBehindAll(hour, late.highs()[0])) {
            return late.blocks();
        }
        NavigableMap<Long, byte[]> blocks = blocksFor(hour, late.highs());
        dropBlocks(hour, blocks.keySet());
        List<SortedIds.Block> merged = new ArrayList<>();
        int begin = 0;
        for (Map.Entry<Long, byte[]> block : withAllBefore(blocks).entrySet()) {
            Long next = blocks.higherKey(block.getKey());
            int end = next == null ? late.size() : late.firstFrom(next);
            merged.addAll(late.with(begin, end, block.getValue()).blocks());
            begin = end;
        }
        return merged;
    }

    /** What sorts before all blocks begins with a block that is not there. */
    private static NavigableMap<Long, byte[]> withAllBefore(NavigableMap<Long, byte[]> blocks) {
        NavigableMap<Long, byte[]> all = new TreeMap<>(blocks);
        all.putIfAbsent(Long.MIN_VALUE, new byte[0]);
        return all;
    }

    private NavigableMap<Long, byte[]> blocksFor(OffsetDateTime hour, long[] highs) throws SQLException {
        NavigableMap<Long, byte[]> blocks = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(BLOCKS_FOR)) {
            select.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", Arrays.stream(highs).boxed().toArray()));
            select.setInt(2, partition);
            select.setObject(3, hour);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    blocks.put(row.getLong(1), row.getBytes(2));
                }
            }
        }
        return Collections.unmodifiableNavigableMap(blocks);
    }

    private void dropBlocks(OffsetDateTime hour, Set<Long> firstHighs) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DROP_BLOCKS)) {
            delete.setInt(1, partition);
            delete.setObject(2, hour);
            delete.setArray(3, connection.createArrayOf("bigint", firstHighs.toArray()));
            delete.executeUpdate();
        }
    }
}
