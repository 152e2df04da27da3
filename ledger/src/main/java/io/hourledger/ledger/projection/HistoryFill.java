package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.DeadLetter;
import io.hourledger.ledger.store.FrozenClient;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import io.hourledger.ledger.store.RangeBisection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** Fills the shadow tables. Its workers share it: each takes the next range of instances and fills in their whole history up to the goal. */
final class HistoryFill implements Runnable {

    /** The states only say how many instances make a range; should they be wrong, ranges are smaller or larger. */
    private static final String END_OF_RANGE =
            """
            select instance_id
            from (
                select instance_id, sum(sequence_number + 1) over (order by instance_id) as events
                from ledger.instance_snapshot
                where instance_id > ?
            ) behind
            where events >= ?
            order by instance_id
            limit 1
            """;

    private static final String LAST_INSTANCE =
            "select instance_id from ledger.event order by instance_id desc limit 1";

    private static final String EVENTS_OF_RANGE =
            "select count(*) from ledger.event where " + ProjectionSql.OF_INSTANCES;

    private static final String INSTANCES_OF_RANGE = "select distinct instance_id from ledger.event where "
            + ProjectionSql.OF_INSTANCES + " order by instance_id";

    private static final String EVENTS_OF_INSTANCE =
            """
            select transaction_id::text, position, sequence_number, event_type
            from ledger.event
            where instance_id = ? and (transaction_id, position) <= (?::xid8, ?)
            order by sequence_number
            """;

    /** Whole histories are grouped, and two events that begin the same row make one row of which an amount is missing. */
    private static final String EACH_BEGUN_IS_A_ROW =
            """
            select count(*) filter (where event_type = 'instance-opened')
                    = (select count(*) from {schema}.instance where instance_id = ?)
               and count(*) filter (where event_type = 'hour-metered')
                    = (select count(*) from {schema}.metered_hour where instance_id = ?)
               and count(*) filter (where event_type = 'usage-record-issued')
                    = (select count(*) from {schema}.usage_record where instance_id = ?)
               and count(*) filter (where event_type = 'package-added') - count(*) filter (where event_type = 'package-withdrawn')
                    = (select count(*) from {schema}.package where instance_id = ?)
            from ledger.event
            where instance_id = ? and sequence_number < ? and (transaction_id, position) <= (?::xid8, ?)
            """
                    .replace("{schema}", ShadowTables.SCHEMA);

    /** Instances in the order of their ids. */
    private record Range(String behind, String last) {}

    private record Event(Place place, long sequenceNumber, String type) {}

    /** What becomes of rows that were filled in. */
    private enum After {
        STAY,
        UNDO
    }

    private final List<String> statements = ProjectionSql.ofWholeInstances(ShadowTables.SCHEMA);
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final int eventsOfARange;
    private final Place goal;
    private final LongConsumer progress;
    private final @Nullable String lastInstance;
    private String reached = "";
    private final List<DeadLetter> deadLetters = new ArrayList<>();
    private boolean done;
    private long events;

