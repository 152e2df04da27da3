package io.hourledger.aggregator.postgres;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.CheckpointStore;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.NewIds;
import io.hourledger.aggregator.hour.PartitionHaltedException;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.ids.EventIdentity;
import io.hourledger.aggregator.ids.IdBuffer;
import io.hourledger.aggregator.ids.IdFilter;
import io.hourledger.contracts.time.BusinessTime;
import io.hourledger.contracts.usage.MeterDefinitions;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import javax.sql.DataSource;

/** Checkpoints in PostgreSQL, one transaction each, with the offset first: as lock and as proof. */
public final class PostgresCheckpointStore implements CheckpointStore {

    private static final String POSITION =
            """
            select checkpoint, next_offset, consumed, counted, duplicates, quarantined, catalogue
              from aggregator.partition_position
             where partition = ?""";

    private static final String CUTOFFS =
            """
            select hour, cutoff, recorded_at, sealed_at is not null as sealed
              from aggregator.hour_cutoff
             where partition = ?
             order by hour""";

    private static final String BUCKETS =
            """
            select hour, instance, meter, raw_total, events, first_event_at, last_event_at, first_offset, last_offset
              from aggregator.bucket
             where partition = ? and hour > ?""";

    private static final String HOW_MANY_COUNTED =
            """
            select coalesce(sum(octet_length(ids)), 0) / 16 from aggregator.counted_ids where partition = ?""";

    private static final String HOW_MANY_SPILLED =
            """
            select coalesce(sum(octet_length(ids)), 0) / 16 from aggregator.ids_on_disk where partition = ?""";

