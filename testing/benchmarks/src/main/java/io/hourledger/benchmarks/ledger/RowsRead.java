package io.hourledger.benchmarks.ledger;

import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.embedded.TableCounts;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How many rows the services read in a table for each row they wrote there, as PostgreSQL counts them. A loop that scans shows here, however fast the
 * machine is.
 *
 * @param tables by schema and name
 */
record RowsRead(Map<String, TableCounts> tables) {

    /** The figure of the ledger's events. */
    static final String PER_EVENT = "rows_read_per_event";

    /** The figure of the pusher's queue. */
    static final String PER_QUEUED_RECORD = "rows_read_per_queued_record";

    private static final Map<String, String> FIGURES =
            Map.of("ledger.event", PER_EVENT, "pusher.work", PER_QUEUED_RECORD);

    /** Small tables have few rows and are read often. */
    private static final long LEAST_WRITTEN = 1000;

    private static final Duration END_LIMIT = Duration.ofSeconds(30);
    private static final List<String> ALSO_READ = List.of("aggregator.hour_cutoff", "aggregator.partition_position");

    /** A session says what it has read when it ends, so the services must have ended. */
    static RowsRead since(Map<String, TableCounts> before, EmbeddedDatabase server, String database) {
        JdbcTemplate sql = new JdbcTemplate(server.dataSource(database));
        long until = System.nanoTime() + END_LIMIT.toNanos();
        while (System.nanoTime() < until
                && !Boolean.TRUE.equals(sql.queryForObject(
                        """
                select not exists (
                    select 1 from pg_stat_activity
                     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend')""",
                        Boolean.class))) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        TableCounts none = new TableCounts(0, 0, 0);
        Map<String, TableCounts> tables = new TreeMap<>();
        TableCounts.of(server.dataSource(database))
                .forEach((table, counts) -> tables.put(table, counts.since(before.getOrDefault(table, none))));
        return new RowsRead(tables);
    }

    void addTo(Map<String, Object> result) {
        Map<String, Double> perRow = new LinkedHashMap<>();
        Map<String, Long> read = new LinkedHashMap<>();
        tables.forEach((table, counts) -> {
            if (counts.rowsWritten() >= LEAST_WRITTEN) {
                perRow.put(table, rounded(counts));
            } else if (ALSO_READ.contains(table)) {
                read.put(table, counts.rowsRead());
            }
        });
        FIGURES.forEach((table, figure) -> {
            TableCounts counts = tables.get(table);
            if (counts != null && counts.rowsWritten() > 0) {
                result.put(figure, rounded(counts));
            }
        });
        result.put("rows_read_per_row_written", perRow);
        result.put("rows_read_of_small_tables", read);
    }

    private static double rounded(TableCounts counts) {
        return Math.round(100.0 * counts.rowsRead() / counts.rowsWritten()) / 100.0;
    }
}
