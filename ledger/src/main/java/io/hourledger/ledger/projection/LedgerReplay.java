package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.DeadLetterQueue;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
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
 * once, so that the cost of an event does not grow with the ledger. Then {@link ReplaySwap} compares the two row by row and byte by byte, and
 * swaps them in one transaction. Commands and readers go on meanwhile.
 *
 * <p>An instance with an event that the projections cannot take is filled in up to that event, and waits there, as it does live.
 */
public final class LedgerReplay {

    /** Name of the lock that a replay holds: any number that nobody else uses. */
    private static final long ONE_REPLAY = 0x7265706c6179L;

    private static final int WORKERS = 2;
    private static final int EVENTS_OF_A_RANGE = 200_000;

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
        Place goal = LivePlace.of(jdbc);
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
        return new ReplaySwap(jdbc, transactions, shadow, fill, goal, progress).compareAndSwap();
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
}
