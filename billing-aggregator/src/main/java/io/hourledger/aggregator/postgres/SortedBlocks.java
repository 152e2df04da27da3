package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.postgres.IdSource.Scope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the rows of ids that checkpoints have left into blocks sorted by hash: for good when an hour is sealed, and before that in runs when
 * memory is full.
 *
 * <p>It reads and sorts without a transaction, and writes in short ones. Each of these takes the lock of the partition, and is undone if what was read
 * has been moved meanwhile. So a process that stands still blocks nobody, and of two at once one finds out.
 */
final class SortedBlocks {

    private static final String TO_SPILL =
            """
            select hour, next_offset, octet_length(ids) / 16 from aggregator.counted_ids where partition = ? order by hour, next_offset""";

    private static final String ADD_SEALED =
            """
            insert into aggregator.sorted_id_block (partition, hour, first_high, ids)
            select %d, to_timestamp(%d), first_high, ids from unnest(?::bigint[], ?::bytea[]) as block (first_high, ids)""";

    private static final String DROP_SEALED =
            """
            delete from aggregator.sorted_id_block where partition = ? and hour = any (?)""";

    private static final String ADD_SPILLED =
            """
            insert into aggregator.ids_on_disk (partition, hour, run, first_high, ids)
            select %d, to_timestamp(%d), %d, first_high, ids from unnest(?::bigint[], ?::bytea[]) as block (first_high, ids)""";

    private static final String DROP_COUNTED =
            """
            delete from aggregator.counted_ids where partition = ? and hour = ? and next_offset = any (?)""";

    private static final String DROP_SPILLED =
            """
            delete from aggregator.ids_on_disk where partition = ? and hour = ? and run = any (?)""";

    /** Of a process that stands still PostgreSQL itself ends the transaction, whatever it was waiting for. */
    private static final String NOT_FOR_LONG = "set local transaction_timeout = '60s'";

    private static final String LOCK =
            """
            select pg_advisory_xact_lock(hashtext('aggregator.sorted_blocks'), ?)""";

    /** Ids that are sorted in memory at once; an hour with more is read again for each part of it. */
    private static final int MOST_IDS_SORTED = 4_000_000;

    /** Of late events, each of which may lie in a block of its own that is read and written again. */
    private static final int MOST_LATE_IDS_SORTED = 10_000;

    private static final int BLOCKS_IN_INSERT = 1_000;
    private static final int BLOCKS_IN_TRANSACTION = 4_000;

    private final Transactions transactions;
    private final int partition;

    SortedBlocks(Transactions transactions, int partition) {
        this.transactions = transactions;
        this.partition = partition;
    }

    /** What sealing an hour has to ask and to say in its transactions. */
    interface Attempt {

        /** Says that the hour begins to be sealed; whoever began before is behind from then on. */
        void begin(Connection connection) throws SQLException;

        /** Fails if somebody has begun since. */
        void goOn(Connection connection) throws SQLException;

        /** Says that the hour is sealed. */
        void end(Connection connection) throws SQLException;
    }

    /**
     * Writes all ids of new hours that were counted up to an offset into the blocks where they stay. These count from the last transaction on, which
     * drops what they were made of.
     */
    void seal(List<OffsetDateTime> hours, long through, Attempt attempt) {
        transactions.run("begin to seal an hour", connection -> {
            lock(connection);
            attempt.begin(connection);
            return dropSealed(connection, hours);
        });
        List<IdSource> sources = new ArrayList<>();
        for (OffsetDateTime hour : hours) {
            IdSource source = sourceOf(Scope.ofHour(partition, hour, through));
            sources.add(source);
            IdPieces pieces = new IdPieces(transactions, source);
            int parts = source.partsOf(MOST_IDS_SORTED);
            for (int part = 0; part < parts; part++) {
                addSealed(hour, pieces.sorted(part, parts).blocks(), attempt);
            }
        }
        transactions.run("seal an hour", connection -> {
            lock(connection);
            attempt.goOn(connection);
            for (IdSource source : sources) {
                drop(connection, source);
            }
            attempt.end(connection);
            return hours;
        });
    }

    private void addSealed(OffsetDateTime hour, List<SortedIds.Block> blocks, Attempt attempt) {
        for (int from = 0; from < blocks.size(); from += BLOCKS_IN_TRANSACTION) {
            List<SortedIds.Block> some = blocks.subList(from, Math.min(from + BLOCKS_IN_TRANSACTION, blocks.size()));
            transactions.run("write sorted ids", connection -> {
                lock(connection);
                attempt.goOn(connection);
                return insert(connection, some, ADD_SEALED.formatted(partition, hour.toEpochSecond()));
            });
        }
    }

