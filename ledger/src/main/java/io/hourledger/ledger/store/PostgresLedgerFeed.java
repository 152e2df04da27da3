package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.api.LedgerFeed;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The ledger's events in the order (transaction id, position), read only below the oldest transaction that is still open
 * ({@code pg_snapshot_xmin}). Transaction ids are given when a transaction starts to write, so whatever commits later stands behind what was
 * handed over. One transaction that stays open holds all readers back; none of them ever misses its rows.
 *
 * <p>An event that a reader cannot take stops its instance for this reader and nothing else: see {@link DeadLetterQueue}.
 *
 * <p>To ask whether there is anything new costs one descent of an index, and a batch reads its own events, however long the history.
 */
public final class PostgresLedgerFeed implements LedgerFeed, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresLedgerFeed.class);
    /** How many events a range holds at most. */
    public static final int LARGEST_RANGE = 5000;

    private static final long POLL_MILLIS = 50;
    private static final long BACK_OFF_MILLIS = 1000;

    /** To find out that a reader is at fault takes thousands of statements, and holds up all other readers. */
    private static final long AT_FAULT_MILLIS = 60_000;

    private static final long STOP_LIMIT_MILLIS = 20_000;

    /** The next event alone tells: if its transaction may still have older ones beside it, so may all behind it. */
    private static final String ANYTHING_TO_DO =
            """
            select exists (
                select 1
                from (
                    select transaction_id
                    from ledger.event
                    where (transaction_id, position) >
                          (select transaction_id, position from ledger.reader where name = ?)
                    order by event.transaction_id, event.position
                    limit 1
                ) as next
                where next.transaction_id < pg_snapshot_xmin(pg_current_snapshot())),
                exists (select 1 from ledger.dead_letter where reader = ? and next_try_at <= clock_timestamp())
            """;

    /** Whatever can be seen counts here, also what is not read yet because an older transaction is open. */
    private static final String BEHIND =
            """
            select exists (
                select 1
                from ledger.event
                where (transaction_id, position) >
                      (select transaction_id, position from ledger.reader where name = ?)
                order by event.transaction_id, event.position
                limit 1)
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

    /** Its first place, its last place, the types of its events, and the instances that wait. Asked behind the lock, so all is told. */
    private static final String RANGE =
            """
            with range as materialized (
                select transaction_id, position, event_type
                from ledger.event
                where (transaction_id, position) > (?::xid8, ?)
                  and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
                order by transaction_id, position
                limit %d
            )
            select first.transaction_id::text, first.position, last.transaction_id::text, last.position,
                   array(select distinct event_type from range),
                   array(select instance_id from ledger.dead_letter where reader = ?)
            from (select * from range order by range.transaction_id, position limit 1) as first,
                 (select * from range order by range.transaction_id desc, position desc limit 1) as last
            """
                    .formatted(LARGEST_RANGE);

    private static final String MOVE = "update ledger.reader set transaction_id = ?::xid8, position = ? where name = ?";

    private final JdbcTemplate jdbc;
    private final PlatformTransactionManager transactions;
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
        this.transactions = transactions;
        this.transaction = new TransactionTemplate(transactions);
        this.lag = new FeedLag(jdbc, transaction, registry);
        this.events = events;
    }

    @Override
    public Subscription subscribe(String name, Set<Class<? extends InstanceEvent>> types, Reader reader) {
        return subscribeToRanges(name, new EventsOfTypes(jdbc, events, types, reader));
    }

    /** For a reader that only needs to know how far it may go: it reads the table itself, and leaves out the instances that a range names. */
    public Subscription subscribeToRanges(String name, RangeReader reader) {
        return begin(name, reader, new DeadLetterProcessor(jdbc, transactions, name, reader));
    }

    /** For a reader that may leave out no event. An event that it cannot take stops it until that is mended. */
    public Subscription subscribeToEveryEvent(String name, RangeReader reader) {
        return begin(name, reader, null);
    }

    private Subscription begin(String name, RangeReader reader, @Nullable DeadLetterProcessor deadLetters) {
        transaction.executeWithoutResult(status -> {
            DeadLetterQueue waiting = new DeadLetterQueue(jdbc);
            if (jdbc.update("insert into ledger.reader (name) values (?) on conflict do nothing", name) == 1) {
                waiting.removeAll(name);
            }
            waiting.allDue(name);
        });
        Place last = jdbc.query(LAST, (row, number) -> new Place(row.getString(1), row.getLong(2))).stream()
                .findFirst()
                .orElse(NOTHING);
        Running running = new Running(name, reader, deadLetters, last);
        subscriptions.add(running);
        running.thread.start();
        lag.watch(name);
        return running;
    }

    /** About how many events a reader has not taken yet, by their positions; 0 if there is none, -1 if that is not known. */
    public long eventsBehind(String reader) {
        return lag.eventsBehind(reader);
    }

    /** By reader of this process, how many instances wait for it, as it was seen last; readers for which none waits are left out. */
    public Map<String, Long> deadLetters() {
        return lag.deadLetters();
    }

    /** Takes a batch; it may only read what it finds by an index. */
    public interface RangeReader {
        void read(Range range);
    }

    /** A place in the order of the feed. */
    public record Place(String transactionId, long position) {}

    /**
     * A batch.
     *
     * @param first included
     * @param last included
     * @param types all types of events that are in it
     * @param instances whose events are to be taken
     */
    public record Range(Place first, Place last, Set<String> types, InstanceFilter instances) {

        /** The same stretch, of these instances. */
        Range of(InstanceFilter others) {
            return new Range(first, last, types, others);
        }
    }

    private static final Place NOTHING = new Place("0", 0);

    private static Range rangeOf(ResultSet row) throws SQLException {
        return new Range(
                new Place(row.getString(1), row.getLong(2)),
                new Place(row.getString(3), row.getLong(4)),
                Set.of(texts(row, 5)),
                InstanceFilter.allBut(List.of(texts(row, 6))));
    }

    private static String[] texts(ResultSet row, int column) throws SQLException {
        return (String[]) row.getArray(column).getArray();
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

    /**
     * What a look found.
     *
     * @param events whether there are new ones that may be read
     * @param retry whether a try of what waits is due
     */
    private record ToDo(boolean events, boolean retry) {}

    private record Pass(Step step, boolean retry) {}

    private final class Running implements Subscription {
        private final String name;
        private final RangeReader reader;
        private final @Nullable DeadLetterProcessor deadLetters;
        private final Place lastAtStart;
        private final Thread thread;
        private final CountDownLatch stopped = new CountDownLatch(1);
        private volatile boolean running = true;

        Running(String name, RangeReader reader, @Nullable DeadLetterProcessor deadLetters, Place lastAtStart) {
            this.name = name;
            this.reader = reader;
            this.deadLetters = deadLetters;
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
                } catch (ReaderAtFaultException stands) {
                    log.atError()
                            .addKeyValue("reader", name)
                            .setCause(stands)
                            .log("a reader of the ledger is at fault and stands; it tries again in a minute");
                    pause(AT_FAULT_MILLIS);
                } catch (RuntimeException | Error failed) { // an Error would end the reader without a word
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

        /** Batches and retries take turns. */
        private Step step() {
            Pass pass = batch();
            return pass.retry && deadLetters != null && retry(deadLetters) ? Step.READ : pass.step;
        }

        private Pass batch() {
            try {
                return pass(reader);
            } catch (RuntimeException | Error failed) {
                if (!running || deadLetters == null || !RangeBisection.isOfEvents(failed)) {
                    throw failed;
                }
                log.atWarn()
                        .addKeyValue("reader", name)
                        .setCause(failed)
                        .log("a batch of the ledger was not read; it is taken instance by instance");
                return pass(deadLetters);
            }
        }

        private Pass pass(RangeReader how) {
            return Objects.requireNonNull(transaction.execute(status -> {
                jdbc.execute(IndexScansOnly.SET);
                ToDo toDo = Objects.requireNonNull(jdbc.queryForObject(
                        ANYTHING_TO_DO, (row, number) -> new ToDo(row.getBoolean(1), row.getBoolean(2)), name, name));
                return new Pass(toDo.events ? readBatch(how) : Step.NOTHING_NEW, toDo.retry);
            }));
        }

        private Step readBatch(RangeReader how) {
            List<Place> from = lockPlace();
            if (from.isEmpty()) {
                return Step.ANOTHER_PROCESS_READS;
            }
            Place reached = from.get(0);
            List<Range> ranges =
                    jdbc.query(RANGE, (row, number) -> rangeOf(row), reached.transactionId(), reached.position(), name);
            if (ranges.isEmpty()) {
                return Step.NOTHING_NEW;
            }
            how.read(ranges.get(0));
            Place last = ranges.get(0).last();
            jdbc.update(MOVE, last.transactionId(), last.position(), name);
            return Step.READ;
        }

        private List<Place> lockPlace() {
            return jdbc.query(LOCK, (row, number) -> new Place(row.getString(1), row.getLong(2)), name);
        }

        /** One instance, in a transaction of its own. What it fails by keeps neither the batches nor another instance waiting. */
        private boolean retry(DeadLetterProcessor waiting) {
            try {
                return Boolean.TRUE.equals(transaction.execute(status -> {
                    jdbc.execute(IndexScansOnly.SET);
                    List<Place> from = lockPlace();
                    return !from.isEmpty() && waiting.retryNext(from.get(0));
                }));
            } catch (RuntimeException | Error failed) {
                log.atWarn()
                        .addKeyValue("reader", name)
                        .setCause(failed)
                        .log("an instance that waits could not be tried again; that comes later");
                transaction.executeWithoutResult(status -> waiting.postponeTried());
                return false;
            }
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
            return !Objects.requireNonNull(transaction.execute(status -> {
                jdbc.execute(IndexScansOnly.SET);
                return isTrue(BEHIND);
            }));
        }

        private boolean isTrue(String question) {
            return Boolean.TRUE.equals(jdbc.queryForObject(question, Boolean.class, name));
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
