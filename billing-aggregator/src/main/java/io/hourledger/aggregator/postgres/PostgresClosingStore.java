package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.closing.ClosingStore;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.Cutoff;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.usage.MeterDefinitions;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Closing on PostgreSQL. Reads nothing that a checkpoint has not committed. */
public final class PostgresClosingStore implements ClosingStore {

    private static final String NEXT_TO_CLOSE =
            """
            select over.hour, over.recorded_at, over.cutoff
              from aggregator.hour_cutoff over
              join aggregator.partition_position position on position.partition = over.partition
             where over.partition = ? and over.closed_at is null and over.cutoff <= position.next_offset
             order by over.hour
             limit 1""";

    private static final String CUTOFFS_THROUGH =
            """
            select hour, recorded_at, cutoff, accepts_from from aggregator.hour_cutoff where partition = ? and hour <= ? order by hour""";

    /** How far an hour was entered; no row if it is not over, not with this cutoff, or closed: then nothing more may be done for it. */
    private static final String ENTERED_THROUGH =
            """
            select over.metered_hour, over.metered_instance, over.metered_meter,
                   (select max(before.hour) from aggregator.hour_cutoff before where before.partition = over.partition and before.hour < over.hour)
              from aggregator.hour_cutoff over
              join aggregator.partition_position position on position.partition = over.partition
             where over.partition = ? and over.hour = ? and over.cutoff = ?
               and over.cutoff <= position.next_offset and over.closed_at is null""";

    /**
     * Later revisions end with the first hour behind the cutoff before, so they are of hours before all whose first revision ends here: by hour they
     * come first, and an instance's revisions come in order.
     */
    private static final String NEXT_BUCKETS =
            """
            (select %1$s
               from aggregator.bucket
              where partition = ? and revision > 0 and ends_with = ? and (hour, instance, meter) > (?, ?, ?)
              order by hour, instance, meter
              limit ?)
              union all
            (select %1$s
               from aggregator.bucket
              where partition = ? and revision = 0 and hour <= ? and (hour, instance, meter) > (?, ?, ?)
              order by hour, instance, meter
              limit ?)
              order by hour, instance, meter
              limit ?"""
                    .formatted(Columns.OF_BUCKET);

    private static final String REACHED =
            """
            update aggregator.hour_cutoff
               set metered_hour = ?, metered_instance = ?, metered_meter = ?
             where partition = ? and hour = ? and closed_at is null""";

    private static final String CLOSED =
            """
            update aggregator.hour_cutoff set closed_at = ? where partition = ? and hour = ? and closed_at is null""";

    /** An hour without a cutoff of its own is closed with the next one that has one. */
    private static final String COUNT_METERS =
            """
            insert into aggregator.meter_hour (partition, hour, meter, events)
            select partition, hour, meter, sum(events)
              from aggregator.bucket
             where partition = ? and revision = 0 and hour <= ?
               and hour > coalesce((select max(hour) from aggregator.hour_cutoff where partition = ? and hour < ?), '-infinity')
             group by partition, hour, meter
            on conflict (partition, hour, meter) do update set events = excluded.events""";

    private static final String FORGET_METERS =
            """
            delete from aggregator.meter_hour where partition = ? and hour < ?::timestamptz - interval '400 days'""";

    static final String SEALED_THROUGH =
            """
            select max(hour) from aggregator.hour_cutoff where partition = ? and sealed_at is not null""";

    private static final String CLOSED_THROUGH =
            """
            select max(hour) from aggregator.hour_cutoff where partition = ? and closed_at is not null""";

    private static final String COUNTED_WITH =
            """
            select catalogue from aggregator.partition_position where partition = ?""";

    private static final Instant BEFORE_ALL_HOURS = Instant.EPOCH.minus(UsageHour.LENGTH);

    private final Transactions transactions;

    private final String countedWith;

    /**
     * @param countedWith the meters of {@link PostgresCatalogue#claim}: buckets that were counted with any others are not handed over
     */
    public PostgresClosingStore(DataSource database, MeterDefinitions countedWith) {
        this.transactions = new Transactions(database);
        this.countedWith = countedWith.fingerprint();
    }

    @Override
    public Optional<ClosableHour> nextToClose(int partition) {
        return transactions.run("say which hour is over", connection -> {
            try (PreparedStatement select = connection.prepareStatement(NEXT_TO_CLOSE)) {
                select.setInt(1, partition);
                return overHour(partition, select);
            }
        });
    }

