package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;

import io.hourledger.aggregator.retention.RetentionStore;
import io.hourledger.contracts.usage.UsageHour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/** Retention on PostgreSQL. Each step is a short transaction that finds its rows by key and locks those alone. */
public final class PostgresRetention implements RetentionStore {

    private static final String ROW =
            """
            insert into aggregator.retention (partition) values (?) on conflict (partition) do nothing""";

    private static final String CLOSE_FOR_GOOD =
            """
            update aggregator.retention own
               set closed_for_good = old.hour
              from (select hour
                      from aggregator.hour_cutoff
                     where partition = ? and closed_at is not null and sealed_at is not null
                       and hour <= (select max(hour) from aggregator.hour_cutoff where partition = ? and closed_at is not null)
                                 - make_interval(secs => ?)
                       and hour < (select passed.accepts_from
                                     from aggregator.hour_cutoff passed
                                     join aggregator.partition_position position on position.partition = passed.partition
                                    where passed.partition = ? and passed.cutoff <= position.next_offset
                                    order by passed.hour desc
                                    limit 1) - make_interval(hours => ?)
                     order by hour desc
                     limit 1) old
             where own.partition = ? and old.hour > coalesce(own.closed_for_good, '-infinity')
            returning own.closed_for_good""";

    private static final String DROP_IDS =
            """
            delete from aggregator.%1$s
             where ctid = any (array(select ctid
                                       from aggregator.%1$s
                                      where partition = ?
                                        and hour <= (select closed_for_good from aggregator.retention where partition = ?)
                                      order by hour
                                      limit ?))""";

    private static final String DROP_CUTOFFS =
            """
            delete from aggregator.hour_cutoff
             where ctid = any (array(select ctid
                                       from aggregator.hour_cutoff
                                      where partition = ?
                                        and hour < (select closed_for_good from aggregator.retention where partition = ?) - interval '8 days'
                                      order by hour
                                      limit ?))""";

    /** What lies before the first cutoff that is left is counted by nobody again. */
    private static final String DROP_FORBIDDEN =
            """
            delete from aggregator.forbidden_record
             where ctid = any (array(select ctid
                                       from aggregator.forbidden_record
                                      where partition = ?
                                        and log_offset < (select cutoff from aggregator.hour_cutoff where partition = ? order by hour limit 1)
                                      order by log_offset
                                      limit ?))""";

    private static final String HOUR_OF_BUCKETS =
            """
            select hour
              from aggregator.bucket
             where partition = ? and hour > coalesce((select buckets_dropped from aggregator.retention where partition = ?), '-infinity')
               and hour <= (select closed_for_good from aggregator.retention where partition = ?)
               and hour <= (select max(hour) from aggregator.hour_cutoff where partition = ? and closed_at is not null)
                         - make_interval(secs => ?)
             order by hour
             limit 1""";

    /** What waits for its instance needs the earlier revisions of its hour. */
    private static final String DROP_BUCKETS =
            """
            delete from aggregator.bucket
             where ctid = any (array(select own.ctid
                                       from aggregator.bucket own
                                      where own.partition = ? and own.hour = ? and own.state in ('counted', 'metered', 'dropped', 'written-off')
                                        and not exists (select 1
                                                          from aggregator.bucket w
                                                         where w.partition = own.partition and w.instance = own.instance
                                                           and w.hour = own.hour and w.state = 'unmatched')
                                        and not exists (select 1
                                                          from aggregator.bucket w
                                                         where w.partition = own.partition and w.instance = own.instance
                                                           and w.hour = own.hour and w.state = 'blocked')
                                      order by own.instance, own.meter, own.revision
                                      limit ?))""";

    /** They tell what became of the events of a bucket, and go with the last of its hour. */
    private static final String DROP_AMENDMENTS =
            """
            delete from aggregator.amendment own
             where own.partition = ? and own.hour = ?
               and not exists (select 1
                                 from aggregator.bucket b
                                where b.partition = own.partition and b.hour = own.hour and b.instance = own.instance)""";

    private static final String BUCKETS_DROPPED =
            """
            update aggregator.retention set buckets_dropped = ? where partition = ?""";

    private static final String DROP_QUARANTINE =
            """
            with old as (
                select partition, log_offset
                  from aggregator.quarantine
                 where partition = ? and not is_open
                   and recorded_at < (select max(hour) from aggregator.hour_cutoff where partition = ? and closed_at is not null)
                                   - make_interval(secs => ?)
                 order by recorded_at
                 limit ?),
            recorded as (
                update aggregator.retention own
                   set quarantine_dropped = greatest(own.quarantine_dropped, last.log_offset)
                  from (select max(log_offset) as log_offset from old) last
                 where own.partition = ? and last.log_offset is not null)
            delete from aggregator.quarantine own
             using old
             where own.partition = old.partition and own.log_offset = old.log_offset""";

