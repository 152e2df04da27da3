package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.instant;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosingStore.Blocked;
import io.hourledger.aggregator.closing.ClosingStore.Fate;
import io.hourledger.aggregator.closing.ClosingStore.State;
import io.hourledger.aggregator.closing.ClosingStore.WaitingBucket;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads and marks the buckets of one partition that were not entered when their hour closed, in its caller's transaction. */
final class WaitingBuckets {

    private static final String COLUMNS_OF_WAITING =
            """
            b.hour, b.revision, b.instance, b.meter, b.raw_total, b.events, b.first_event_at, b.last_event_at, b.first_offset, b.last_offset,
                   (select c.recorded_at
                      from aggregator.hour_cutoff c
                     where c.partition = b.partition and c.hour >= coalesce(b.ends_with, b.hour)
                     order by c.hour
                     limit 1) as recorded_at""";

    private static final String WAITING =
            """
            select %s
              from aggregator.bucket b
             where b.partition = ? and b.state = 'waiting' and b.instance > ?
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
                    where own.partition = blocked.partition and own.instance = blocked.instance and own.state = 'waiting') as b
             order by b.instance, b.hour, b.revision, b.meter
             limit ?"""
                    .formatted(COLUMNS_OF_WAITING);

    private static final String WAITING_AMONG =
            """
            select instance, 'waiting' from aggregator.bucket where partition = ? and state = 'waiting' and instance = any (?)
             union
            select instance, 'blocked' from aggregator.bucket where partition = ? and state = 'blocked' and instance = any (?)
             order by 2 desc""";

    private static final String HOW_MANY_BLOCKED =
            """
            select count(distinct instance), min(state_at) from aggregator.bucket where partition = ? and state = 'blocked'""";

    private static final String MARK =
            """
            update aggregator.bucket
               set state = ?, detail = ?, state_at = ?
             where partition = ? and hour = ? and instance = ? and meter = ? and revision = ? and state = any (?)""";

    private final Connection connection;
    private final int partition;

    WaitingBuckets(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    List<WaitingBucket> waiting(String afterInstance, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(WAITING)) {
            select.setInt(1, partition);
            select.setString(2, afterInstance);
            select.setInt(3, limit);
            return waitingBuckets(select);
        }
    }

    /** All of the blocked instances' buckets, the waiting ones too. */
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
            select.setInt(1, partition);
            Array names = connection.createArrayOf("text", instances.toArray());
            select.setArray(2, names);
            select.setInt(3, partition);
            select.setArray(4, names);
            Map<String, State> states = new HashMap<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    State state = row.getString(2).equals(State.BLOCKED.code()) ? State.BLOCKED : State.WAITING;
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

    /**
     * Notes what became of buckets.
     *
     * @param before the states that a bucket may be in for it to be marked
     */
    void mark(List<Fate> fates, List<String> before, Instant at) throws SQLException {
        if (fates.isEmpty()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement(MARK)) {
            for (Fate fate : fates) {
                update.setString(1, fate.state().code());
                update.setString(2, fate.detail());
                update.setObject(3, timestamp(at));
                update.setInt(4, partition);
                update.setObject(5, timestamp(fate.bucket().hour().start()));
                update.setString(6, fate.bucket().instance());
                update.setString(7, fate.bucket().meter());
                update.setInt(8, fate.bucket().revision());
                update.setArray(9, connection.createArrayOf("text", before.toArray()));
                update.addBatch();
            }
            update.executeBatch();
        }
    }
}
