package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.setLongs;
import static io.hourledger.aggregator.postgres.Columns.setTexts;
import static io.hourledger.aggregator.postgres.Columns.timestamp;

import io.hourledger.aggregator.closing.ClosingStore.Fate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/**
 * Keeps how the closed buckets of one partition stand, and how many stand so, in its caller's transaction. Both change in one statement, so that
 * nobody has to read all buckets to say how many are unmatched.
 */
final class BucketStates {

    private static final String ADD =
            """
                on conflict (partition, state) do update
               set buckets = total.buckets + excluded.buckets, events = total.events + excluded.events""";

    private static final String MARK =
            """
            with before as (
                select own.hour, own.instance, own.meter, own.revision, own.state as was, own.events - own.shared_events as events,
                       case when own.events > own.shared_events then fate.of_rest else fate.state end as state,
                       case when own.events > own.shared_events and fate.counting <> own.meter
                            then fate.detail || ', which does not read ' || (own.events - own.shared_events) || ' of these events'
                            else fate.detail end as detail
                  from unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[])
                       as fate (hour, instance, meter, revision, state, of_rest, counting, detail)
                  join aggregator.bucket own
                    on own.partition = ? and own.hour = to_timestamp(fate.hour) and own.instance = fate.instance
                   and own.meter = fate.meter and own.revision = fate.revision
                 where own.state = any (?)
                   for update of own),
            marked as (
                update aggregator.bucket own
                   set state = before.state, detail = before.detail,
                       state_at = case when own.state = 'blocked' and before.state = 'blocked' then own.state_at else ? end
                  from before
                 where own.partition = ? and own.hour = before.hour and own.instance = before.instance and own.meter = before.meter
                   and own.revision = before.revision)
            insert into aggregator.bucket_total as total (partition, state, buckets, events)
            select ?, state, sum(buckets), sum(events)
              from (select was as state, -1 as buckets, -events as events from before where was <> 'counted'
                     union all
                    select state, 1, events from before) as change
             group by state
            %s"""
                    .formatted(ADD);

    /** A write-off of what is billed is none. Who wrote it off, and why, stays with the bucket. */
    private static final String TAKE_BACK =
            """
            with gone as (
                delete from aggregator.usage_write_off gone
                 using unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[]) as fate (hour, instance, meter, revision), aggregator.bucket own
                 where gone.partition = ? and gone.hour = to_timestamp(fate.hour) and gone.instance = fate.instance
                   and gone.meter = fate.meter and gone.revision = fate.revision
                   and own.partition = gone.partition and own.hour = gone.hour and own.instance = gone.instance
                   and own.meter = gone.meter and own.revision = gone.revision and own.state = 'metered'
             returning gone.*)
            update aggregator.bucket own
               set detail = 'entered in the ledger while ' || gone.decided_by || ' wrote it off: ' || gone.why
              from gone
             where own.partition = gone.partition and own.hour = gone.hour and own.instance = gone.instance
               and own.meter = gone.meter and own.revision = gone.revision""";

    /** Those that have no other state were entered with the hour. */
    private static final String CLOSED =
            """
            insert into aggregator.bucket_total as total (partition, state, buckets, events)
            select ?, 'metered', count(*), sum(events)
              from (select events - shared_events as events
                      from aggregator.bucket
                     where partition = ? and revision = 0 and hour >= ? and hour <= ? and state = 'counted'
                     union all
                    select events - shared_events
                      from aggregator.bucket
                     where partition = ? and revision > 0 and ends_with >= ? and ends_with <= ? and state = 'counted') as entered
            having count(*) > 0
            %s"""
                    .formatted(ADD);

    private final Connection connection;
    private final int partition;

    BucketStates(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /**
     * Keeps what became of buckets.
     *
     * @param before the states that a bucket may be in for it to be marked
     */
    void mark(List<Fate> fates, List<String> before, Instant at) throws SQLException {
        if (fates.isEmpty()) {
            return;
        }
        new DroppedBuckets(connection, partition).leaveToCounting(fates, before);
        try (PreparedStatement update = connection.prepareStatement(MARK)) {
            setBuckets(update, fates);
            setTexts(update, 5, fates, fate -> fate.state().code());
            setTexts(update, 6, fates, fate -> fate.ofRest().code());
            setTexts(update, 7, fates, Fate::counting);
            setTexts(update, 8, fates, Fate::detail);
            update.setInt(9, partition);
            setTexts(update, 10, before, Function.identity());
            update.setObject(11, timestamp(at));
            update.setInt(12, partition);
            update.setInt(13, partition);
            update.executeUpdate();
        }
    }

    /** Of those that are metered now. */
    void takeBackWriteOffs(List<Fate> metered) throws SQLException {
        if (metered.isEmpty()) {
            return;
        }
        try (PreparedStatement delete = connection.prepareStatement(TAKE_BACK)) {
            setBuckets(delete, metered);
            delete.setInt(5, partition);
            delete.executeUpdate();
        }
    }

    private static void setBuckets(PreparedStatement statement, List<Fate> fates) throws SQLException {
        setLongs(statement, 1, fates, fate -> fate.bucket().hour().start().getEpochSecond());
        setTexts(statement, 2, fates, fate -> fate.bucket().instance());
        setTexts(statement, 3, fates, fate -> fate.bucket().meter());
        setLongs(statement, 4, fates, fate -> fate.bucket().revision());
    }

    /** Adds the buckets that end with the cutoff of one hour, and were entered with it. */
    void closed(Instant firstHour, Instant hour) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(CLOSED)) {
            insert.setInt(1, partition);
            for (int first = 2; first <= 5; first += 3) {
                insert.setInt(first, partition);
                insert.setObject(first + 1, timestamp(firstHour));
                insert.setObject(first + 2, timestamp(hour));
            }
            insert.executeUpdate();
        }
    }
}
