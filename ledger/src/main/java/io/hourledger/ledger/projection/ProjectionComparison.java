package io.hourledger.ledger.projection;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;

/** Compares the live projections with the shadow tables of a replay. The caller keeps both still meanwhile. */
final class ProjectionComparison {

    static final int MOST_DIFFERENCES = 100;

    private final JdbcTemplate jdbc;

    ProjectionComparison(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** The rows that differ, for a person: at most {@value #MOST_DIFFERENCES}. */
    List<String> differences() {
        List<String> differences = new ArrayList<>();
        ShadowTables.TABLES.forEach(table -> differences.addAll(differences(table)));
        return List.copyOf(differences.subList(0, Math.min(differences.size(), MOST_DIFFERENCES)));
    }

    /**
     * Rows of one key are compared as the bytes that are kept. A live row that is there twice meets its equal twice; then the live table has more
     * rows than the one made anew, whose key is unique.
     */
    private List<String> differences(ShadowTables.Table table) {
        String there = "select to_regclass(?) is not null";
        if (Boolean.FALSE.equals(jdbc.queryForObject(there, Boolean.class, table.live()))) {
            return List.of(table.name() + ": the live projection is not there");
        }
        if (!columns(table.live()).equals(columns(table.shadow()))) {
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
                        .formatted(table.live(), table.shadow(), table.key(), MOST_DIFFERENCES, table.name()),
                String.class));
        if (differences.isEmpty() && rows(table.live()) != rows(table.shadow())) {
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
}
