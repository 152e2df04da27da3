package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.setLongs;

import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.CheckpointStore.OnDiskId;
import io.hourledger.aggregator.hour.CheckpointStore.WantedId;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** Looks up ids in sorted blocks of one partition, in its caller's transaction. */
final class IdLookup {

    private static final String FIND_SEALED =
            """
            select wanted.n, block.ids
              from unnest(?::bigint[], ?::bigint[]) with ordinality as wanted (hour, high, n)
             cross join lateral (
                   select ids
                     from aggregator.sorted_id_block
                    where partition = ? and hour = to_timestamp(wanted.hour) and first_high <= wanted.high
                    order by first_high desc
                    limit 1) as block""";

    /** What was spilled when it was asked for may have been sealed since; one statement sees it in one of the two places. */
    private static final String FIND_ON_DISK =
            """
            select wanted.n, block.ids
              from unnest(?::bigint[], ?::bigint[], ?::bigint[]) with ordinality as wanted (hour, run, high, n)
             cross join lateral (
                   (select ids
                      from aggregator.ids_on_disk
                     where partition = ? and hour = to_timestamp(wanted.hour) and run = wanted.run and first_high <= wanted.high
                     order by first_high desc
                     limit 1)
                    union all
                   (select ids
                      from aggregator.sorted_id_block
                     where partition = ? and hour = to_timestamp(wanted.hour) and first_high <= wanted.high
                     order by first_high desc
                     limit 1)) as block""";

    private final Connection connection;
    private final int partition;

    IdLookup(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /** All of it must see one moment: meanwhile ids of late events may be sorted into the blocks. */
    long[] findSealed(List<WantedId> wanted) throws SQLException {
        long[] contents = new LateIds(connection, partition)
                .find(wanted).stream()
                        .mapToLong(content ->
                                content == null ? CheckpointStore.UNKNOWN_ID : Integer.toUnsignedLong(content))
                        .toArray();
        try (PreparedStatement select = connection.prepareStatement(FIND_SEALED)) {
            setLongs(select, 1, wanted, id -> id.hour().start().getEpochSecond());
            setLongs(select, 2, wanted, WantedId::high);
            select.setInt(3, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int index = (int) row.getLong(1) - 1;
                    WantedId id = wanted.get(index);
                    long content = contentIn(row.getBytes(2), id.high(), id.low());
                    if (content != CheckpointStore.UNKNOWN_ID) {
                        contents[index] = content;
                    }
                }
            }
        }
        return contents;
    }

    long[] findOnDisk(List<OnDiskId> wanted) throws SQLException {
        long[] contents = new long[wanted.size()];
        Arrays.fill(contents, CheckpointStore.UNKNOWN_ID);
        try (PreparedStatement select = connection.prepareStatement(FIND_ON_DISK)) {
            setLongs(select, 1, wanted, id -> id.hour().start().getEpochSecond());
            setLongs(select, 2, wanted, OnDiskId::run);
            setLongs(select, 3, wanted, OnDiskId::high);
            select.setInt(4, partition);
            select.setInt(5, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int index = (int) row.getLong(1) - 1;
                    OnDiskId id = wanted.get(index);
                    long content = contentIn(row.getBytes(2), id.high(), id.low());
                    if (content != CheckpointStore.UNKNOWN_ID) {
                        contents[index] = content;
                    }
                }
            }
        }
        return contents;
    }

    private static long contentIn(byte[] block, long high, int low) {
        for (int at = 0; at < block.length; at += EventIdentity.BYTES) {
            if (IdBuffer.highAt(block, at) == high && IdBuffer.lowAt(block, at) == low) {
                return Integer.toUnsignedLong(IdBuffer.contentAt(block, at));
            }
        }
        return CheckpointStore.UNKNOWN_ID;
    }
}
