package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;

import io.hourledger.aggregator.closing.ClosingStore.Blocked;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the buckets of one partition that were not entered when their hour closed, in its caller's transaction. */
final class WaitingBuckets {

    private static final String COLUMNS_OF_WAITING =
            """
            b.hour, b.revision, b.instance, b.meter, b.raw_total, b.events, b.first_event_at, b.last_event_at, b.shared_events, b.first_offset, b.last_offset,
                   b.timed_values,
                   (select c.recorded_at
                      from aggregator.hour_cutoff c
                     where c.partition = b.partition and c.hour >= coalesce(b.ends_with, b.hour)
                     order by c.hour
                     limit 1) as recorded_at""";

    /** From subject to subject, one index descent each, however many buckets they have. */
    private static final String UNMATCHED =
            """
            with recursive subject as (
                (select instance
                   from aggregator.bucket
                  where partition = ? and state = 'unmatched' and instance > ?
                  order by instance
                  limit 1)
                 union all
                select (select next.instance
                          from aggregator.bucket next
                         where next.partition = ? and next.state = 'unmatched' and next.instance > subject.instance
                         order by next.instance
                         limit 1)
                  from subject
                 where subject.instance is not null)
            select instance from subject where instance is not null limit ?""";

    private static final String OPENED =
            """
            select instance from aggregator.opened_instance where partition = ? order by instance limit ?""";

    private static final String FORGET_OPENED =
            """
            delete from aggregator.opened_instance where partition = ? and instance = any (?)""";

    private static final String UNMATCHED_OF =
            """
            select %s
              from aggregator.bucket b
             where b.partition = ? and b.state = 'unmatched' and b.instance = any (?)
             order by b.instance, b.hour, b.revision, b.meter
             limit ?"""
                    .formatted(COLUMNS_OF_WAITING);

    /** Each state by its own name, so that each is found by its own partial index. */
    private static final String BLOCKED =
            """
            with blocked as (
                select distinct partition, instance
                  from aggregator.bucket
                 where partition = ? and state = 'blocked' and instance > ?
                 order by instance
                 limit ?)
            select %s
              from blocked
             cross join lateral (
                   select *
                     from aggregator.bucket own
                    where own.partition = blocked.partition and own.instance = blocked.instance and own.state = 'blocked'
                    union all
                   select *
                     from aggregator.bucket own
                    where own.partition = blocked.partition and own.instance = blocked.instance and own.state = 'unmatched') as b
             order by b.instance, b.hour, b.revision, b.meter
             limit ?"""
                    .formatted(COLUMNS_OF_WAITING);

    /** The inner bound keeps the inner query from becoming a join: each subject is found by its own key. */
    private static final String WAITING_AMONG =
            """
            select name, 'unmatched'
              from unnest(?::text[]) as name
             cross join lateral (
                   select 1 from aggregator.bucket b where b.partition = ? and b.state = 'unmatched' and b.instance = name limit 1) as waits
             union all
            select name, 'blocked'
              from unnest(?::text[]) as name
             cross join lateral (
                   select 1 from aggregator.bucket b where b.partition = ? and b.state = 'blocked' and b.instance = name limit 1) as waits
             order by 2 desc""";

    private static final String HOW_MANY_BLOCKED =
            """
            select count(distinct instance), min(state_at) from aggregator.bucket where partition = ? and state = 'blocked'""";

    private final Connection connection;
    private final int partition;

    WaitingBuckets(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    List<String> unmatched(String afterSubject, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(UNMATCHED)) {
            select.setInt(1, partition);
            select.setString(2, afterSubject);
            select.setInt(3, partition);
            select.setInt(4, limit);
            return names(select);
        }
    }

    Set<String> opened(int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(OPENED)) {
            select.setInt(1, partition);
            select.setInt(2, limit);
            return new LinkedHashSet<>(names(select));
        }
    }

    private static List<String> names(PreparedStatement select) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    int forgetOpened(Collection<String> instances) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(FORGET_OPENED)) {
            delete.setInt(1, partition);
            delete.setArray(2, connection.createArrayOf("text", instances.toArray()));
            return delete.executeUpdate();
        }
    }

    List<WaitingBucket> unmatchedOf(Collection<String> instances, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(UNMATCHED_OF)) {
            select.setInt(1, partition);
            select.setArray(2, connection.createArrayOf("text", instances.toArray()));
            select.setInt(3, limit);
            return waitingBuckets(select);
        }
    }

    /** All of the blocked instances' buckets, the unmatched ones too. */
    List<WaitingBucket> blocked(String afterInstance, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(BLOCKED)) {
            select.setInt(1, partition);
            select.setString(2, afterInstance);
            select.setInt(3, limit);
            select.setInt(4, limit);
            return waitingBuckets(select);
        }
    }

    private static List<WaitingBucket> waitingBuckets(PreparedStatement select) throws SQLException {
        List<WaitingBucket> waiting = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                waiting.add(new WaitingBucket(Columns.bucket(row), instant(row, Columns.COLUMNS_OF_BUCKET + 1)));
            }
        }
        return waiting;
    }

    Map<String, State> among(Collection<String> instances) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(WAITING_AMONG)) {
            Array names = connection.createArrayOf("text", instances.toArray());
            select.setArray(1, names);
            select.setInt(2, partition);
            select.setArray(3, names);
            select.setInt(4, partition);
            Map<String, State> states = new HashMap<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    State state = row.getString(2).equals(State.BLOCKED.code()) ? State.BLOCKED : State.UNMATCHED;
                    states.put(row.getString(1), state);
                }
            }
            return states;
        }
    }

    Blocked howManyBlocked() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HOW_MANY_BLOCKED)) {
            select.setInt(1, partition);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1) == 0 ? Blocked.NONE : new Blocked(row.getLong(1), instant(row, 2));
            }
        }
    }
}
