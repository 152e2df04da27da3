package io.hourledger.ledger.projection;

import io.hourledger.ledger.projection.ProjectionSql.Change;
import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes every projection again from the first event, in a schema beside the live one: instance by instance, each row once, so that the cost
 * of an event does not grow with the ledger; compares the two, row by row and byte by byte, and swaps them in one transaction. Commands and
 * readers go on meanwhile; only the live projections stand still while the last stretch is caught up with and compared.
 */
public final class LedgerReplay {

    private static final String BESIDE = "ledger_replay";
    /** Name of the lock that a replay holds: any number that nobody else uses. */
    private static final long ONE_REPLAY = 0x7265706c6179L;

    private static final int WORKERS = 2;
    private static final int EVENTS_OF_A_RANGE = 200_000;
    private static final int LONGEST_STRETCH = 200_000;
    private static final String TABLES_FILE = "/db/ledger/V3__projections_anew.sql";
    private static final int MOST_DIFFERENCES = 100;

    private static final List<Table> TABLES = List.of(
            new Table("instance", "instance_id"),
            new Table("metered_hour", "instance_id, hour, revision"),
            new Table("usage_record", "metering_sn"),
            new Table("package", "instance_id, package_instance_id"));

    /** The states only say how many instances make a range; should they be wrong, ranges are smaller or larger. */
    private static final String END_OF_RANGE =
            """
            select instance_id
            from (
                select instance_id, sum(sequence_number + 1) over (order by instance_id) as events
                from ledger.instance_state
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

    private static final String NEXT_STRETCH =
            """
            with stretch as (
                select transaction_id, position
                from ledger.event
                where (transaction_id, position) > (?::xid8, ?) and (transaction_id, position) <= (?::xid8, ?)
                order by transaction_id, position
                limit ?
            )
            select (select count(*) from stretch),
                first.transaction_id::text, first.position, last.transaction_id::text, last.position
            from (select * from stretch order by transaction_id, position limit 1) first
            cross join (select * from stretch order by transaction_id desc, position desc limit 1) last
            """;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final int eventsOfARange;

    public LedgerReplay(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this(jdbc, transactions, EVENTS_OF_A_RANGE);
    }

    LedgerReplay(JdbcTemplate jdbc, PlatformTransactionManager transactions, int eventsOfARange) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.eventsOfARange = eventsOfARange;
    }

    /**
     * What a replay came to.
     *
     * @param differences rows in which the live projections differed from those made anew, at most {@value #MOST_DIFFERENCES}; whatever they
     *     say, the new ones are live now
     */
    public record Outcome(long events, List<String> differences) {}

    /** A projection and its key. */
    private record Table(String name, String key) {
        String live() {
            return "ledger." + name;
        }

        String anew() {
            return BESIDE + "." + name;
        }
    }

    private record Stretch(long events, Place first, Place last) {}

    /** Instances in the order of their ids. */
    private record Range(String behind, String last) {}

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
        makeTables();
        List<List<String>> keys = dropKeys();
        Place goal = livePlace("");
        Filling filling = new Filling(goal, progress);
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try {
            inParallel(workers, Collections.nCopies(WORKERS, filling));
            inParallel(
                    workers,
                    keys.stream().<Runnable>map(table -> () -> makeKeys(table)).toList());
            progress.accept(filling.events);
        } finally {
            workers.shutdown();
        }
        return catchUpCompareAndSwap(goal, filling.events, progress);
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

    /** What the workers share: each takes the next range of instances and fills in their whole history up to the goal. */
    private final class Filling implements Runnable {
        private final List<String> statements = ProjectionSql.ofWholeInstances(BESIDE);
        private final Place goal;
        private final LongConsumer progress;
        private final @Nullable String lastInstance;
        private String reached = "";
        private boolean done;
        private long events;

        Filling(Place goal, LongConsumer progress) {
            this.goal = goal;
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
                planForMany();
                statements.forEach(statement -> jdbc.update(statement, which));
            });
            return Objects.requireNonNull(jdbc.queryForObject(EVENTS_OF_RANGE, Long.class, which));
        }

        private synchronized void filled(long more) {
            events += more;
            progress.accept(events);
        }
    }

    private void makeKeys(List<String> statements) {
        transaction.executeWithoutResult(status -> {
            jdbc.execute("set local maintenance_work_mem = '256MB'");
            statements.forEach(jdbc::execute);
        });
    }

    /** Tables without keys and statistics: the planner would guess few rows and compare each with each. */
    private void planForMany() {
        jdbc.execute("set local enable_nestloop = off");
        jdbc.execute("set local work_mem = '256MB'");
        jdbc.execute("set local jit = off");
    }

    private void apply(List<Change> changes, Stretch stretch) {
        changes.forEach(change -> jdbc.update(
                change.sql(),
                stretch.first().transactionId(),
                stretch.first().position(),
                stretch.last().transactionId(),
                stretch.last().position()));
    }

    private Outcome catchUpCompareAndSwap(Place reached, long before, LongConsumer progress) {
        List<Change> changes = ProjectionSql.ofStretch(BESIDE, LONGEST_STRETCH);
        return Objects.requireNonNull(transaction.execute(status -> {
            planForMany();
            Place goal = livePlace("for update");
            long events = before;
            Place from = reached;
            for (List<Stretch> next = next(from, goal); !next.isEmpty(); next = next(from, goal)) {
                Stretch stretch = next.get(0);
                apply(changes, stretch);
                from = stretch.last();
                events += stretch.events();
                progress.accept(events);
            }
            List<String> differences = differences();
            for (Table table : TABLES) {
                jdbc.execute("drop table if exists " + table.live());
                jdbc.execute("alter table " + table.anew() + " set schema ledger");
            }
            jdbc.execute("drop schema " + BESIDE + " cascade");
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
                        new Place(row.getString(4), row.getLong(5))),
                after.transactionId(),
                after.position(),
                goal.transactionId(),
                goal.position(),
                LONGEST_STRETCH);
    }

    private List<String> differences() {
        List<String> differences = new ArrayList<>();
        TABLES.forEach(table -> differences.addAll(differences(table)));
        return List.copyOf(differences.subList(0, Math.min(differences.size(), MOST_DIFFERENCES)));
    }

    /**
     * Rows of one key are compared as the bytes that are kept. A live row that is there twice meets its equal twice; then the live table has more
     * rows than the one made anew, whose key is unique.
     */
    private List<String> differences(Table table) {
        String there = "select to_regclass(?) is not null";
        if (Boolean.FALSE.equals(jdbc.queryForObject(there, Boolean.class, table.live()))) {
            return List.of(table.name() + ": the live projection is not there");
        }
        if (!columns(table.live()).equals(columns(table.anew()))) {
            return List.of(table.name() + ": the live projection has other columns");
        }
        List<String> differences = new ArrayList<>(jdbc.queryForList(
                """
                with different as (
                    select l as l, a as a
                    from %1$s l
                    full join %2$s a using (%3$s)
                    where l.* *<> a.* or l.ctid is null or a.ctid is null
                    limit %4$d
                )
                select '%5$s, only before: ' || l::text from different where l is distinct from null
                union all
                select '%5$s, only after: ' || a::text from different where a is distinct from null
                """
                        .formatted(table.live(), table.anew(), table.key(), MOST_DIFFERENCES, table.name()),
                String.class));
        if (differences.isEmpty() && rows(table.live()) != rows(table.anew())) {
            differences.add(table.name() + ": the live projection has rows twice");
        }
        return differences;
    }

    private List<String> columns(String table) {
        return jdbc.queryForList(
                """
                select attname || ' ' || format_type(atttypid, atttypmod)
                from pg_attribute
                where attrelid = ?::regclass and attnum > 0 and not attisdropped
                order by attnum
                """,
                String.class,
                table);
    }

    private long rows(String table) {
        return Objects.requireNonNull(jdbc.queryForObject("select count(*) from " + table, Long.class));
    }

    private void makeTables() {
        jdbc.execute("drop schema if exists " + BESIDE + " cascade");
        jdbc.execute("create schema " + BESIDE);
        String tables = tablesFile()
                .replaceAll("(?m)^(drop table|delete from) [^;]*;", "")
                .replace("ledger.", BESIDE + ".");
        jdbc.execute(tables);
    }

    /** Keys and indexes are made when the rows are there, which is faster. For each table what makes them, and its statistics. */
    private List<List<String>> dropKeys() {
        List<List<String>> make = new ArrayList<>();
        for (Table table : TABLES) {
            String beside = table.anew();
            List<String> keys = jdbc.queryForList(
                    """
                    select format('alter table %s add constraint %I %s', conrelid::regclass, conname,
                        pg_get_constraintdef(oid))
                    from pg_constraint
                    where conrelid = ?::regclass and contype = 'p'
                    """,
                    String.class, beside);
            List<String> indexes = jdbc.queryForList(
                    """
                    select pg_get_indexdef(indexrelid)
                    from pg_index
                    where indrelid = ?::regclass and not indisprimary
                    """,
                    String.class,
                    beside);
            jdbc.queryForList(
                            """
                            select format('drop index %s', indexrelid::regclass)
                            from pg_index
                            where indrelid = ?::regclass and not indisprimary
                            union all
                            select format('alter table %s drop constraint %I', conrelid::regclass, conname)
                            from pg_constraint
                            where conrelid = ?::regclass and contype = 'p'
                            """,
                            String.class, beside, beside)
                    .forEach(jdbc::execute);
            make.add(Stream.of(keys, indexes, List.of("analyze " + beside))
                    .flatMap(List::stream)
                    .toList());
        }
        return make;
    }

    private static String tablesFile() {
        try (InputStream file = LedgerReplay.class.getResourceAsStream(TABLES_FILE)) {
            return new String(Objects.requireNonNull(file, TABLES_FILE).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(TABLES_FILE, e);
        }
    }
}
