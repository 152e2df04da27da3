package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
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

    /** Instances in the order of their ids. */
    private record Range(String behind, String last) {}

    private final List<String> statements = ProjectionSql.ofWholeInstances(ShadowTables.SCHEMA);
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final int eventsOfARange;
    private final Place goal;
    private final LongConsumer progress;
    private final @Nullable String lastInstance;
    private String reached = "";
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
        Object[] which = {range.behind(), range.last(), goal.transactionId(), goal.position()};
        transaction.executeWithoutResult(status -> {
            ShadowTables.planForMany(jdbc);
            statements.forEach(statement -> jdbc.update(statement, which));
        });
        return Objects.requireNonNull(jdbc.queryForObject(EVENTS_OF_RANGE, Long.class, which));
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
