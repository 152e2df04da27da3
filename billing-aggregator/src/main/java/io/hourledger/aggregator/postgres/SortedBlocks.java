package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Moves ids from checkpoints' rows into sorted runs, and from there into the sorted blocks where they stay.
 *
 * <p>Each transaction moves some ids from one place to the other: it deletes just what was read before, or nothing is done. So at any moment each id
 * lies in one place, and a crash or a failover leaves nothing to be mended: whoever comes next goes on with what lies in the first two places.
 */
final class SortedBlocks {

    private static final String ADD_TO_RUN =
            """
            insert into aggregator.ids_on_disk (partition, hour, run, first_high, ids)
            select %d, to_timestamp(%d), %d, first_high, ids from unnest(?::bigint[], ?::bytea[]) as block (first_high, ids)""";

    private static final String ADD_SORTED =
            """
            insert into aggregator.sorted_id_block (partition, hour, first_high, ids)
            select %d, to_timestamp(%d), first_high, ids from unnest(?::bigint[], ?::bytea[]) as block (first_high, ids)""";

    /** Of a process that stands still while it writes PostgreSQL itself ends the transaction, wherever in a statement it stopped. */
    private static final String TRANSACTION_TIMEOUT =
            "set local transaction_timeout = 0; set local transaction_timeout = '10s'"; // 0 ends the session's own

    private static final String LOCK =
            """
            select pg_advisory_xact_lock(hashtext('aggregator.sorted_blocks'), ?)""";

    /** What is moved at once behind all sorted blocks. */
    private static final int MOST_BLOCKS = CountedRows.MOST_IDS / SortedIds.IDS_IN_BLOCK;

    /** Of ids among the sorted blocks, each of which may be read and written again for one of them. */
    private static final int MOST_BLOCKS_AMONG = 84;

    private static final int BLOCKS_IN_INSERT = 1_000;

    private final Transactions transactions;
    private final int partition;

    SortedBlocks(Transactions transactions, int partition) {
        this.transactions = transactions;
        this.partition = partition;
    }

    /** Moves all that checkpoints have left into runs. */
    void spill() {
        spill(OffsetDateTime.MAX, Long.MAX_VALUE);
    }

    /** Moves into runs what checkpoints up to this position have left of hours up to this one. */
    void spill(OffsetDateTime through, long position) {
        List<CountedRows> all = transactions.run(
                "say which ids are not sorted", connection -> CountedRows.of(connection, partition, through, position));
        all.forEach(this::spill);
    }

    private void spill(CountedRows rows) {
        List<SortedIds.Block> blocks = CountedIds.sorted(transactions, rows).blocks();
        long run = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
        write("sort ids into a run", connection -> {
            rows.drop(connection);
            insert(
                    connection,
                    blocks,
                    ADD_TO_RUN.formatted(partition, rows.hour().toEpochSecond(), run));
        });
    }

    /** Moves all that lies in runs of an hour into its sorted blocks. */
    void merge(OffsetDateTime hour) {
        for (RunBlocks some = next(hour); !some.areNone(); some = next(hour)) {
            merge(some);
        }
    }

    private RunBlocks next(OffsetDateTime hour) {
        return transactions.run("read sorted ids", connection -> {
            RunBlocks few = RunBlocks.first(connection, partition, hour, MOST_BLOCKS_AMONG);
            boolean sortBehindAll = !few.areNone()
                    && few.end() != Long.MAX_VALUE
                    && new LateIds(connection, partition)
                            .sortBehindAll(hour, few.blocks().getFirst().block().firstHigh());
            return sortBehindAll ? RunBlocks.first(connection, partition, hour, MOST_BLOCKS) : few;
        });
    }

    private void merge(RunBlocks some) {
        SortedIds ids = some.moved();
        Map<Long, List<SortedIds.Block>> remainders = some.remainders();
        long second = some.hour().toEpochSecond();
        write("sort ids into blocks", connection -> {
            lock(connection);
            List<SortedIds.Block> merged = new LateIds(connection, partition).merged(some.hour(), ids);
            some.drop(connection);
            for (Map.Entry<Long, List<SortedIds.Block>> run : remainders.entrySet()) {
                insert(connection, run.getValue(), ADD_TO_RUN.formatted(partition, second, run.getKey()));
            }
            insert(connection, merged, ADD_SORTED.formatted(partition, second));
        });
    }

    private interface Write {
        void in(Connection connection) throws SQLException;
    }

    /**
     * @throws StoreUnavailableException if what was read has been moved by somebody else since; then nothing is written
     */
    private void write(String what, Write write) {
        transactions.run(what, connection -> {
            try (Statement set = connection.createStatement()) {
                set.execute(TRANSACTION_TIMEOUT);
            }
            write.in(connection);
            return partition;
        });
    }

    /** Between the look at the blocks of an hour and the end of the transaction nobody else may add one. */
    private void lock(Connection connection) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
            lock.setInt(1, partition);
            lock.execute();
        }
    }

    private static void insert(Connection connection, List<SortedIds.Block> blocks, String into) throws SQLException {
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