    static Optional<ClosableHour> overHour(int partition, PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(new ClosableHour(
                            partition, new UsageHour(instant(row, 1)), instant(row, 2), row.getLong(3)))
                    : Optional.empty();
        }
    }

    @Override
    public List<Cutoff> cutoffsThrough(ClosableHour hour) {
        return transactions.run("say where hours end", connection -> {
            try (PreparedStatement select = connection.prepareStatement(CUTOFFS_THROUGH)) {
                select.setInt(1, hour.partition());
                select.setObject(2, timestamp(hour.hour().start()));
                List<Cutoff> cutoffs = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        cutoffs.add(new Cutoff(
                                new UsageHour(instant(row, 1)),
                                row.getLong(3),
                                instant(row, 2),
                                new UsageHour(instant(row, 4))));
                    }
                }
                return cutoffs;
            }
        });
    }

    @Override
    public List<Bucket> nextBuckets(ClosableHour hour, int limit) {
        return transactions.run("hand over buckets to close", connection -> nextBuckets(connection, hour, limit));
    }

    private List<Bucket> nextBuckets(Connection connection, ClosableHour hour, int limit) throws SQLException {
        Place reached = enteredThrough(connection, hour);
        try (PreparedStatement select = connection.prepareStatement(NEXT_BUCKETS)) {
            Place onTime = reached.atLeast(reached.firstHour);
            select.setInt(1, hour.partition());
            select.setObject(2, timestamp(reached.firstHour));
            set(select, 3, reached);
            select.setInt(6, limit);
            select.setInt(7, hour.partition());
            select.setObject(8, timestamp(hour.hour().start()));
            set(select, 9, onTime);
            select.setInt(12, limit);
            select.setInt(13, limit);
            List<Bucket> buckets = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    buckets.add(Columns.bucket(row));
                }
            }
            checkCountedWith(connection, hour.partition());
            return buckets;
        }
    }

    /**
     * A process that lost its partitions and does not know it may have other meters than those that its hours were counted with. Asked after the buckets
     * were read: a meter does not change while one of its buckets is open or waits.
     */
    private void checkCountedWith(Connection connection, int partition) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COUNTED_WITH)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next() || !countedWith.equals(row.getString(1))) {
                    throw new StoreUnavailableException(
                            "partition " + partition + " is counted with other meters than this process has");
                }
            }
        }
    }

    private static void set(PreparedStatement select, int first, Place place) throws SQLException {
        select.setObject(first, timestamp(place.hour));
        select.setString(first + 1, place.instance);
        select.setString(first + 2, place.meter);
    }

    /**
     * A bucket's place in the order in which buckets are entered.
     *
     * @param firstHour the first hour whose first revision ends with the same cutoff
     */
    private record Place(Instant hour, String instance, String meter, Instant firstHour) {

        Place atLeast(Instant first) {
            return hour.isBefore(first) ? new Place(first, "", "", firstHour) : this;
        }
    }

    /**
     * After a failover a transaction may be on another server than the one before, and that server may lag. So each asks again whether all
     * before the cutoff is counted.
     */
    private static Place enteredThrough(Connection connection, ClosableHour hour) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ENTERED_THROUGH)) {
            select.setInt(1, hour.partition());
            select.setObject(2, timestamp(hour.hour().start()));
            select.setLong(3, hour.cutoff());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw isNotToBeClosed(hour);
                }
                // first revisions that another cutoff has ended are of the hour before, or earlier
                Instant hourBefore = row.getObject(4) == null ? BEFORE_ALL_HOURS : instant(row, 4);
                Instant firstHour = hourBefore.plus(UsageHour.LENGTH);
                return row.getObject(1) == null
                        ? new Place(BEFORE_ALL_HOURS, "", "", firstHour)
                        : new Place(instant(row, 1), row.getString(2), row.getString(3), firstHour);
            }
        }
    }

    private static StoreUnavailableException isNotToBeClosed(ClosableHour hour) {
        return new StoreUnavailableException("hour " + hour.hour() + " of partition " + hour.partition()
                + " was over at offset " + hour.cutoff()
                + " and now is not, or was closed by somebody else: the database may be another one");
    }

    static @Nullable Instant momentOf(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            row.next();
            OffsetDateTime moment = row.getObject(1, OffsetDateTime.class);
            return moment == null ? null : moment.toInstant();
        }
    }

    @Override
    public Map<Bucket, List<Bucket>> earlierRevisions(int partition, Collection<Bucket> buckets) {
        return transactions.run(
                "hand over earlier revisions", connection -> new EarlierRevisions(connection, partition).of(buckets));
    }

    @Override
    public void entered(ClosableHour hour, List<Bucket> buckets, List<Fate> fates, Instant at) {
        transactions.run("keep what became of buckets", connection -> {
            enteredThrough(connection, hour);
            new WaitingBuckets(connection, hour.partition()).mark(fates, List.of("counted"), at);
            Bucket last = buckets.get(buckets.size() - 1);
            try (PreparedStatement update = connection.prepareStatement(REACHED)) {
                update.setObject(1, timestamp(last.hour().start()));
                update.setString(2, last.instance());
                update.setString(3, last.meter());
                update.setInt(4, hour.partition());
                update.setObject(5, timestamp(hour.hour().start()));
                return changedOne(update, hour);
            }
        });
    }

    private static int changedOne(PreparedStatement update, ClosableHour hour) throws SQLException {
        int changed = update.executeUpdate();
        if (changed != 1) {
            throw isNotToBeClosed(hour);
        }
        return changed;
    }

    @Override
    public void closed(ClosableHour hour, Instant at) {
        transactions.run("keep that an hour is closed", connection -> {
            if (!nextBuckets(connection, hour, 1).isEmpty()) {
                throw isNotToBeClosed(hour);
            }
            try (PreparedStatement update = connection.prepareStatement(CLOSED)) {
                update.setObject(1, timestamp(at));
                update.setInt(2, hour.partition());
                update.setObject(3, timestamp(hour.hour().start()));
                changedOne(update, hour);
            }
            return countMeters(connection, hour);
        });
    }

    private static int countMeters(Connection connection, ClosableHour hour) throws SQLException {
        Object start = timestamp(hour.hour().start());
        try (PreparedStatement insert = connection.prepareStatement(COUNT_METERS);
                PreparedStatement delete = connection.prepareStatement(FORGET_METERS)) {
            insert.setInt(1, hour.partition());
            insert.setObject(2, start);
            insert.setInt(3, hour.partition());
            insert.setObject(4, start);
            insert.executeUpdate();
            delete.setInt(1, hour.partition());
            delete.setObject(2, start);
            return delete.executeUpdate();
        }
    }

    @Override
    public List<WaitingBucket> waiting(int partition, String afterInstance, int limit) {
        return transactions.run("hand over waiting buckets", connection -> {
            List<WaitingBucket> waiting = new WaitingBuckets(connection, partition).waiting(afterInstance, limit);
            checkCountedWith(connection, partition);
            return waiting;
        });
    }

    @Override
    public List<WaitingBucket> blocked(int partition, String afterInstance, int limit) {
        return transactions.run("hand over blocked buckets", connection -> {
            List<WaitingBucket> blocked = new WaitingBuckets(connection, partition).blocked(afterInstance, limit);
            checkCountedWith(connection, partition);
            return blocked;
        });
    }

    @Override
    public Map<String, State> waitingAmong(int partition, Collection<String> instances) {
        return transactions.run(
                "say which instances are waited for or blocked",
                connection -> new WaitingBuckets(connection, partition).among(instances));
    }

    @Override
    public void waitedFor(int partition, List<Fate> fates, Instant at) {
        transactions.run("keep what became of waiting and blocked buckets", connection -> {
            new WaitingBuckets(connection, partition)
                    .mark(fates, List.of(State.WAITING.code(), State.BLOCKED.code()), at);
            return fates;
        });
    }

    @Override
    public Blocked blocked(int partition) {
        return transactions.run(
                "say which instances are blocked",
                connection -> new WaitingBuckets(connection, partition).howManyBlocked());
    }

    @Override
    public Optional<ClosableHour> sealNext(int partition, Instant at) {
        return transactions.run("seal an hour", connection -> new HourSeals(connection, partition).sealNext(at));
    }

    @Override
    public OptionalLong sealedThrough(int partition) {
        return lastHour("say which hours are sealed", SEALED_THROUGH, partition);
    }

    @Override
    public OptionalLong closedThrough(int partition) {
        return lastHour("say which hours are closed", CLOSED_THROUGH, partition);
    }

    private OptionalLong lastHour(String what, String query, int partition) {
        return transactions.run(what, connection -> {
            try (PreparedStatement select = connection.prepareStatement(query)) {
                select.setInt(1, partition);
                Instant hour = momentOf(select);
                return hour == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(UsageHour.of(hour).number());
            }
        });
    }
}