    /** What an attempt that did not end has left counts for nobody. */
    private int dropSealed(Connection connection, List<OffsetDateTime> hours) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DROP_SEALED)) {
            delete.setInt(1, partition);
            delete.setArray(2, connection.createArrayOf("timestamptz", hours.toArray()));
            return delete.executeUpdate();
        }
    }

    /**
     * Adds ids of late events, counted up to an offset, to the blocks of their hour, which is sealed. An id that is added twice is there once, so a
     * crash between two parts does no harm.
     */
    void addLate(OffsetDateTime hour, long through) {
        IdSource source = sourceOf(Scope.ofHour(partition, hour, through));
        IdPieces pieces = new IdPieces(transactions, source);
        int parts = source.partsOf(MOST_LATE_IDS_SORTED);
        for (int part = 0; part < parts; part++) {
            SortedIds late = pieces.sorted(part, parts);
            transactions.run("add ids of late events", connection -> {
                lock(connection);
                mustBeUnchanged(connection, source);
                List<SortedIds.Block> merged = new LateIds(connection, partition).merged(hour, late);
                return insert(connection, merged, ADD_SEALED.formatted(partition, hour.toEpochSecond()));
            });
        }
        transactions.run("drop ids of late events", connection -> {
            lock(connection);
            drop(connection, source);
            return hour;
        });
    }

    /** What checkpoints have left until now into runs for each hour. */
    void spill() {
        for (Scope scope : transactions.run("say which ids have no room", this::toSpill)) {
            IdSource source = sourceOf(scope);
            List<SortedIds.Block> blocks =
                    new IdPieces(transactions, source).sorted(0, 1).blocks();
            String insert = ADD_SPILLED.formatted(partition, scope.hour().toEpochSecond(), scope.through());
            transactions.run("make room for ids", connection -> {
                lock(connection);
                drop(connection, source);
                return insert(connection, blocks, insert);
            });
        }
    }

    private IdSource sourceOf(Scope scope) {
        return transactions.run("say where ids are", connection -> IdSource.of(connection, scope));
    }

    private List<Scope> toSpill(Connection connection) throws SQLException {
        Spills spills = new Spills(partition);
        try (PreparedStatement select = connection.prepareStatement(TO_SPILL)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    spills.add(row.getObject(1, OffsetDateTime.class), row.getLong(2), row.getLong(3));
                }
            }
        }
        return spills.scopes;
    }

    /** Puts checkpoints that follow one another into one run, as long as their ids can be sorted at once. */
    private static final class Spills {
        private final List<Scope> scopes = new ArrayList<>();
        private final int partition;
        private long idsOfLast;

        Spills(int partition) {
            this.partition = partition;
        }

        void add(OffsetDateTime hour, long nextOffset, long ids) {
            boolean isOfSameHour = !scopes.isEmpty() && scopes.getLast().hour().equals(hour);
            boolean fits = isOfSameHour && idsOfLast + ids <= MOST_IDS_SORTED;
            long after = Long.MIN_VALUE;
            if (fits) {
                after = scopes.removeLast().after();
            } else if (isOfSameHour) {
                after = scopes.getLast().through();
            }
            scopes.add(Scope.ofCheckpoints(partition, hour, after, nextOffset));
            idsOfLast = fits ? idsOfLast + ids : ids;
        }
    }

    /** Waits until nobody else writes sorted ids of this partition; then nobody does until the transaction ends. */
    private void lock(Connection connection) throws SQLException {
        try (Statement set = connection.createStatement()) {
            set.execute(NOT_FOR_LONG);
        }
        try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
            lock.setInt(1, partition);
            lock.execute();
        }
    }

    private void mustBeUnchanged(Connection connection, IdSource source) throws SQLException {
        if (!source.isUnchanged(connection)) {
            throw new StoreUnavailableException("ids of hour " + source.scope().hour() + " of partition " + partition
                    + " were sorted by somebody else meanwhile; nothing was written, and it begins anew");
        }
    }

    private void drop(Connection connection, IdSource source) throws SQLException {
        mustBeUnchanged(connection, source);
        drop(connection, DROP_COUNTED, source, source.checkpoints());
        drop(connection, DROP_SPILLED, source, source.runs());
    }

    private void drop(Connection connection, String rows, IdSource source, List<Long> keys) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(rows)) {
            delete.setInt(1, partition);
            delete.setObject(2, source.scope().hour());
            delete.setArray(3, connection.createArrayOf("bigint", keys.toArray()));
            delete.executeUpdate();
        }
    }

    private static int insert(Connection connection, List<SortedIds.Block> blocks, String into) throws SQLException {
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
        return blocks.size();
    }
}
