package io.hourledger.ledger.projection;

import io.hourledger.ledger.store.FrozenClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** The projections of a replay, in a schema of their own until they take the place of the live ones. */
final class ShadowTables {

    static final String SCHEMA = "ledger_replay";

    private static final String TABLES_FILE = "/db/ledger/V1__ledger.sql";

    /** The line of that file below which nothing but projections are made. */
    private static final String PROJECTIONS = "\n-- Projections\n";

    static final List<Table> TABLES = List.of(
            new Table("instance", "instance_id"),
            new Table("metered_hour", "instance_id, hour, revision"),
            new Table("usage_record", "instance_id, begin_at, end_at"),
            new Table("package", "instance_id, package_instance_id"));

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    ShadowTables(JdbcTemplate jdbc, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /** A projection and its key. */
    record Table(String name, String key) {
        String live() {
            return "ledger." + name;
        }

        String shadow() {
            return SCHEMA + "." + name;
        }
    }

    /** Tables without keys and statistics: the planner would guess few rows and compare each with each. */
    static void planForMany(JdbcTemplate jdbc) {
        jdbc.execute("set local enable_nestloop = off");
        jdbc.execute("set local work_mem = '256MB'");
        jdbc.execute("set local jit = off");
    }

    void create() {
        jdbc.execute("drop schema if exists " + SCHEMA + " cascade");
        jdbc.execute("create schema " + SCHEMA);
        jdbc.execute(projections().replace("ledger.", SCHEMA + "."));
    }

    /** Keys and indexes are made when the rows are there, which is faster. For each table what makes them, and its statistics. */
    List<List<String>> dropKeys() {
        List<List<String>> make = new ArrayList<>();
        for (Table table : TABLES) {
            String beside = table.shadow();
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

    private static String projections() {
        try (InputStream file = ShadowTables.class.getResourceAsStream(TABLES_FILE)) {
            String all = new String(Objects.requireNonNull(file, TABLES_FILE).readAllBytes(), StandardCharsets.UTF_8);
            int start = all.indexOf(PROJECTIONS);
            if (start < 0) {
                throw new IllegalStateException("no line '" + PROJECTIONS.strip() + "' in " + TABLES_FILE);
            }
            return all.substring(start);
        } catch (IOException e) {
            throw new UncheckedIOException(TABLES_FILE, e);
        }
    }

    void makeKeys(List<String> statements) {
        transaction.executeWithoutResult(status -> {
            jdbc.execute(FrozenClient.MAY_RUN_LONG);
            jdbc.execute("set local maintenance_work_mem = '256MB'");
            statements.forEach(jdbc::execute);
        });
    }

    /** The live tables go, and these come in their place; in the caller's transaction, which waits for all of them before it changes one. */
    void takeOver() {
        List<String> live = TABLES.stream()
                .map(Table::live)
                .filter(table -> Boolean.TRUE.equals(
                        jdbc.queryForObject("select to_regclass(?) is not null", Boolean.class, table)))
                .toList();
        if (!live.isEmpty()) {
            jdbc.execute("lock table " + String.join(", ", live) + " in access exclusive mode");
        }
        for (Table table : TABLES) {
            jdbc.execute("drop table if exists " + table.live());
            jdbc.execute("alter table " + table.shadow() + " set schema ledger");
        }
        jdbc.execute("drop schema " + SCHEMA + " cascade");
    }
}