    private final Transactions transactions;

    public PostgresRetention(DataSource database) {
        this.transactions = new Transactions(database);
    }

    @Override
    public Optional<UsageHour> closeForGood(int partition, Duration olderThan, int hoursInMemory) {
        return transactions.run("record which hours are closed for good", connection -> {
            try (PreparedStatement insert = connection.prepareStatement(ROW)) {
                insert.setInt(1, partition);
                insert.executeUpdate();
            }
            try (PreparedStatement update = connection.prepareStatement(CLOSE_FOR_GOOD)) {
                update.setInt(1, partition);
                update.setInt(2, partition);
                update.setLong(3, olderThan.toSeconds());
                update.setInt(4, partition);
                update.setInt(5, hoursInMemory);
                update.setInt(6, partition);
                return hour(update);
            }
        });
    }

    private static Optional<UsageHour> hour(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.of(new UsageHour(instant(row, 1))) : Optional.empty();
        }
    }

    @Override
    public Dropped drop(int partition, Kind kind, Duration olderThan, int most) {
        return transactions.run("drop old " + kind.code(), connection -> switch (kind) {
            case IDS -> dropIds(connection, partition, most);
            case CUTOFFS -> upTo(most, dropCutoffs(connection, partition, most));
            case BUCKETS -> dropBuckets(connection, partition, olderThan, most);
            case QUARANTINE -> upTo(most, dropQuarantine(connection, partition, olderThan, most));
        });
    }

    private static Dropped upTo(int most, int rows) {
        return new Dropped(rows, rows < most);
    }

    private static int dropCutoffs(Connection connection, int partition, int most) throws SQLException {
        int rows = drop(connection, DROP_CUTOFFS, partition, most);
        return rows + drop(connection, DROP_FORBIDDEN, partition, most - rows);
    }

    /** Late events may have left some beside the blocks. */
    private static Dropped dropIds(Connection connection, int partition, int most) throws SQLException {
        int rows = 0;
        for (String table : new String[] {"sorted_id_block", "ids_on_disk", "counted_ids"}) {
            rows += drop(connection, DROP_IDS.formatted(table), partition, most - rows);
        }
        return upTo(most, rows);
    }

    private static int drop(Connection connection, String statement, int partition, int most) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(statement)) {
            delete.setInt(1, partition);
            delete.setInt(2, partition);
            delete.setInt(3, most);
            return delete.executeUpdate();
        }
    }

    private static Dropped dropBuckets(Connection connection, int partition, Duration olderThan, int most)
            throws SQLException {
        Optional<UsageHour> hour;
        try (PreparedStatement select = connection.prepareStatement(HOUR_OF_BUCKETS)) {
            for (int at = 1; at <= 4; at++) {
                select.setInt(at, partition);
            }
            select.setLong(5, olderThan.toSeconds());
            hour = hour(select);
        }
        return hour.isPresent()
                ? new Dropped(dropBuckets(connection, partition, hour.get(), most), false)
                : new Dropped(0, true);
    }

    private static int dropBuckets(Connection connection, int partition, UsageHour hour, int most) throws SQLException {
        int rows;
        try (PreparedStatement delete = connection.prepareStatement(DROP_BUCKETS)) {
            delete.setInt(1, partition);
            delete.setObject(2, Columns.timestamp(hour.start()));
            delete.setInt(3, most);
            rows = delete.executeUpdate();
        }
        if (rows < most) {
            try (PreparedStatement delete = connection.prepareStatement(DROP_AMENDMENTS)) {
                delete.setInt(1, partition);
                delete.setObject(2, Columns.timestamp(hour.start()));
                delete.executeUpdate();
            }
            try (PreparedStatement update = connection.prepareStatement(BUCKETS_DROPPED)) {
                update.setObject(1, Columns.timestamp(hour.start()));
                update.setInt(2, partition);
                update.executeUpdate();
            }
        }
        return rows;
    }

    private static int dropQuarantine(Connection connection, int partition, Duration olderThan, int most)
            throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DROP_QUARANTINE)) {
            delete.setInt(1, partition);
            delete.setInt(2, partition);
            delete.setLong(3, olderThan.toSeconds());
            delete.setInt(4, most);
            delete.setInt(5, partition);
            return delete.executeUpdate();
        }
    }
}
