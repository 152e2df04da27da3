package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.LedgerFeed;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The ledger's events in the order (transaction id, position), read only below the oldest transaction that is still open
 * ({@code pg_snapshot_xmin}). Transaction ids are given when a transaction starts to write, so whatever commits later stands behind what was
 * handed over. One transaction that stays open holds all readers back; none of them ever misses its rows.
 */
public final class PostgresLedgerFeed implements LedgerFeed, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresLedgerFeed.class);
    /** How many events a range holds at most. */
    public static final int LARGEST_RANGE = 5000;

    private static final long POLL_MILLIS = 50;
    private static final long BACK_OFF_MILLIS = 1000;
    private static final long STOP_LIMIT_MILLIS = 20_000;

    private static final String ANYTHING_NEW =
            """
            select exists (
                select 1
                from ledger.event
                where (transaction_id, position) >
                      (select transaction_id, position from ledger.reader where name = ?)
                  and transaction_id < pg_snapshot_xmin(pg_current_snapshot()))
            """;

    /** Whatever can be seen counts here, also what is not read yet because an older transaction is open. */
    private static final String BEHIND =
            """
            select exists (
                select 1
                from ledger.event
                where (transaction_id, position) >
                      (select transaction_id, position from ledger.reader where name = ?))
            """;

    /** What commits later with an older transaction id stands before this place, so it is read on the way here. */
    private static final String LAST =
            """
            select transaction_id::text, position
            from ledger.event
            order by event.transaction_id desc, event.position desc
            limit 1
            """;

    private static final String PASSED =
            "select (transaction_id, position) >= (?::xid8, ?) from ledger.reader where name = ?";

    private static final String LOCK =
            """
            select transaction_id::text, position
            from ledger.reader
            where name = ?
            for update skip locked
            """;

    private static final String RANGE =
            """
            with range as (
                select transaction_id, position
                from ledger.event
                where (transaction_id, position) > (?::xid8, ?)
                  and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
                order by transaction_id, position
                limit ?
            )
            (select transaction_id::text, position from range order by range.transaction_id, position limit 1)
            union all
            (select transaction_id::text, position from range order by range.transaction_id desc, position desc limit 1)
            """;

    private static final String MOVE = "update ledger.reader set transaction_id = ?::xid8, position = ? where name = ?";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final EventJson events;
    private final FeedLag lag;
    private final Set<Running> subscriptions = ConcurrentHashMap.newKeySet();

    /** A feed whose lag nobody asks for. */
    public PostgresLedgerFeed(JdbcTemplate jdbc, PlatformTransactionManager transactions, EventJson events) {
        this(jdbc, transactions, events, new SimpleMeterRegistry());
    }

    public PostgresLedgerFeed(
            JdbcTemplate jdbc, PlatformTransactionManager transactions, EventJson events, MeterRegistry registry) {
        this.jdbc = jdbc;
        this.lag = new FeedLag(jdbc, registry);
        this.transaction = new TransactionTemplate(transactions);
        this.events = events;
    }

    @Override
    public Subscription subscribe(String name, Set<Class<? extends InstanceEvent>> types, Reader reader) {
        return subscribeToRanges(name, new EventsOfTypes(jdbc, events, types, reader));
    }

    /** For a reader that only needs to know how far it may go: it reads the table itself. */
    public Subscription subscribeToRanges(String name, RangeReader reader) {
        jdbc.update("insert into ledger.reader (name) values (?) on conflict do nothing", name);
        Place last = jdbc.query(LAST, (row, number) -> new Place(row.getString(1), row.getLong(2))).stream()
                .findFirst()
                .orElse(NOTHING);
        Running running = new Running(name, reader, last);
        subscriptions.add(running);
        running.thread.start();
        lag.watch(name);
        return running;
    }

    /** Takes the first and the last place of a batch, both included. */
    public interface RangeReader {
        void read(Place first, Place last);
    }

    /** A place in the order of the feed. */
    public record Place(String transactionId, long position) {}

    private static final Place NOTHING = new Place("0", 0);

    private Optional<Place> readRange(Place after, RangeReader reader) {
        List<Place> ends = jdbc.query(
                RANGE,
                (row, number) -> new Place(row.getString(1), row.getLong(2)),
                after.transactionId(),
                after.position(),
                LARGEST_RANGE);
        if (ends.isEmpty()) {
            return Optional.empty();
        }
        reader.read(ends.get(0), ends.get(1));
        return Optional.of(ends.get(1));
    }

    @Override
    public void close() {
        lag.close();
        subscriptions.forEach(Running::close);
    }

    private enum Step {
        READ,
        NOTHING_NEW,
        ANOTHER_PROCESS_READS
    }

    private final class Running implements Subscription {
        private final String name;
        private final RangeReader reader;
        private final Place lastAtStart;
        private final Thread thread;
        private final CountDownLatch stopped = new CountDownLatch(1);
        private volatile boolean running = true;

        Running(String name, RangeReader reader, Place lastAtStart) {
            this.name = name;
            this.reader = reader;
            this.lastAtStart = lastAtStart;
            this.thread = new Thread(this::run, "ledger-feed-" + name);
            this.thread.setDaemon(true);
        }

        private void run() {
            while (running) {
                try {
                    if (step() != Step.READ) {
                        pause(POLL_MILLIS);
                    }
                } catch (RuntimeException failed) {
                    if (running) {
                        log.atError()
                                .addKeyValue("reader", name)
                                .setCause(failed)
                                .log("a batch of the ledger was not read; it comes again");
                        pause(BACK_OFF_MILLIS);
                    }
                }
            }
        }

        private Step step() {
            boolean anythingNew = Boolean.TRUE.equals(jdbc.queryForObject(ANYTHING_NEW, Boolean.class, name));
            if (!anythingNew) {
                return Step.NOTHING_NEW;
            }
            return java.util.Objects.requireNonNull(transaction.execute(status -> readBatch()));
        }

        private Step readBatch() {
            List<Place> from = jdbc.query(LOCK, (row, number) -> new Place(row.getString(1), row.getLong(2)), name);
            if (from.isEmpty()) {
                return Step.ANOTHER_PROCESS_READS;
            }
            Optional<Place> last = readRange(from.get(0), reader);
            if (last.isEmpty()) {
                return Step.NOTHING_NEW;
            }
            jdbc.update(MOVE, last.get().transactionId(), last.get().position(), name);
            return Step.READ;
        }

        /** Elapsed time, never business time; a stop ends it. */
        private void pause(long millis) {
            try {
                running = !stopped.await(millis, TimeUnit.MILLISECONDS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                running = false;
            }
        }

        @Override
        public boolean caughtUp() {
            return Boolean.FALSE.equals(jdbc.queryForObject(BEHIND, Boolean.class, name));
        }

        @Override
        public boolean caughtUpToStart() {
            return Boolean.TRUE.equals(jdbc.queryForObject(
                    PASSED, Boolean.class, lastAtStart.transactionId(), lastAtStart.position(), name));
        }

        @Override
        public void close() {
            running = false;
            stopped.countDown();
            try {
                thread.join(STOP_LIMIT_MILLIS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
            subscriptions.remove(this);
        }
    }
}