    /** The runs on disk of hours near now: those of hours not sealed, and each sealed hour as one. */
    private static final String RUNS =
            """
            select extract(epoch from hour)::bigint, run, sum(octet_length(ids)) / 16
              from aggregator.ids_on_disk
             where partition = ?
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

    private static final String IDS_OF_SEALED_HOUR =
            """
            select extract(epoch from hour)::bigint, ids
              from aggregator.sorted_id_block
             where partition = %d and hour = to_timestamp(%d)""";

    private static final long SEALED = -1;

    /** A checkpoint's ids are one value of up to 16 MB, read in slices, so that several partitions can be loaded at once in little memory. */
    private static final String COUNTED_IDS =
            """
            select extract(epoch from hour)::bigint, substring(ids from first for 131072)
              from aggregator.counted_ids, generate_series(1, octet_length(ids), 131072) as first
             where partition = %d""";

    private static final String ADVANCE =
            """
            update aggregator.partition_position
               set checkpoint = ?, next_offset = ?, consumed = ?, counted = ?, duplicates = ?, quarantined = ?
             where partition = ? and checkpoint = ? - 1 and next_offset = ? and catalogue = ?""";

    private static final String KEEP_IDS =
            """
            insert into aggregator.counted_ids (partition, hour, next_offset, ids) values (?, ?, ?, ?)""";

    private static final String KEEP_BUCKETS =
            """
            insert into aggregator.bucket
                   (partition, hour, instance, meter, raw_total, events, first_event_at, last_event_at, first_offset, last_offset)
            select ?, to_timestamp(hour), instance, meter, raw_total, events,
                   timestamptz 'epoch' + first_micros * interval '1 microsecond',
                   timestamptz 'epoch' + last_micros * interval '1 microsecond', first_offset, last_offset
              from unnest(?::bigint[], ?::text[], ?::text[], ?::numeric[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                   as changed (hour, instance, meter, raw_total, events, first_micros, last_micros, first_offset, last_offset)
                on conflict (partition, hour, instance, meter) do update
               set raw_total = excluded.raw_total, events = excluded.events, first_event_at = excluded.first_event_at,
                   last_event_at = excluded.last_event_at, last_offset = excluded.last_offset""";

    private static final String KEEP_SET_ASIDE =
            """
            insert into aggregator.quarantine (partition, log_offset, recorded_at, reason, detail, record_key, record_value)
            values (?, ?, ?, ?, ?, ?, ?)""";

    private static final String KEEP_CUTOFF =
            """
            insert into aggregator.hour_cutoff (partition, hour, cutoff, recorded_at) values (?, ?, ?, ?)""";

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

    private static final Instant BEFORE_ALL_HOURS = Instant.EPOCH.minus(UsageHour.LENGTH);

    /** Not {@code now()}, which stands still while its transaction waits. */
    private static final String CLOCK = "select clock_timestamp()";

    private final Transactions transactions;
    private final BusinessTime businessTime;
    private final String countedWith;

    /**
     * @param businessTime what business time is at a moment of the database's clock
     * @param countedWith the meters of {@link PostgresCatalogue#claim}: what is counted with any others is not kept
     */
    public PostgresCheckpointStore(DataSource database, BusinessTime businessTime, MeterDefinitions countedWith) {
        this.transactions = new Transactions(database);
        this.countedWith = countedWith.fingerprint();
        this.businessTime = businessTime;
    }

    @Override
    public Instant now() {
        return transactions.run("say what time it is", this::now);
    }

    private Instant now(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(CLOCK);
                ResultSet row = select.executeQuery()) {
            row.next();
            return businessTime.at(instant(row, 1));
        }
    }

    @Override
    public void load(int partition, int hoursInMemory, long roomForIds, Loading into) {
        if (isTooMuch(partition, roomForIds)) {
            transactions.run("make room for partition " + partition, connection -> {
                new SortedBlocks(connection, partition).spill();
                return partition;
            });
        }
        transactions.readOneMoment("hand over partition " + partition, connection -> {
            Stored stored = loadPosition(connection, partition);
            Past past = loadCutoffs(connection, partition, stored.nextOffset);
            OffsetDateTime memoryBeginsAfter =
                    timestamp(past.lateThrough.minus(UsageHour.LENGTH.multipliedBy(hoursInMemory)));
            long counted = howMany(connection, HOW_MANY_COUNTED, partition);
            Ids ids = Ids.fitting(runs(connection, partition, memoryBeginsAfter), counted, roomForIds);
            into.position(stored.checkpoint, stored.nextOffset, stored.tallies, past.sealedThrough, ids.inMemory);
            past.cutoffs.forEach(into::cutoff);
            loadBuckets(connection, partition, timestamp(past.lateThrough), into);
            CopiedIds.read(connection, COUNTED_IDS.formatted(partition), into::ids);
            for (Run run : ids.runs) {
                if (run.inMemory) {
                    CopiedIds.read(connection, run.query(partition), into::ids);
                } else {
                    IdFilter filter = new IdFilter(run.ids);
                    CopiedIds.read(connection, run.query(partition), (hour, some) -> filter.addAll(some));
                    into.onDisk(run.hour(), run.number, run.ids, filter);
                }
            }
            return stored;
        });
    }

    /**
     * Sorted ids of an hour near now.
     *
     * @param number {@link #SEALED} if the hour is sealed
     */
    private record Run(long second, long number, long ids, boolean inMemory) {

        UsageHour hour() {
            return UsageHour.of(Instant.ofEpochSecond(second));
        }

        boolean isSealed() {
            return number == SEALED;
        }

        Run intoMemory(boolean into) {
            return new Run(second, number, ids, into);
        }

        String query(int partition) {
            return isSealed()
                    ? IDS_OF_SEALED_HOUR.formatted(partition, second)
                    : IDS_OF_RUN.formatted(partition, second, number);
        }
    }

    /** Which runs go into memory. */
    private record Ids(List<Run> runs, long inMemory) {

        /** Sealed hours do if there is room for all of them beside what was counted; runs of hours that are not sealed never. */
        static Ids fitting(List<Run> runs, long counted, long room) {
            long spilled = sum(runs, run -> !run.isSealed());
            long sealed = sum(runs, Run::isSealed);
            boolean fits = counted + sealed <= room - spilled / IdFilter.IDS_PER_ID_IN_MEMORY;
            return new Ids(
                    runs.stream()
                            .map(run -> run.intoMemory(fits && run.isSealed()))
                            .toList(),
                    fits ? counted + sealed : counted);
        }

        private static long sum(List<Run> runs, Predicate<Run> which) {
            return runs.stream().filter(which).mapToLong(Run::ids).sum();
        }
    }

    /** Whether the ids that checkpoints have left do not fit, even if those of all sealed hours stay on disk. */
    private boolean isTooMuch(int partition, long room) {
        return transactions.run("say how many ids there are", connection -> {
            long spilled = howMany(connection, HOW_MANY_SPILLED, partition);
            return howMany(connection, HOW_MANY_COUNTED, partition) > room - spilled / IdFilter.IDS_PER_ID_IN_MEMORY;
        });
    }

    private record Stored(long checkpoint, long nextOffset, Tallies tallies) {}

    private Stored loadPosition(Connection connection, int partition) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(POSITION)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new PartitionHaltedException(
                            "partition " + partition + " is not one of those the schema was made for");
                }
                if (!countedWith.equals(row.getString(7))) {
                    throw new PartitionHaltedException("a process with other meters was started and partition "
                            + partition + " is counted with them: stop this one, or start it with that catalogue");
                }
                return new Stored(
                        row.getLong(1),
                        row.getLong(2),
                        new Tallies(row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6)));
            }
        }
    }

    /**
     * @param lateThrough start of the last hour that is over at the kept position; before all hours if there is none
     * @param sealedThrough number of the last hour of the unbroken row of sealed ones, as {@link Loading#position} wants it
     */
    private record Past(List<Cutoff> cutoffs, Instant lateThrough, long sealedThrough) {}

    private static Past loadCutoffs(Connection connection, int partition, long nextOffset) throws SQLException {
        List<Cutoff> cutoffs = new ArrayList<>();
        Instant lateThrough = BEFORE_ALL_HOURS;
        long sealedThrough = Long.MIN_VALUE;
        try (PreparedStatement select = connection.prepareStatement(CUTOFFS)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Cutoff cutoff = new Cutoff(new UsageHour(instant(row, 1)), row.getLong(2), instant(row, 3));
                    cutoffs.add(cutoff);
                    if (cutoff.offset() <= nextOffset) {
                        lateThrough = cutoff.hour().start();
                    }
                    if (row.getBoolean(4)) {
                        sealedThrough = cutoff.hour().number();
                    }
                }
            }
        }
        return new Past(cutoffs, lateThrough, sealedThrough);
    }

    private static void loadBuckets(Connection connection, int partition, OffsetDateTime after, Loading into)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(BUCKETS)) {
            select.setInt(1, partition);
            select.setObject(2, after);
            select.setFetchSize(10_000);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    into.bucket(bucket(row));
                }
            }
        }
    }

    /** Reads the nine columns of a bucket, from the first on. */
    static Bucket bucket(ResultSet row) throws SQLException {
        return new Bucket(
                new UsageHour(instant(row, 1)),
                row.getString(2),
                row.getString(3),
                row.getBigDecimal(4),
                row.getLong(5),
                instant(row, 6),
                instant(row, 7),
                row.getLong(8),
                row.getLong(9));
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

    private static List<Run> runs(Connection connection, int partition, OffsetDateTime sealedAfter)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(RUNS)) {
            select.setInt(1, partition);
            select.setInt(2, partition);
            select.setObject(3, sealedAfter);
            List<Run> runs = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    runs.add(new Run(row.getLong(1), row.getLong(2), row.getLong(3), false));
                }
            }
            return runs;
        }
    }

    @Override
    public Outcome keep(Checkpoint checkpoint, Instant notBefore) {
        return transactions.run("keep a checkpoint of partition " + checkpoint.partition(), connection -> {
            // read before anything that may wait: a wait would make the time later, and the cutoff's offset is older
            if (notBefore.isAfter(Instant.MIN) && now(connection).isBefore(notBefore)) {
                return Outcome.TOO_EARLY;
            }
            if (!advance(connection, checkpoint)) {
                return Outcome.SOMEBODY_WENT_ON;
            }
            keepIds(connection, checkpoint);
            keepBuckets(connection, checkpoint);
            keepQuarantined(connection, checkpoint);
            keepCutoffs(connection, checkpoint);
            return Outcome.STORED;
        });
    }

    private boolean advance(Connection connection, Checkpoint checkpoint) throws SQLException {
        Tallies tallies = checkpoint.tallies();
        try (PreparedStatement update = connection.prepareStatement(ADVANCE)) {
            update.setLong(1, checkpoint.number());
            update.setLong(2, checkpoint.nextOffset());
            update.setLong(3, tallies.consumed());
            update.setLong(4, tallies.counted());
            update.setLong(5, tallies.duplicates());
            update.setLong(6, tallies.quarantined());
            update.setInt(7, checkpoint.partition());
            update.setLong(8, checkpoint.number());
            update.setLong(9, checkpoint.expectedNextOffset());
            update.setString(10, countedWith);
            return update.executeUpdate() == 1;
        }
    }

    private static void keepIds(Connection connection, Checkpoint checkpoint) throws SQLException {
        if (checkpoint.newIds().isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(KEEP_IDS)) {
            for (NewIds ids : checkpoint.newIds()) {
                insert.setInt(1, checkpoint.partition());
                insert.setObject(2, timestamp(ids.hour().start()));
                insert.setLong(3, checkpoint.nextOffset());
                insert.setBytes(4, ids.ids());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void keepBuckets(Connection connection, Checkpoint checkpoint) throws SQLException {
        List<Bucket> buckets = checkpoint.buckets();
        if (buckets.isEmpty()) {
            return;
        }
        try (PreparedStatement upsert = connection.prepareStatement(KEEP_BUCKETS)) {
            upsert.setInt(1, checkpoint.partition());
            setLongs(upsert, 2, buckets, bucket -> bucket.hour().start().getEpochSecond());
            upsert.setArray(
                    3,
                    connection.createArrayOf(
                            "text", buckets.stream().map(Bucket::instance).toArray()));
            upsert.setArray(
                    4,
                    connection.createArrayOf(
                            "text", buckets.stream().map(Bucket::meter).toArray()));
            upsert.setArray(
                    5,
                    connection.createArrayOf(
                            "numeric", buckets.stream().map(Bucket::rawTotal).toArray(BigDecimal[]::new)));
            setLongs(upsert, 6, buckets, Bucket::events);
            setLongs(upsert, 7, buckets, bucket -> micros(bucket.firstEventAt()));
            setLongs(upsert, 8, buckets, bucket -> micros(bucket.lastEventAt()));
            setLongs(upsert, 9, buckets, Bucket::firstOffset);
            setLongs(upsert, 10, buckets, Bucket::lastOffset);
            upsert.executeUpdate();
        }
    }

    private static <T> void setLongs(PreparedStatement statement, int index, List<T> rows, ToLongFunction<T> column)
            throws SQLException {
        long[] values = rows.stream().mapToLong(column).toArray();
        statement.setArray(index, statement.getConnection().createArrayOf("bigint", box(values)));
    }

    private static Object[] box(long[] values) {
        return Arrays.stream(values).boxed().toArray();
    }

    private static void keepQuarantined(Connection connection, Checkpoint checkpoint) throws SQLException {
        if (checkpoint.quarantined().isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(KEEP_SET_ASIDE)) {
            for (QuarantinedRecord event : checkpoint.quarantined()) {
                insert.setInt(1, checkpoint.partition());
                insert.setLong(2, event.offset());
                insert.setObject(3, timestamp(event.recordedAt()));
                insert.setString(4, event.reason().code());
                insert.setString(5, event.detail().replace('\0', '?'));
                insert.setBytes(6, event.key());
                insert.setBytes(7, event.value());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void keepCutoffs(Connection connection, Checkpoint checkpoint) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(KEEP_CUTOFF)) {
            for (Cutoff cutoff : checkpoint.cutoffs()) {
                insert.setInt(1, checkpoint.partition());
                insert.setObject(2, timestamp(cutoff.hour().start()));
                insert.setLong(3, cutoff.offset());
                insert.setObject(4, timestamp(cutoff.recordedAt()));
                insert.executeUpdate();
            }
        }
    }

    @Override
    public long[] findSealed(int partition, List<WantedId> wanted) {
        return transactions.run("look up late events of partition " + partition, connection -> {
            long[] contents = new long[wanted.size()];
            Arrays.fill(contents, UNKNOWN_ID);
            try (PreparedStatement select = connection.prepareStatement(FIND_SEALED)) {
                setLongs(select, 1, wanted, id -> id.hour().start().getEpochSecond());
                setLongs(select, 2, wanted, WantedId::high);
                select.setInt(3, partition);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        int index = (int) row.getLong(1) - 1;
                        WantedId id = wanted.get(index);
                        contents[index] = contentIn(row.getBytes(2), id.high(), id.low());
                    }
                }
            }
            return contents;
        });
    }

    @Override
    public long[] findOnDisk(int partition, List<OnDiskId> wanted) {
        return transactions.run("look up ids of partition " + partition, connection -> {
            long[] contents = new long[wanted.size()];
            Arrays.fill(contents, UNKNOWN_ID);
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
                        if (content != UNKNOWN_ID) {
                            contents[index] = content;
                        }
                    }
                }
            }
            return contents;
        });
    }

    private static long contentIn(byte[] block, long high, int low) {
        for (int at = 0; at < block.length; at += EventIdentity.BYTES) {
            if (IdBuffer.highAt(block, at) == high && IdBuffer.lowAt(block, at) == low) {
                return Integer.toUnsignedLong(IdBuffer.contentAt(block, at));
            }
        }
        return UNKNOWN_ID;
    }

    static OffsetDateTime timestamp(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }

    static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static long micros(Instant moment) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
    }
}
