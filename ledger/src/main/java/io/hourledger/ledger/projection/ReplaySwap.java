package io.hourledger.ledger.projection;

import io.hourledger.ledger.projection.LedgerReplay.Outcome;
import io.hourledger.ledger.projection.ProjectionSql.Change;
import io.hourledger.ledger.store.DeadLetter;
import io.hourledger.ledger.store.DeadLetterQueue;
import io.hourledger.ledger.store.FrozenClient;
import io.hourledger.ledger.store.InstanceFilter;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import io.hourledger.ledger.store.RangeBisection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings the shadow tables up to the live projections, compares the two, and puts the new ones in their place. Nobody waits for it for long:
 *
 * <ul>
 *   <li>It follows the live projections until little is left. They stand still only while that little is read.
 *   <li>It compares in a snapshot of the moment at which both had come equally far. A snapshot that only reads holds up no reader of the ledger.
 *   <li>The swap waits for whoever uses one of the four live tables for a second and a half, gives up, and tries again: all who ask meanwhile queue no
 *       longer than that, for each table.
 *   <li>The swap's own transaction holds the live projections where they are, reads what is left, and swaps: it does all of that or nothing.
 *   <li>A replay that is stopped halfway is ended by PostgreSQL after seconds ({@link FrozenClient}).
 * </ul>
 */
final class ReplaySwap {

    private static final int LONGEST_STRETCH = 200_000;

    /**
     * Whoever asks for a live table while the swap waits for it queues behind it. Longer than the second (deadlock_timeout) after which PostgreSQL ends an
     * autovacuum that is in the way.
     */
    private static final String WAIT_SHORTLY = "set local lock_timeout = '1500ms'";

    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(2);

    /** Longer than the longest reading, which is half an hour. */
    private static final int MOST_TRIES = 1_800;

    private static final Set<String> IN_USE = Set.of("55P03", "40P01");

    private static final String NEXT_STRETCH =
            """
            with stretch as (
                select transaction_id, position, event_type
                from ledger.event
                where (transaction_id, position) > (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)
                order by transaction_id, position
                limit ?
            )
            select (select count(*) from stretch),
                first.transaction_id::text, first.position, last.transaction_id::text, last.position,
                array(select distinct event_type from stretch)
            from (select * from stretch order by transaction_id, position limit 1) first
            cross join (select * from stretch order by transaction_id desc, position desc limit 1) last
            """;

    private final JdbcTemplate jdbc;
    private final DataSource database;
    private final TransactionTemplate transaction;
    private final TransactionTemplate oneMoment;
    private final ShadowTables shadow;
    private final RangeBisection bisection;
    private final LongConsumer progress;
    private final List<DeadLetter> waiting;
    private Place reached;
    private long events;

    /**
     * @param fill has filled the shadow tables
     * @param reached how far
     * @param progress gets the number of events read so far
     */
    ReplaySwap(
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            ShadowTables shadow,
            HistoryFill fill,
            Place reached,
            LongConsumer progress) {
        this.jdbc = jdbc;
        this.database = Objects.requireNonNull(jdbc.getDataSource());
        this.transaction = new TransactionTemplate(transactions);
        this.oneMoment = new TransactionTemplate(transactions);
        this.oneMoment.setReadOnly(true);
        this.oneMoment.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.shadow = shadow;
        List<Change> changes = ProjectionSql.ofStretch(ShadowTables.SCHEMA, LONGEST_STRETCH);
        this.bisection = new RangeBisection(jdbc, transactions, range -> LedgerProjections.apply(jdbc, changes, range));
        this.progress = progress;
        this.waiting = new ArrayList<>(fill.deadLetters());
        this.reached = reached;
        this.events = fill.events();
    }

    private record Stretch(long events, Place first, Place last, Set<String> types) {

        Range without(List<DeadLetter> waiting) {
            return new Range(
                    first,
                    last,
                    types,
                    InstanceFilter.allBut(
                            waiting.stream().map(DeadLetter::instanceId).toList()));
        }
    }

