package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosableHour;
import io.hourledger.aggregator.closing.ClosingStore.Fate;
import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Reads the buckets that end with the cutoff of one hour, and keeps how far they were entered, in its caller's transaction. */
final class HourBuckets {

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

    /**
     * An hour without a cutoff of its own is closed with the next one that has one. A bucket that the levels of earlier hours only reach, at its first
     * moment, is no sign of life.
     */
    private static final String COUNT_METERS =
            """
            insert into aggregator.meter_hour (partition, hour, meter, events)
            select partition, hour, meter, sum(events)
              from aggregator.bucket
             where partition = ? and revision = 0 and hour <= ? and state <> 'dropped'
               and not (events = shared_events and last_event_at = hour and timed_values ->> 'holdFor' is not null)
               and hour > coalesce((select max(hour) from aggregator.hour_cutoff where partition = ? and hour < ?), '-infinity')
             group by partition, hour, meter
            on conflict (partition, hour, meter) do update set events = excluded.events""";

    private static final String FORGET_METERS =
            """
            delete from aggregator.meter_hour where partition = ? and hour < ?::timestamptz - interval '400 days'""";

    private static final Instant BEFORE_ALL_HOURS = Instant.EPOCH.minus(UsageHour.LENGTH);

    private final Connection connection;
    private final ClosableHour hour;

    HourBuckets(Connection connection, ClosableHour hour) {
        this.connection = connection;
        this.hour = hour;
    }

    List<Bucket> next(int limit) throws SQLException {
        Place reached = enteredThrough();
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
            return buckets;
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
    private Place enteredThrough() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ENTERED_THROUGH)) {
            select.setInt(1, hour.partition());
            select.setObject(2, timestamp(hour.hour().start()));
            select.setLong(3, hour.cutoff());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw isNotToBeClosed();
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

    private StoreUnavailableException isNotToBeClosed() {
        return new StoreUnavailableException("hour " + hour.hour() + " of partition " + hour.partition()
                + " was over at offset " + hour.cutoff()
                + " and now is not, or was closed by somebody else: the database may be another one");
    }

    /** Keeps what became of buckets that {@link #next} gave; the next ones lie behind them. */
    void entered(List<Bucket> buckets, List<Fate> fates, Instant at) throws SQLException {
        enteredThrough();
        new BucketStates(connection, hour.partition()).mark(fates, List.of("counted"), at);
        Bucket last = buckets.getLast();
        try (PreparedStatement update = connection.prepareStatement(REACHED)) {
            update.setObject(1, timestamp(last.hour().start()));
            update.setString(2, last.instance());
            update.setString(3, last.meter());
            update.setInt(4, hour.partition());
            update.setObject(5, timestamp(hour.hour().start()));
            changeOne(update);
        }
    }

    /** Keeps that all of them were entered. */
    void closed(Instant at) throws SQLException {
        if (!next(1).isEmpty()) {
            throw isNotToBeClosed();
        }
        Instant firstHour = enteredThrough().firstHour;
        try (PreparedStatement update = connection.prepareStatement(CLOSED)) {
            update.setObject(1, timestamp(at));
            update.setInt(2, hour.partition());
            update.setObject(3, timestamp(hour.hour().start()));
            changeOne(update);
        }
        new BucketStates(connection, hour.partition())
                .closed(firstHour, hour.hour().start());
        countMeters();
    }

    private void changeOne(PreparedStatement update) throws SQLException {
        if (update.executeUpdate() != 1) {
            throw isNotToBeClosed();
        }
    }

    private void countMeters() throws SQLException {
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
            delete.executeUpdate();
        }
    }
}
