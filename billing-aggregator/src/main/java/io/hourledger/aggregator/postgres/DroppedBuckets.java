package io.hourledger.aggregator.postgres;

import static io.hourledger.aggregator.postgres.Columns.setLongs;
import static io.hourledger.aggregator.postgres.Columns.setTexts;

import io.hourledger.aggregator.closing.ClosingStore.Fate;
import io.hourledger.aggregator.closing.ClosingStore.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

/**
 * Moves the account of events from buckets that are dropped to the bucket of the meter that counts, in its caller's transaction. An event that
 * several meters read is accounted for by one of their buckets. What only dropped buckets have stays with them.
 */
final class DroppedBuckets {

    /** A bucket of a closed hour that is still counted stands in the totals as metered. */
    private static final String MOVE =
            """
            with found as (
                select own.hour, own.instance, own.revision, own.meter, own.state, fate.counting, own.events - own.shared_events as accounts
                  from unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::text[])
                       as fate (hour, instance, meter, revision, counting)
                  join aggregator.bucket own
                    on own.partition = ? and own.hour = to_timestamp(fate.hour) and own.instance = fate.instance
                   and own.meter = fate.meter and own.revision = fate.revision
                 where own.state = any (?)
                   for update of own),
            locked as (
                select b.*
                  from aggregator.bucket b
                 where b.partition = ?
                   and (b.hour, b.instance, b.meter, b.revision) in (select hour, instance, counting, revision from found)
                   for update of b),
            dropped as (
                select found.*, sum(accounts) over (partition by hour, instance, revision order by meter) - accounts as before
                  from found),
            moves as (
                select dropped.*, counts.is_closed, counts.state as counts_state,
                       greatest(0, least(dropped.accounts, counts.shared_events - dropped.before)) as events
                  from dropped
                 cross join lateral (
                       select b.shared_events, b.state,
                              exists (select 1
                                        from aggregator.hour_cutoff c
                                       where c.partition = b.partition and c.hour >= coalesce(b.ends_with, b.hour)
                                         and c.closed_at is not null) as is_closed
                         from locked b
                        where b.hour = dropped.hour and b.instance = dropped.instance and b.meter = dropped.counting
                          and b.revision = dropped.revision) as counts),
            away as (
                update aggregator.bucket own
                   set shared_events = own.shared_events + moves.events
                  from moves
                 where own.partition = ? and own.hour = moves.hour and own.instance = moves.instance and own.meter = moves.meter
                   and own.revision = moves.revision and moves.events > 0),
            there as (
                update aggregator.bucket own
                   set shared_events = own.shared_events - moved.events
                  from (select hour, instance, revision, counting, sum(events) as events
                          from moves
                         group by hour, instance, revision, counting) as moved
                 where own.partition = ? and own.hour = moved.hour and own.instance = moved.instance and own.meter = moved.counting
                   and own.revision = moved.revision and moved.events > 0)
            insert into aggregator.bucket_total as total (partition, state, buckets, events)
            select ?, state, 0, sum(events)
              from (select state, -events as events from moves where state <> 'counted'
                     union all
                    select case when counts_state = 'counted' then 'metered' else counts_state end, events
                      from moves
                     where counts_state <> 'counted' or is_closed) as change
             where events <> 0
             group by state
                on conflict (partition, state) do update
               set events = total.events + excluded.events""";

    private final Connection connection;
    private final int partition;

    DroppedBuckets(Connection connection, int partition) {
        this.connection = connection;
        this.partition = partition;
    }

    /**
     * Moves the account away from those that are dropped, before they are marked so.
     *
     * @param before the states that a bucket may be in for it to be marked
     */
    void leaveToCounting(List<Fate> fates, List<String> before) throws SQLException {
        List<Fate> dropped =
                fates.stream().filter(fate -> fate.state() == State.DROPPED).toList();
        if (dropped.isEmpty()) {
            return;
        }
        try (PreparedStatement move = connection.prepareStatement(MOVE)) {
            setLongs(move, 1, dropped, fate -> fate.bucket().hour().start().getEpochSecond());
            setTexts(move, 2, dropped, fate -> fate.bucket().instance());
            setTexts(move, 3, dropped, fate -> fate.bucket().meter());
            setLongs(move, 4, dropped, fate -> fate.bucket().revision());
            setTexts(move, 5, dropped, Fate::counting);
            move.setInt(6, partition);
            setTexts(move, 7, before, Function.identity());
            for (int i = 8; i <= 11; i++) {
                move.setInt(i, partition);
            }
            move.executeUpdate();
        }
    }
}