    /**
     * @throws IllegalStateException if somebody reads the live tables for longer than an hour; they stay as they are
     */
    Outcome compareAndSwap() {
        follow();
        List<String> differences = differences();
        for (int attempt = 1; !swaps(); attempt++) {
            if (attempt == MOST_TRIES) {
                throw new IllegalStateException("somebody has read the projections for an hour, so the live ones stay:"
                        + " wait until that reading has ended, and replay again");
            }
            pause();
        }
        return new Outcome(events, differences);
    }

    /** Reads on to where the live projections are, until little is left. */
    private void follow() {
        long before;
        do {
            before = events;
            readTo(LivePlace.of(jdbc));
        } while (events - before >= LONGEST_STRETCH);
    }

    /** In a transaction for each stretch, so that none is long. */
    private void readTo(Place goal) {
        for (List<Stretch> next = next(reached, goal); !next.isEmpty(); next = next(reached, goal)) {
            Stretch stretch = next.get(0);
            waiting.addAll(Objects.requireNonNull(transaction.execute(status -> {
                if (status.isNewTransaction()) {
                    jdbc.execute(FrozenClient.MAY_RUN_LONG);
                }
                ShadowTables.planForMany(jdbc);
                return bisection.read(stretch.without(waiting));
            })));
            reached = stretch.last();
            events += stretch.events();
            progress.accept(events);
        }
    }

    private List<String> differences() {
        for (int attempt = 1; attempt < MOST_TRIES; attempt++) {
            Optional<List<String>> differences = differencesNow();
            if (differences.isPresent()) {
                return differences.get();
            }
            pause();
            follow();
        }
        throw new IllegalStateException(
                "the database has ended the replay's session for an hour, so the live projections stay");
    }

    /** Empty if the live projections have gone on, so that there is nothing to compare. */
    private Optional<List<String>> differencesNow() {
        try (LivePlace live = LivePlace.hold(database)) {
            readTo(live.place());
            return Objects.requireNonNull(oneMoment.execute(status -> {
                ShadowTables.planForMany(jdbc);
                if (!LivePlace.seenBy(jdbc).equals(live.place())) { // fixes the moment
                    return Optional.<List<String>>empty();
                }
                live.release();
                return Optional.of(new ProjectionComparison(jdbc).differences());
            }));
        }
    }

    /** Whether nobody was in the way. What is left is read in the transaction of the swap, so that nothing comes between. */
    private boolean swaps() {
        follow();
        Place before = reached;
        long eventsBefore = events;
        int waitingBefore = waiting.size();
        try {
            transaction.executeWithoutResult(status -> {
                jdbc.execute(FrozenClient.ENDS_SOON);
                readTo(LivePlace.heldByCaller(jdbc));
                jdbc.execute(WAIT_SHORTLY);
                shadow.takeOver();
                new DeadLetterQueue(jdbc).replace(LedgerProjections.READER, waiting);
            });
            return true;
        } catch (DataAccessException failed) {
            reached = before;
            events = eventsBefore;
            waiting.subList(waitingBefore, waiting.size()).clear();
            if (failed.getMostSpecificCause() instanceof SQLException cause && IN_USE.contains(cause.getSQLState())) {
                return false;
            }
            throw failed;
        }
    }

    private static void pause() {
        LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("the replay was stopped before its swap; the live projections stay");
        }
    }

    private List<Stretch> next(Place after, Place goal) {
        return jdbc.query(
                NEXT_STRETCH,
                (row, number) -> new Stretch(
                        row.getLong(1),
                        new Place(row.getString(2), row.getLong(3)),
                        new Place(row.getString(4), row.getLong(5)),
                        Set.of((String[]) row.getArray(6).getArray())),
                after.transactionId(),
                after.position(),
                goal.transactionId(),
                goal.position(),
                LONGEST_STRETCH);
    }
}
