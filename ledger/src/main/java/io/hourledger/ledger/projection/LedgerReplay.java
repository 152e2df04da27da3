package io.hourledger.ledger.projection;

import io.hourledger.ledger.projection.ProjectionSql.Change;
import io.hourledger.ledger.store.DeadLetter;
import io.hourledger.ledger.store.DeadLetterQueue;
import io.hourledger.ledger.store.InstanceFilter;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import io.hourledger.ledger.store.PostgresLedgerFeed.Range;
import io.hourledger.ledger.store.RangeBisection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes every projection again from the first event, in shadow tables beside the live ones. It fills them instance by instance, each row
 * once, so that the cost of an event does not grow with the ledger. It compares the two row by row and byte by byte, and swaps them in one
 * transaction. Commands and readers go on meanwhile; only the live projections stand still while the last stretch is caught up with.
 *
 * <p>An instance with an event that the projections cannot take is filled in up to that event, and waits there, as it does live.
 */
public final class LedgerReplay {

    /** Name of the lock that a replay holds: any number that nobody else uses. */
    private static final long ONE_REPLAY = 0x7265706c6179L;

    private static final int WORKERS = 2;
    private static final int EVENTS_OF_A_RANGE = 200_000;
    private static final int LONGEST_STRETCH = 200_000;

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
    private final PlatformTransactionManager transactions;
    private final TransactionTemplate transaction;
    private final ShadowTables shadow;
    private final int eventsOfARange;

    public LedgerReplay(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this(jdbc, transactions, EVENTS_OF_A_RANGE);
    }

    LedgerReplay(JdbcTemplate jdbc, PlatformTransactionManager transactions, int eventsOfARange) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.transaction = new TransactionTemplate(transactions);
        this.shadow = new ShadowTables(jdbc, transaction);
        this.eventsOfARange = eventsOfARange;
    }

    /**
     * What a replay came to.
     *
     * @param differences rows in which the live projections differed from those made anew, at most {@value ProjectionComparison#MOST_DIFFERENCES}; whatever they
     *     say, the new ones are live now
     */
    public record Outcome(long events, List<String> differences) {}

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
     * @param progress gets the number of events replayed so far, from one thread at a time; and once more when the tables have their keys
     * @throws IllegalStateException if another replay runs on this ledger
     */
    public Outcome run(LongConsumer progress) {
        try (Connection alone = Objects.requireNonNull(jdbc.getDataSource()).getConnection()) {
            lock(alone);
            try {
                return runAlone(progress);
            } finally {
                unlock(alone);
            }
        } catch (SQLException unanswered) {
            throw new DataAccessResourceFailureException("the database does not answer", unanswered);
        }
    }

    /** Two replays would make and swap each other's tables. */
    private static void lock(Connection alone) throws SQLException {
        try (PreparedStatement statement = alone.prepareStatement("select pg_try_advisory_lock(?)")) {
            statement.setLong(1, ONE_REPLAY);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next() || !row.getBoolean(1)) {
                    throw new IllegalStateException("another replay runs on this ledger; wait until it has ended");
                }
            }
        }
    }

    private static void unlock(Connection alone) throws SQLException {
        try (PreparedStatement statement = alone.prepareStatement("select pg_advisory_unlock(?)")) {
            statement.setLong(1, ONE_REPLAY);
            statement.execute();
        }
    }

    private Outcome runAlone(LongConsumer progress) {
        shadow.create();
        List<List<String>> keys = shadow.dropKeys();
        Place goal = livePlace("");
        HistoryFill fill = new HistoryFill(jdbc, transaction, goal, eventsOfARange, progress);
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try {
            inParallel(workers, Collections.nCopies(WORKERS, fill));
            inParallel(
                    workers,
                    keys.stream()
                            .<Runnable>map(table -> () -> shadow.makeKeys(table))
                            .toList());
            new DeadLetterQueue(jdbc)
                    .waiting(LedgerProjections.READER, null, null)
                    .forEach(waiting -> fill.checkWaiting(waiting.letter()));
            progress.accept(fill.events());
        } finally {
            workers.shutdown();
        }
        return catchUpCompareAndSwap(fill, goal, progress);
    }

    private static void inParallel(ExecutorService workers, List<? extends Runnable> tasks) {
        try {
            CompletableFuture.allOf(tasks.stream()
                            .map(task -> CompletableFuture.runAsync(task, workers))
                            .toArray(CompletableFuture[]::new))
                    .join();
        } catch (CompletionException failed) {
            throw new IllegalStateException("the projections were not made anew", failed.getCause());
        }
    }

    private Outcome catchUpCompareAndSwap(HistoryFill fill, Place reached, LongConsumer progress) {
        List<Change> changes = ProjectionSql.ofStretch(ShadowTables.SCHEMA, LONGEST_STRETCH);
        RangeBisection bisection =
                new RangeBisection(jdbc, transactions, range -> LedgerProjections.apply(jdbc, changes, range));
        return Objects.requireNonNull(transaction.execute(status -> {
            List<DeadLetter> waiting = new ArrayList<>(fill.deadLetters());
            ShadowTables.planForMany(jdbc);
            Place goal = livePlace("for update");
            long events = fill.events();
            Place from = reached;
            for (List<Stretch> next = next(from, goal); !next.isEmpty(); next = next(from, goal)) {
                Stretch stretch = next.get(0);
                waiting.addAll(bisection.read(stretch.without(waiting)));
                from = stretch.last();
                events += stretch.events();
                progress.accept(events);
            }
            List<String> differences = new ProjectionComparison(jdbc).differences();
            shadow.takeOver();
            new DeadLetterQueue(jdbc).replace(LedgerProjections.READER, waiting);
            return new Outcome(events, differences);
        }));
    }

    /** How far the live projections are; with the lock they stay there. */
    private Place livePlace(String lock) {
        jdbc.update("insert into ledger.reader (name) values (?) on conflict do nothing", LedgerProjections.READER);
        return Objects.requireNonNull(jdbc.queryForObject(
                "select transaction_id::text, position from ledger.reader where name = ? " + lock,
                (row, number) -> new Place(row.getString(1), row.getLong(2)),
                LedgerProjections.READER));
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
