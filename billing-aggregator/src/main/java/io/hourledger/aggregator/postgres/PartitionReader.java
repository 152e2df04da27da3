package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.hour.CheckpointStore.Loading;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.HaltReason;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.hour.Tallies;
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
import java.util.Set;

/** Reads what is stored of one partition and may still be needed to count, in its caller's transaction. */
final class PartitionReader {

    private static final String POSITION =
            """
            select checkpoint, next_offset, consumed, counted, duplicates, quarantined, filtered_out, amendments, catalogue
              from aggregator.partition_position
             where partition = ?""";

    /** What a count that begins would add to, or take for repeats. Of hours that are closed for good nothing is counted again. */
    private static final String LEFT_BEHIND =
            """
            select kind
              from (values (?::integer)) as own (partition)
              left join aggregator.retention retention on retention.partition = own.partition
             cross join lateral (
                   select 'bucket' as kind
                    where exists (select from aggregator.bucket rows
                                   where rows.partition = own.partition and rows.hour > coalesce(retention.closed_for_good, '-infinity'))
                   union all
                   select 'counted_ids' where exists (select from aggregator.counted_ids rows where rows.partition = own.partition)
                   union all
                   select 'ids_on_disk' where exists (select from aggregator.ids_on_disk rows where rows.partition = own.partition)
                   union all
                   select 'sorted_id_block' where exists (select from aggregator.sorted_id_block rows where rows.partition = own.partition)
                   union all
                   select 'quarantine' where exists (select from aggregator.quarantine rows
                                                      where rows.partition = own.partition and rows.log_offset >= ?)) as kinds
             limit 1""";

    private static final String CLOSED_FOR_GOOD =
            """
            select closed_for_good from aggregator.retention where partition = ? and closed_for_good is not null""";

    private static final String CUTOFFS =
            """
            select hour, cutoff, recorded_at, accepts_from, sealed_at is not null as sealed
              from aggregator.hour_cutoff
             where partition = ?
             order by hour""";

    private static final String AMENDED =
            """
            select distinct hour, instance, event_type from aggregator.amendment where partition = ? and hour >= ?""";

    private static final String UNIQUE_VALUES =
            """
            select hour, revision, instance, meter, raw_total
              from aggregator.bucket
             where partition = ? and revision = 0 and hour > ? and meter = any (?)
             union all
            select hour, revision, instance, meter, raw_total
              from aggregator.bucket
             where partition = ? and revision > 0 and ends_with > ? and meter = any (?)""";

    /** A checkpoint's ids are one value of up to 16 MB, read in slices, so that several partitions can be loaded at once in little memory. */
    private static final String COUNTED_IDS =
            """
            select extract(epoch from hour)::bigint, substring(ids from first for 131072)
              from aggregator.counted_ids, generate_series(1, octet_length(ids), 131072) as first
             where partition = %d and hour > to_timestamp(%d)""";

    private static final Instant BEFORE_ALL_HOURS = Instant.EPOCH.minus(UsageHour.LENGTH);

    private final Connection connection;
    private final int partition;

