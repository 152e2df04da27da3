package io.hourledger.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;

/**
 * PostgreSQL's own count of the rows that were read and written in a table. A session tells what it has counted at most once a second, and
 * when it ends.
 *
 * @param scans how often the table or one of its indexes was scanned
 * @param rowsRead rows that scans of the table went through, and rows that scans of its indexes fetched
 * @param rowsWritten rows inserted, updated and deleted
 */
public record TableCounts(long scans, long rowsRead, long rowsWritten) {

    private static final TableCounts NONE = new TableCounts(0, 0, 0);

    private static final String COUNTS =
            """
            select schemaname || '.' || relname, seq_scan + coalesce(idx_scan, 0), seq_tup_read + coalesce(idx_tup_fetch, 0),
                   n_tup_ins + n_tup_upd + n_tup_del
              from pg_stat_user_tables""";

    /** The counts of all tables of a database, by schema and name. */
    public static Map<String, TableCounts> of(DataSource database) {
        try (Connection connection = database.getConnection();
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(COUNTS)) {
            Map<String, TableCounts> counts = new TreeMap<>();
            while (row.next()) {
                counts.put(row.getString(1), new TableCounts(row.getLong(2), row.getLong(3), row.getLong(4)));
            }
            return counts;
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL does not say what was read in its tables", e);
        }
    }

    /** The counts of one table, by schema and name; zeros if there is none. */
    public static TableCounts of(DataSource database, String table) {
        return of(database).getOrDefault(table, NONE);
    }

    /** What was counted since then. */
    public TableCounts since(TableCounts then) {
        return new TableCounts(scans - then.scans, rowsRead - then.rowsRead, rowsWritten - then.rowsWritten);
    }
}
