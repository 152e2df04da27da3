package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of ids that checkpoints have left into blocks sorted by hash: for good when an hour is sealed, and before that in runs when
 * memory is full.
 */
final class SortedBlocks {

    /** Ids of an hour, of checkpoints and of runs, each row's hour first; in slices, since a checkpoint's are one value of up to 16 MB. */
    private static final String COUNTED =
            """
            select extract(epoch from hour)::bigint, substring(ids from first for 131072)
              from aggregator.counted_ids, generate_series(1, octet_length(ids), 131072) as first
             where partition = %d and hour = to_timestamp(%d) and next_offset <= %d""";

    private static final String SPILLED =
            """
            select extract(epoch from hour)::bigint, ids from aggregator.ids_on_disk where partition = %d and hour = to_timestamp(%d)""";

    private static final String HOW_MANY =
            """
            select (select coalesce(sum(octet_length(ids)), 0) from aggregator.counted_ids where partition = ? and hour = ?)
                 + (select coalesce(sum(octet_length(ids)), 0) from aggregator.ids_on_disk where partition = ? and hour = ?)""";

    private static final String HOURS_TO_SEAL =
            """
            select hour from aggregator.counted_ids where partition = ? and hour <= ?
             union
            select hour from aggregator.ids_on_disk where partition = ? and hour <= ?
             order by hour""";

    private static final String TO_SPILL =
            """
            select hour, max(next_offset), sum(octet_length(ids)) from aggregator.counted_ids where partition = ? group by hour""";

    private static final String ADD_SEALED =
            """
            insert into aggregator.sorted_id_block (partition, hour, first_high, ids)
            select %d, to_timestamp(%d), first_high, ids from unnest(?::bigint[], ?::bytea[]) as block (first_high, ids)""";

    private static final String ADD_SPILLED =
            """
            insert into aggregator.ids_on_disk (partition, hour, run, first_high, ids)
            select %d, to_timestamp(%d), %d, first_high, ids from unnest(?::bigint[], ?::bytea[]) as block (first_high, ids)""";

    private static final String DROP_COUNTED =
            """
            delete from aggregator.counted_ids where partition = ? and hour = ? and next_offset <= ?""";

    private static final String DROP_SPILLED =
            """
            delete from aggregator.ids_on_disk where partition = ? and hour = ?""";

    private static final String POSITION =
            """
            select next_offset from aggregator.partition_position where partition = ?""";

    private static final String LOCK =
            """
            select pg_advisory_xact_lock(hashtext('aggregator.sorted_blocks'), ?)""";

    /** Ids that are sorted in memory at once; an hour with more is read again for each part of it. */
    private static final int MOST_IDS_SORTED = 4_000_000;

    /** Of late events, whose blocks are read and written again. */
    private static final int MOST_LATE_IDS_SORTED = 100_000;

    private static final int BLOCKS_IN_INSERT = 1_000;

    private final Connection connection;
    private final int partition;

    /** Waits until nobody else sorts ids of this partition; then it is ours until the transaction ends. */
    SortedBlocks(Connection connection, int partition) throws SQLException {
        this.connection = connection;
        this.partition = partition;
        try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
            lock.setInt(1, partition);
            lock.execute();
        }
    }

    /**
     * All ids of hours up to this one into the blocks where they stay: a new hour's into new ones, those of late events into the blocks that their
     * hour has. Late events go on being counted meanwhile: what comes behind the position of now is left for the next time.
     *
     * @param sealedBefore the last hour that has its blocks; null if none has
     */
    void seal(OffsetDateTime through, @Nullable OffsetDateTime sealedBefore) throws SQLException {
        long position = position();
        for (OffsetDateTime hour : hoursToSeal(through)) {
            long second = hour.toEpochSecond();
            String ids = COUNTED.formatted(partition, second, position) + " union all "
                    + SPILLED.formatted(partition, second);
            String insert = ADD_SEALED.formatted(partition, second);
            if (sealedBefore == null || hour.isAfter(sealedBefore)) {
                write(ids, howMany(hour), insert);
            } else {
                LateIds lateIds = new LateIds(connection, partition);
                inParts(ids, howMany(hour), MOST_LATE_IDS_SORTED, late -> insert(lateIds.merged(hour, late), insert));
            }
            dropCounted(hour, position);
            try (PreparedStatement delete = connection.prepareStatement(DROP_SPILLED)) {
                delete.setInt(1, partition);
                delete.setObject(2, hour);
                delete.executeUpdate();
            }
        }
    }

    private record Spill(OffsetDateTime hour, long through, long ids) {}

    /** What checkpoints have left until now into one run for each hour. */
    void spill() throws SQLException {
        List<Spill> spills = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(TO_SPILL)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    spills.add(new Spill(
                            row.getObject(1, OffsetDateTime.class),
                            row.getLong(2),
                            row.getLong(3) / EventIdentity.BYTES));
                }
            }
        }
        for (Spill spill : spills) {
            long second = spill.hour.toEpochSecond();
            write(
                    COUNTED.formatted(partition, second, spill.through),
                    spill.ids,
                    ADD_SPILLED.formatted(partition, second, spill.through));
            dropCounted(spill.hour, spill.through);
        }
    }

    /** Whatever checkpoints have left of records before it can be seen. */
    private long position() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(POSITION)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private List<OffsetDateTime> hoursToSeal(OffsetDateTime through) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HOURS_TO_SEAL)) {
            select.setInt(1, partition);
            select.setObject(2, through);
            select.setInt(3, partition);
            select.setObject(4, through);
            List<OffsetDateTime> hours = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    hours.add(row.getObject(1, OffsetDateTime.class));
                }
            }
            return hours;
        }
    }

    private long howMany(OffsetDateTime hour) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HOW_MANY)) {
            select.setInt(1, partition);
            select.setObject(2, hour);
            select.setInt(3, partition);
            select.setObject(4, hour);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1) / EventIdentity.BYTES;
            }
        }
    }

    private void dropCounted(OffsetDateTime hour, long through) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DROP_COUNTED)) {
            delete.setInt(1, partition);
            delete.setObject(2, hour);
            delete.setLong(3, through);
            delete.executeUpdate();
        }
    }

    private void write(String ids, long howMany, String insert) throws SQLException {
        inParts(ids, howMany, MOST_IDS_SORTED, sorted -> insert(sorted.blocks(), insert));
    }

    private interface Part {
        void take(SortedIds sorted) throws SQLException;
    }

    private void inParts(String ids, long howMany, int mostAtOnce, Part taker) throws SQLException {
        int parts = (int) (1 + (howMany - 1) / mostAtOnce);
        for (int part = 0; part < parts; part++) {
            PartOfIds collected = new PartOfIds((int) (howMany / parts), part, parts);
            CopiedIds.read(connection, ids, (sameHour, row) -> collected.add(row));
            taker.take(SortedIds.of(collected.highs, collected.rests, collected.count));
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

    private void insert(List<SortedIds.Block> blocks, String into) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(into)) {
            for (int from = 0; from < blocks.size(); from += BLOCKS_IN_INSERT) {
                List<SortedIds.Block> some = blocks.subList(from, Math.min(from + BLOCKS_IN_INSERT, blocks.size()));
                insert.setArray(
                        1,
                        connection.createArrayOf(
                                "bigint",
                                some.stream().map(SortedIds.Block::firstHigh).toArray()));
                insert.setArray(
                        2,
                        connection.createArrayOf(
                                "bytea", some.stream().map(SortedIds.Block::ids).toArray(byte[][]::new)));
                insert.executeUpdate();
            }
        }
    }
}