    /**
     * @param goal the last place of the feed that is filled in
     * @param eventsOfARange about how many events are filled in by one transaction
     */
    HistoryFill(
            JdbcTemplate jdbc, TransactionTemplate transaction, Place goal, int eventsOfARange, LongConsumer progress) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.goal = goal;
        this.eventsOfARange = eventsOfARange;
        this.progress = progress;
        this.lastInstance = jdbc.queryForList(LAST_INSTANCE, String.class).stream()
                .findFirst()
                .orElse(null);
    }

    @Override
    public void run() {
        try {
            for (Optional<Range> next = next(); next.isPresent(); next = next()) {
                filled(fill(next.get()));
            }
        } catch (RuntimeException failed) {
            stop();
            throw failed;
        }
    }

    private synchronized Optional<Range> next() {
        if (done || lastInstance == null) {
            return Optional.empty();
        }
        String behind = reached;
        Optional<String> end = jdbc.queryForList(END_OF_RANGE, String.class, behind, eventsOfARange).stream()
                .findFirst();
        done = end.isEmpty();
        reached = end.orElse(lastInstance);
        return Optional.of(new Range(behind, reached));
    }

    private synchronized void stop() {
        done = true;
    }

    private long fill(Range range) {
        fillOrHalve(range);
        return Objects.requireNonNull(jdbc.queryForObject(
                EVENTS_OF_RANGE, Long.class, range.behind(), range.last(), goal.transactionId(), goal.position()));
    }

    private void fillOrHalve(Range range) {
        RuntimeException failure = failureOf(range, goal, After.STAY);
        if (failure == null) {
            return;
        }
        List<String> instances = jdbc.queryForList(
                INSTANCES_OF_RANGE, String.class, range.behind(), range.last(), goal.transactionId(), goal.position());
        if (instances.size() == 1) {
            fillUpToTheEventAtFault(new Range(range.behind(), instances.get(0)), failure);
            return;
        }
        String middle = instances.get(instances.size() / 2 - 1);
        fillOrHalve(new Range(range.behind(), middle));
        fillOrHalve(new Range(middle, range.last()));
    }

    /** Null if the range was filled in. An outage is thrown on. */
    private @Nullable RuntimeException failureOf(Range range, Place last, After after) {
        try {
            fill(range, last, after);
            return null;
        } catch (RuntimeException failed) {
            if (!RangeBisection.isOfEvents(failed)) {
                throw failed;
            }
            return failed;
        }
    }

    private void fill(Range range, Place last, After after) {
        transaction.executeWithoutResult(status -> {
            jdbc.execute(FrozenClient.MAY_RUN_LONG);
            ShadowTables.planForMany(jdbc);
            statements.forEach(statement ->
                    jdbc.update(statement, range.behind(), range.last(), last.transactionId(), last.position()));
            if (after == After.UNDO) {
                status.setRollbackOnly();
            }
        });
    }

    /** Of one instance. The longest beginning of its history that can be filled in is found by halving. */
    private void fillUpToTheEventAtFault(Range one, RuntimeException failureOfAll) {
        List<Event> events = jdbc.query(
                EVENTS_OF_INSTANCE,
                (row, number) ->
                        new Event(new Place(row.getString(1), row.getLong(2)), row.getLong(3), row.getString(4)),
                one.last(),
                goal.transactionId(),
                goal.position());
        int fits = 0;
        int fails = events.size();
        RuntimeException cause = failureOfAll;
        while (fails - fits > 1) {
            int tried = (fits + fails) >>> 1;
            RuntimeException failure = failureOf(one, events.get(tried - 1).place(), After.UNDO);
            if (failure == null) {
                fits = tried;
            } else {
                cause = failure;
                fails = tried;
            }
        }
        if (fits > 0) {
            fill(one, events.get(fits - 1).place(), After.STAY);
        }
        Event first = events.get(fits);
        synchronized (this) {
            deadLetters.add(DeadLetter.of(one.last(), first.sequenceNumber(), first.type(), cause));
        }
    }

    /**
     * Fills in one that waits again only up to the event that it waits before, if its history has two events that begin the same row. Once the
     * tables have their keys.
     */
    void checkWaiting(DeadLetter before) {
        String instance = before.instanceId();
        Optional<DeadLetter> found = deadLetters().stream()
                .filter(letter -> letter.instanceId().equals(instance))
                .findFirst();
        long end = found.map(DeadLetter::sequenceNumber).orElse(Long.MAX_VALUE);
        if (before.sequenceNumber() >= end || isWhole(instance, end)) {
            return;
        }
        ShadowTables.TABLES.forEach(
                table -> jdbc.update("delete from " + table.shadow() + " where instance_id = ?", instance));
        jdbc
                .query(
                        EVENTS_OF_INSTANCE,
                        (row, number) -> new Event(
                                new Place(row.getString(1), row.getLong(2)), row.getLong(3), row.getString(4)),
                        instance,
                        goal.transactionId(),
                        goal.position())
                .stream()
                .filter(event -> event.sequenceNumber() < before.sequenceNumber())
                .reduce((earlier, later) -> later)
                .ifPresent(
                        last -> transaction.executeWithoutResult(status -> statements.forEach(statement -> jdbc.update(
                                statement.replace(ProjectionSql.OF_INSTANCES, ProjectionSql.OF_ONE_INSTANCE),
                                instance,
                                last.place().transactionId(),
                                last.place().position()))));
        synchronized (this) {
            found.ifPresent(deadLetters::remove);
            deadLetters.add(before);
        }
    }

    private boolean isWhole(String instance, long end) {
        return Boolean.TRUE.equals(jdbc.queryForObject(
                EACH_BEGUN_IS_A_ROW,
                Boolean.class,
                instance,
                instance,
                instance,
                instance,
                instance,
                end,
                goal.transactionId(),
                goal.position()));
    }

    /** Events that could not be filled in, one an instance, once all workers have ended. */
    synchronized List<DeadLetter> deadLetters() {
        return List.copyOf(deadLetters);
    }

    private synchronized void filled(long more) {
        events += more;
        progress.accept(events);
    }

    /** How many events were filled in, once all workers have ended. */
    synchronized long events() {
        return events;
    }
}