    PartitionReader(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /**
     * Hands over all that is stored; ids for which there is no room stay on disk.
     *
     * @param countedWith the fingerprint of the versions of the catalogue that the partition has to be counted with
     */
    void read(String countedWith, int hoursInMemory, long roomForIds, Loading into) throws SQLException {
        Position position = position(countedWith);
        if (position.checkpoint == 0) {
            requireNothingLeftBehind(position.nextOffset);
        }
        Past past = past(position.nextOffset);
        OffsetDateTime memoryBeginsAfter =
                timestamp(past.lateThrough.minus(UsageHour.LENGTH.multipliedBy(hoursInMemory)));
        OffsetDateTime sealedOnly = past.sealedOnlyThrough(memoryBeginsAfter);
        IdRuns ids = IdRuns.fitting(connection, partition, sealedOnly, roomForIds);
        into.position(
                position.checkpoint, position.nextOffset, position.tallies, past.sealedThrough, ids.idsInMemory());
        readClosedForGood(into);
        past.cutoffs.forEach(into::cutoff);
        readAmended(past.acceptsFrom, into);
        readUniqueValues(past.lateThrough, into);
        CopiedIds.read(connection, COUNTED_IDS.formatted(partition, sealedOnly.toEpochSecond()), into::ids);
        for (IdRuns.Run run : ids.inMemory()) {
            CopiedIds.read(connection, run.query(partition), into::ids);
        }
        for (IdRuns.Run run : ids.onDisk()) {
            IdFilter filter = new IdFilter(run.ids());
            CopiedIds.read(connection, run.query(partition), (hour, some) -> filter.addAll(some));
            into.onDisk(run.hour(), run.number(), run.ids(), filter);
        }
    }

    /** Whoever counts a partition anew and leaves rows of before would count usage twice, or take all of it for repeats. */
    private void requireNothingLeftBehind(long nextOffset) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LEFT_BEHIND)) {
            select.setInt(1, partition);
            select.setLong(2, nextOffset);
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    throw new PartitionHaltedException(
                            HaltReason.HALF_CLEARED,
                            "partition " + partition + " has checkpoint 0, so it is counted from offset " + nextOffset
                                    + " on as if for the first time, but aggregator." + row.getString(1)
                                    + " still has rows of it: counted on top of them, usage would be doubled or lost");
                }
            }
        }
    }

    private record Position(long checkpoint, long nextOffset, Tallies tallies) {}

    private Position position(String countedWith) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(POSITION)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new PartitionHaltedException(
                            HaltReason.UNKNOWN_PARTITION,
                            "partition " + partition + " is not one of those the schema was made for");
                }
                if (!countedWith.equals(row.getString(9))) {
                    throw new StoreUnavailableException("a version of the catalogue was published while partition "
                            + partition + " was loaded: it is loaded again");
                }
                return new Position(
                        row.getLong(1),
                        row.getLong(2),
                        new Tallies(
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getLong(7),
                                row.getLong(8)));
            }
        }
    }

    /**
     * @param acceptsFrom start of the first hour that accepts usage at the kept position
     * @param lateThrough start of the last hour that is over at the kept position; before all hours if there is none
     * @param sealedThrough number of the last hour of the unbroken row of sealed ones, as {@link Loading#position} wants it
     */
    private record Past(List<Cutoff> cutoffs, Instant acceptsFrom, Instant lateThrough, long sealedThrough) {

        /** The last hour whose ids are looked up in the store alone. */
        OffsetDateTime sealedOnlyThrough(OffsetDateTime memoryBeginsAfter) {
            OffsetDateTime sealed = sealedThrough == Long.MIN_VALUE
                    ? timestamp(BEFORE_ALL_HOURS)
                    : timestamp(UsageHour.ofNumber(sealedThrough).start());
            return sealed.isBefore(memoryBeginsAfter) ? sealed : memoryBeginsAfter;
        }
    }

    private Past past(long nextOffset) throws SQLException {
        List<Cutoff> cutoffs = new ArrayList<>();
        Instant acceptsFrom = BEFORE_ALL_HOURS;
        Instant lateThrough = BEFORE_ALL_HOURS;
        long sealedThrough = Long.MIN_VALUE;
        try (PreparedStatement select = connection.prepareStatement(CUTOFFS)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Cutoff cutoff = new Cutoff(
                            new UsageHour(instant(row, 1)),
                            row.getLong(2),
                            instant(row, 3),
                            new UsageHour(instant(row, 4)));
                    cutoffs.add(cutoff);
                    if (cutoff.offset() <= nextOffset) {
                        acceptsFrom = cutoff.acceptsFrom().start();
                        lateThrough = cutoff.hour().start();
                    }
                    if (row.getBoolean(5)) {
                        sealedThrough = cutoff.hour().number();
                    }
                }
            }
        }
        return new Past(cutoffs, acceptsFrom, lateThrough, sealedThrough);
    }

    private void readAmended(Instant acceptsFrom, Loading into) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(AMENDED)) {
            select.setInt(1, partition);
            select.setObject(2, timestamp(acceptsFrom));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    into.amended(new UsageHour(instant(row, 1)), row.getString(2), row.getString(3));
                }
            }
        }
    }

    /** Only of buckets that may get more of them. */
    private void readUniqueValues(Instant lateThrough, Loading into) throws SQLException {
        Set<String> meters = into.uniqueCounts();
        if (meters.isEmpty()) {
            return;
        }
        try (PreparedStatement select = connection.prepareStatement(UNIQUE_VALUES)) {
            for (int first = 1; first <= 4; first += 3) {
                select.setInt(first, partition);
                select.setObject(first + 1, timestamp(lateThrough));
                select.setArray(first + 2, connection.createArrayOf("text", meters.toArray()));
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    into.uniqueValues(
                            new UsageHour(instant(row, 1)),
                            row.getInt(2),
                            row.getString(3),
                            row.getString(4),
                            row.getBigDecimal(5));
                }
            }
        }
    }

    private void readClosedForGood(Loading into) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(CLOSED_FOR_GOOD)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    into.closedForGood(new UsageHour(instant(row, 1)));
                }
            }
        }
    }
}
