package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Says which sorted ids of hours near now go into memory, and which stay on disk.
 *
 * @param idsInMemory how many ids go into memory, those that checkpoints have left included
 */
record IdRuns(List<Run> inMemory, List<Run> onDisk, long idsInMemory) {

    private static final String HOW_MANY_COUNTED =
            """
            select coalesce(sum(octet_length(ids)), 0) / 16 from aggregator.counted_ids where partition = ?""";

    private static final String HOW_MANY_SPILLED =
            """
            select coalesce(sum(octet_length(ids)), 0) / 16 from aggregator.ids_on_disk where partition = ?""";

    /** The runs on disk of hours near now: those that were spilled, and the sorted blocks of each hour as one. */
    private static final String RUNS =
            """
            select extract(epoch from hour)::bigint, run, sum(octet_length(ids)) / 16
              from aggregator.ids_on_disk
             where partition = ? and hour > ?
             group by hour, run
             union all
            select extract(epoch from hour)::bigint, -1, sum(octet_length(ids)) / 16
              from aggregator.sorted_id_block
             where partition = ? and hour > ?
             group by hour
             order by 1, 2""";

    private static final String IDS_OF_RUN =
            """
            select extract(epoch from hour)::bigint, ids
              from aggregator.ids_on_disk
             where partition = %d and hour = to_timestamp(%d) and run = %d""";

    private static final String IDS_OF_BLOCKS =
            """
            select extract(epoch from hour)::bigint, ids
              from aggregator.sorted_id_block
             where partition = %d and hour = to_timestamp(%d)""";

    private static final long SEALED = -1;

    /**
     * Sorted ids of an hour near now.
     *
     * @param number {@link #SEALED} if they lie in the blocks where they stay
     */
    record Run(long second, long number, long ids) {

        UsageHour hour() {
            return UsageHour.of(Instant.ofEpochSecond(second));
        }

        boolean isSealed() {
            return number == SEALED;
        }

        String query(int partition) {
            return isSealed()
                    ? IDS_OF_BLOCKS.formatted(partition, second)
                    : IDS_OF_RUN.formatted(partition, second, number);
        }
    }

    /** Whether the ids that checkpoints have left do not fit, even if those of all sealed hours stay on disk. */
    static boolean areTooMany(Connection connection, int partition, long room) throws SQLException {
        long spilled = howMany(connection, HOW_MANY_SPILLED, partition);
        return howMany(connection, HOW_MANY_COUNTED, partition) > room - spilled / IdFilter.IDS_PER_ID_IN_MEMORY;
    }

    /** All go into memory if there is room for them. If not, sorted blocks still do if there is room for them and for the filters of runs. */
    static IdRuns fitting(Connection connection, int partition, OffsetDateTime after, long room) throws SQLException {
        long counted = howMany(connection, HOW_MANY_COUNTED, partition);
        List<Run> runs = runs(connection, partition, after);
        long spilled = sum(runs, run -> !run.isSealed());
        long sealed = sum(runs, Run::isSealed);
        boolean allFit = counted + sealed + spilled <= room;
        boolean sealedFit = counted + sealed <= room - spilled / IdFilter.IDS_PER_ID_IN_MEMORY;
        Predicate<Run> goesIntoMemory = run -> allFit || (sealedFit && run.isSealed());
        return new IdRuns(
                runs.stream().filter(goesIntoMemory).toList(),
                runs.stream().filter(goesIntoMemory.negate()).toList(),
                counted + sum(runs, goesIntoMemory));
    }

    private static long sum(List<Run> runs, Predicate<Run> which) {
        return runs.stream().filter(which).mapToLong(Run::ids).sum();
    }

    private static long howMany(Connection connection, String ids, int partition) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ids)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static List<Run> runs(Connection connection, int partition, OffsetDateTime after) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(RUNS)) {
            select.setInt(1, partition);
            select.setObject(2, after);
            select.setInt(3, partition);
            select.setObject(4, after);
            List<Run> runs = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    runs.add(new Run(row.getLong(1), row.getLong(2), row.getLong(3)));
                }
            }
            return runs;
        }
    }
}
