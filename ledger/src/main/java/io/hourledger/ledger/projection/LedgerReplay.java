package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.PostgresLedgerFeed.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes every projection again from the first event, in a schema beside the live one, with the statements that keep the live ones; compares the
 * two, row by row and byte by byte, and swaps them in one transaction. Commands and readers go on meanwhile; only the live projections stand still
 * while the last stretch is caught up with.
 */
public final class LedgerReplay {

    private static final String BESIDE = "ledger_replay";
    private static final int LONGEST_STRETCH = 200_000;
    private static final String TABLES_FILE = "/db/ledger/V3__projections_anew.sql";
    private static final List<String> TABLES = List.of("instance", "metered_hour", "usage_record", "package");
    private static final int MOST_DIFFERENCES = 100;

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

    public LedgerReplay(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * What a replay came to.
     *
     * @param differences rows in which the live projections differed from those made anew, at most {@value #MOST_DIFFERENCES}; whatever they
     *     say, the new ones are live now
     */
    public record Outcome(long events, List<String> differences) {}

    private record Stretch(long events, Place first, Place last) {}

    /**
     * @param progress gets the number of events replayed so far
     */
    public Outcome run(LongConsumer progress) {
        makeTables();
        List<String> keys = dropKeys();
        Place reached = new Place("0", 0);
        long events = 0;
        Place goal = livePlace("");
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try {
            for (List<Stretch> next = next(reached, goal); !next.isEmpty(); next = next(reached, goal)) {
                Stretch stretch = next.get(0);
                replay(stretch, workers);
                reached = stretch.last();
                events += stretch.events();
                progress.accept(events);
            }
        } finally {
            workers.shutdown();
        }
        keys.forEach(jdbc::execute);
        jdbc.execute("analyze " + BESIDE + ".usage_record");
        jdbc.execute("analyze " + BESIDE + ".metered_hour");
        return catchUpCompareAndSwap(reached, events, progress);
    }

    /** Hours and records are different tables, so they are made side by side. */
    private void replay(Stretch stretch, ExecutorService workers) {
        CompletableFuture<Void> hours = CompletableFuture.runAsync(
                () -> apply(ProjectionSql.ofHours(BESIDE, LONGEST_STRETCH), stretch), workers);
        CompletableFuture<Void> records = CompletableFuture.runAsync(
                () -> apply(ProjectionSql.ofRecords(BESIDE, LONGEST_STRETCH), stretch), workers);
        try {
            CompletableFuture.allOf(hours, records).join();
        } catch (CompletionException failed) {
            throw new IllegalStateException("a stretch of events was not replayed", failed.getCause());
        }
    }

    private void apply(List<String> statements, Stretch stretch) {
        transaction.executeWithoutResult(status -> {
            // Tables without keys and statistics: the planner would guess few rows and compare each with each.
            jdbc.execute("set local enable_nestloop = off");
            jdbc.execute("set local work_mem = '256MB'");
            statements.forEach(statement -> jdbc.update(
                    statement,
                    stretch.first().transactionId(),
                    stretch.first().position(),
                    stretch.last().transactionId(),
                    stretch.last().position()));
        });
    }

    private Outcome catchUpCompareAndSwap(Place reached, long before, LongConsumer progress) {
        return Objects.requireNonNull(transaction.execute(status -> {
            Place goal = livePlace("for update");
            long events = before;
            Place from = reached;
            for (List<Stretch> next = next(from, goal); !next.isEmpty(); next = next(from, goal)) {
                Stretch stretch = next.get(0);
                apply(ProjectionSql.ofHours(BESIDE, LONGEST_STRETCH), stretch);
                apply(ProjectionSql.ofRecords(BESIDE, LONGEST_STRETCH), stretch);
                from = stretch.last();
                events += stretch.events();
                progress.accept(events);
            }
            List<String> differences = differences();
            for (String table : TABLES) {
                jdbc.execute("drop table if exists ledger." + table);
                jdbc.execute("alter table " + BESIDE + "." + table + " set schema ledger");
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
        for (String table : TABLES) {
            if (Boolean.FALSE.equals(
                    jdbc.queryForObject("select to_regclass(?) is not null", Boolean.class, "ledger." + table))) {
                differences.add(table + ": the live projection is not there");
                continue;
            }
            differences.addAll(jdbc.queryForList(
                    """
                    (select '%1$s, only before: ' || r from (select t::text as r from ledger.%1$s t
                        except all select t::text from %2$s.%1$s t) gone limit %3$d)
                    union all
                    (select '%1$s, only after: ' || r from (select t::text as r from %2$s.%1$s t
                        except all select t::text from ledger.%1$s t) fresh limit %3$d)
                    """
                            .formatted(table, BESIDE, MOST_DIFFERENCES),
                    String.class));
        }
        return List.copyOf(differences.subList(0, Math.min(differences.size(), MOST_DIFFERENCES)));
    }

    private void makeTables() {
        jdbc.execute("drop schema if exists " + BESIDE + " cascade");
        jdbc.execute("create schema " + BESIDE);
        String tables = tablesFile()
                .replaceAll("(?m)^(drop table|delete from) [^;]*;", "")
                .replace("ledger.", BESIDE + ".");
        jdbc.execute(tables);
    }

    /** Keys and indexes are made when the rows are there, which is faster; the statements that make them are returned. */
    private List<String> dropKeys() {
        List<String> make = new ArrayList<>(jdbc.queryForList(
                """
                select indexdef
                from pg_indexes
                where schemaname = ? and indexname not in (
                    select conname from pg_constraint where connamespace = ?::regnamespace)
                """,
                String.class,
                BESIDE,
                BESIDE));
        jdbc.query(
                """
                select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
                from pg_constraint
                where connamespace = ?::regnamespace and contype = 'p'
                """,
                row -> {
                    make.add("alter table " + row.getString(1) + " add constraint " + row.getString(2) + " "
                            + row.getString(3));
                },
                BESIDE);
        jdbc.queryForList(
                        """
                        select format('drop index %I.%I', schemaname, indexname)
                        from pg_indexes
                        where schemaname = ? and indexname not in (
                            select conname from pg_constraint where connamespace = ?::regnamespace)
                        """,
                        String.class, BESIDE, BESIDE)
                .forEach(jdbc::execute);
        jdbc.queryForList(
                        """
                        select format('alter table %s drop constraint %I', conrelid::regclass, conname)
                        from pg_constraint
                        where connamespace = ?::regnamespace and contype = 'p'
                        """,
                        String.class, BESIDE)
                .forEach(jdbc::execute);
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
